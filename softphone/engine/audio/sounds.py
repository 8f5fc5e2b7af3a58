"""Makes the players of ringing and tones at the rate of the device that plays them."""

from __future__ import annotations

from pathlib import Path

import structlog

from softphone.domain.errors import BadInput
from softphone.engine.audio.players import Player
from softphone.engine.audio.terms import Tone
from softphone.engine.audio.tones import RINGING, TONES, synthesise
from softphone.engine.audio.wav import Floats, read_wav

_log = structlog.get_logger(__name__)

_LONGEST_RINGTONE_S = 60


def ringing_player(ringtone: str, rate: int, gain_db: float) -> Player:
    """Return a player of the WAV file `ringtone`, or of the built-in ringing if it is empty or unusable."""
    return Player(_ringtone(ringtone, rate), loop=True, gain_db=gain_db)


def tone_player(tone: Tone, rate: int, gain_db: float) -> Player:
    melody = TONES[tone]
    return Player(synthesise(melody, rate), melody.loop, gain_db)


def _ringtone(ringtone: str, rate: int) -> Floats:
    if ringtone:
        try:
            clip = read_wav(Path(ringtone), rate)[: rate * _LONGEST_RINGTONE_S]
            if len(clip):
                return clip
        except BadInput as exc:
            _log.warning("ringtone_unusable", detail=exc.detail)
    return synthesise(RINGING, rate)
