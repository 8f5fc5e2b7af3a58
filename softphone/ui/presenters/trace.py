"""How writing a trace went."""

from __future__ import annotations

from softphone.domain.events import TraceExported
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words


def trace_words(words: Words, event: TraceExported) -> tuple[str, Tone]:
    """What to say, and in which tone."""
    if event.problem:
        return words.t("The trace could not be saved: {problem}", problem=event.problem), Tone.WARNING
    return words.t("The trace is saved. Telephone numbers of customers are in it."), Tone.GOOD
