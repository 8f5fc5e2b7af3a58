"""Did one side hear what the other said? Judged from recordings, by loudness and by its course in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.sound import RATE_HZ

_STEP_S = 0.02
_FLOOR_DBFS = -60.0
HEARD_DBFS = -45.0
ALIKE = 0.5
_LEAST_STEPS = 50

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
    """The best correlation of any stretch of what was heard with what was said."""
    length = min(len(wanted), len(heard))
    if length < _LEAST_STEPS:
        return 0.0
    pattern = wanted[:length]
    best = 0.0
    for start in range(len(heard) - length + 1):
        stretch = heard[start : start + length]
        if stretch.std() > 1.0 and pattern.std() > 1.0:
            best = max(best, float(np.corrcoef(stretch, pattern)[0, 1]))
    return best
