"""Tones and the built-in ringing, synthesised at whatever rate the device has: no sound file to lose.

Cadences follow ITU-T E.180 (425 Hz, European cadences); levels stay well below speech.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from softphone.domain.facts import dataclass
from softphone.engine.audio.terms import Tone

Floats = npt.NDArray[np.float32]

_FULL_SCALE = 32768.0
_EDGE_S = 0.006


@dataclass(frozen=True, slots=True)
class _Note:
    seconds: float
    hertz: tuple[float, ...] = ()
    dbfs: float = -18.0
    decay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Melody:
    """Notes one after the other, once or for ever."""

    notes: tuple[_Note, ...]
    loop: bool


_E180 = (425.0,)
TONES: dict[Tone, Melody] = {
    Tone.RINGBACK: Melody((_Note(1.0, _E180), _Note(4.0)), loop=True),
    Tone.BUSY: Melody((_Note(0.48, _E180), _Note(0.48)), loop=True),
    Tone.CONGESTION: Melody((_Note(0.24, _E180), _Note(0.24)), loop=True),
    Tone.CALL_WAITING: Melody(
        (_Note(0.2, _E180, -26), _Note(0.2), _Note(0.2, _E180, -26), _Note(7.4)), loop=True
    ),
    Tone.CONFIRM: Melody((_Note(0.09, (660.0,), -24), _Note(0.14, (990.0,), -24)), loop=False),
    Tone.ATTENTION: Melody(
        (_Note(0.16, (880.0,), -18), _Note(0.06), _Note(0.16, (880.0,), -18), _Note(0.3, (660.0,), -18)),
        loop=False,
    ),
}
RINGING = Melody(
    (
        _Note(0.18, (659.26, 1318.5), -12, 0.25),
        _Note(0.18, (830.61, 1661.2), -12, 0.25),
        _Note(0.18, (987.77, 1975.5), -12, 0.25),
        _Note(0.55, (1318.5, 2637.0), -12, 0.35),
        _Note(0.18, (659.26, 1318.5), -12, 0.25),
        _Note(0.18, (830.61, 1661.2), -12, 0.25),
        _Note(0.18, (987.77, 1975.5), -12, 0.25),
        _Note(0.55, (1318.5, 2637.0), -12, 0.35),
        _Note(1.8),
    ),
    loop=True,
)


def synthesise(melody: Melody, rate: int) -> Floats:
    """Return the melody once through as int16-scaled floats."""
    return np.concatenate([_sound(note, rate) for note in melody.notes])


def _sound(note: _Note, rate: int) -> Floats:
    count = round(note.seconds * rate)
    if not note.hertz:
        return np.zeros(count, np.float32)
    time = np.arange(count) / rate
    amplitude = _FULL_SCALE * 10 ** (note.dbfs / 20) / len(note.hertz)
    sound = sum(np.sin(2 * np.pi * hertz * time) for hertz in note.hertz) * amplitude
    if note.decay_s:
        sound = sound * np.exp(-time / note.decay_s)
    edge = min(int(_EDGE_S * rate), count // 2)
    envelope = np.ones(count)
    envelope[:edge] = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    envelope[count - edge :] = envelope[:edge][::-1]
    shaped: Floats = (sound * envelope).astype(np.float32)
    return shaped
