"""Did one side hear what the other said? Judged from recordings, by loudness and by its course in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.sound import RATE_HZ
from softphone.domain.facts import dataclass

_STEP_S = 0.02
_FLOOR_DBFS = -60.0
HEARD_DBFS = -45.0
ALIKE = 0.75
"""Measured: 0.86 and more for the same words through the whole softphone, 0.71 at most for other words."""
_PIECE = 40
"""Steps, 0.8 s."""
_EARLY, _LATE = 6, 10
_LEAST_SPREAD = 100.0
"""Below it the loudness hardly changes and likeness means nothing."""

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hearing:
    """`level_dbfs` of the loudest tenth of the time; `likeness` 0 to 1 to what was said."""

    level_dbfs: float
    likeness: float
    seconds: float

    @property
    def heard(self) -> bool:
        return self.level_dbfs > HEARD_DBFS and self.likeness > ALIKE


def judge(recording: Samples, said: Samples, rate_hz: int = RATE_HZ) -> Hearing:
    """Compare a recording with a clip that was said over and over.

    The course of loudness survives codecs, jitter, gain and noise suppression; the waveform does not.
    """
    heard, wanted = _loudness(recording, rate_hz), _loudness(said, RATE_HZ)
    level = float(np.percentile(heard, 95)) if len(heard) else -96.0
    return Hearing(round(level, 1), round(_likeness(heard, wanted), 2), round(len(recording) / rate_hz, 2))


def _loudness(samples: Samples, rate_hz: int) -> Curve:
    """Decibels of every 20 ms, nothing below the floor."""
    step = int(rate_hz * _STEP_S)
    whole = samples[: len(samples) // step * step].astype(np.float64).reshape(-1, step)
    power = np.mean((whole / 32_768) ** 2, axis=1) + 1e-12
    curve: Curve = np.maximum(10 * np.log10(power), _FLOOR_DBFS)
    return curve


def _likeness(heard: Curve, wanted: Curve) -> float:
    """How well the pieces of what was said are found, one after the other, in what was heard.

    Pieces, because a busy computer loses a few frames now and then: each may come a little early or late.
    """
    pieces = [wanted[at : at + _PIECE] for at in range(0, len(wanted) - _PIECE + 1, _PIECE)]
    if not pieces or len(heard) < len(pieces) * _PIECE:
        return 0.0
    best = _correlations(heard, pieces[0])
    for piece in pieces[1:]:
        before = np.full(len(best), -1.0)
        for slip in range(-_EARLY, _LATE + 1):
            moved = np.full(len(best), -1.0)
            moved[_PIECE + slip :] = best[: len(best) - _PIECE - slip]
            before = np.maximum(before, moved)
        best = before + _correlations(heard, piece)
    return max(0.0, float(best.max())) / len(pieces)


def _correlations(heard: Curve, piece: Curve) -> Curve:
    """Correlation of `piece` with what was heard from each moment on."""
    windows = np.lib.stride_tricks.sliding_window_view(heard, len(piece))
    deviations = windows - windows.mean(axis=1, keepdims=True)
    wanted = piece - piece.mean()
    spread = np.sqrt((deviations**2).sum(axis=1) * (wanted**2).sum())
    found: Curve = np.where(spread > _LEAST_SPREAD, deviations @ wanted / np.maximum(spread, 1e-9), 0.0)
    return found
