"""How full the note is, said before anything is lost."""

from __future__ import annotations

from softphone.domain.text import NOTE_LIMIT
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone

WARN_FROM = NOTE_LIMIT - 2_000


def note_room(wording: Wording, used: int, left_out: int) -> tuple[str, Tone]:
    """What to say about a note of `used` characters, of which `left_out` more found no room; empty mostly."""
    if left_out:
        text = wording.words.n(
            "The note is full: {count} character was left out.",
            "The note is full: {count} characters were left out.",
            left_out,
        )
        return text, Tone.DANGER
    if used >= WARN_FROM:
        left = NOTE_LIMIT - used
        return wording.words.n("Room for {count} more character", "Room for {count} more characters", left), (
            Tone.WARNING
        )
    return "", Tone.NEUTRAL
