"""Makes the sound host that a card's name asks for."""

from __future__ import annotations

from softphone.engine.audio.file_card import FileHost, parse_spec
from softphone.engine.audio.null_card import NullHost
from softphone.engine.audio.portaudio import PortAudioHost
from softphone.engine.audio.ports import SoundHost
from softphone.engine.audio.watch import default_watch
from softphone.engine.audio.wish import NULL_CARD


def make_host(card: str) -> SoundHost:
    """Return the host of `card`: `null`, `file:…`, or the computer's own devices for an empty name."""
    if card == NULL_CARD:
        return NullHost()
    spec = parse_spec(card)
    return FileHost(spec) if spec is not None else PortAudioHost(default_watch())
