"""What the session wants from the devices, as one value that the device thread works towards."""

from __future__ import annotations

from dataclasses import field, replace

from softphone.domain.audio import AudioChoice
from softphone.domain.facts import dataclass
from softphone.engine.audio.terms import Tone

NULL_CARD = "null"
_VIRTUAL = ("file:", "file+once:")


@dataclass(frozen=True, slots=True)
class Wish:
    """`looks` counts the wishes for a new look at the devices; `tone_number` tells one tone from the next."""

    choice: AudioChoice = field(default_factory=AudioChoice)
    voice: bool = False
    ringing: bool = False
    ringtone: str = ""
    tone: Tone | None = None
    tone_number: int = 0
    looks: int = 0


def virtual_card(choice: AudioChoice) -> str:
    """Return the card that `choice` names as its microphone if it is no real device, else an empty text."""
    name = choice.microphone.strip()
    if name == NULL_CARD or name.startswith(_VIRTUAL):
        return name
    return ""


def without_names(choice: AudioChoice) -> AudioChoice:
    """Return `choice` for a virtual card, which is a whole card: it serves every role but silenced ones."""
    return replace(
        choice,
        microphone="",
        speaker=_only_silence(choice.speaker),
        ringer=_only_silence(choice.ringer),
        microphone_fallback="",
        speaker_fallback="",
        ringer_fallback="",
        also_ring_on=(),
    )


def _only_silence(name: str) -> str:
    return NULL_CARD if name == NULL_CARD else ""


def only_names(choice: AudioChoice) -> AudioChoice:
    """Return `choice` without what may change while the same devices stay in use."""
    return AudioChoice(
        microphone=choice.microphone, speaker=choice.speaker, ringer=choice.ringer,
        microphone_fallback=choice.microphone_fallback, speaker_fallback=choice.speaker_fallback,
        ringer_fallback=choice.ringer_fallback,
        also_ring_on=choice.also_ring_on,
    )  # fmt: skip
