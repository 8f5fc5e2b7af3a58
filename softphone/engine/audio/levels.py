"""Gain without clicks and peak meters, on float frames of one bridge tick."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FULL_SCALE = 32768.0
SILENCE_DBFS = -96.0
_LOWEST_GAIN_DB = -60.0
_HIGHEST_GAIN_DB = 20.0


def factor(gain_db: float) -> float:
    """Linear gain; -60 dB and below is silence, +20 dB the most."""
    if gain_db <= _LOWEST_GAIN_DB or math.isnan(gain_db):
        return 0.0
    return float(10 ** (min(gain_db, _HIGHEST_GAIN_DB) / 20))


def dbfs(peak: float) -> float:
    """Peak of int16-scaled samples in dB relative to full scale, -96 for silence."""
    if peak < 1.0:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 20 * math.log10(peak / FULL_SCALE))


def bounded(frame: Floats, into: npt.NDArray[np.int16]) -> None:
    """Write `frame` as int16 to `into`; what is too loud is clipped, in `frame` too."""
    np.minimum(frame, 32767, out=frame)
    np.maximum(frame, -32768, out=frame)
    np.copyto(into, frame, casting="unsafe")


class Fader:
    """Applies a gain; a new gain is reached by a ramp over one frame."""

    def __init__(self, gain_db: float = 0.0) -> None:
        self._target = self._current = factor(gain_db)

    def aim(self, gain_db: float) -> None:
        """Any thread: use this gain from the next frame on."""
        self._target = factor(gain_db)

    def apply(self, frame: Floats) -> None:
        """Audio thread: scale `frame` in place."""
        target = self._target
        if target != self._current:
            frame *= np.linspace(self._current, target, len(frame), dtype=np.float32)
            self._current = target
        elif target != 1.0:
            frame *= np.float32(target)


def peak_of(frame: Floats) -> float:
    """Highest absolute sample of a frame that is not empty."""
    return max(float(frame.max()), -float(frame.min()))


class PeakMeter:
    """Highest absolute sample since it was last asked; written by the audio thread, read by another."""

    def __init__(self) -> None:
        self._peak = 0.0

    def feed(self, frame: Floats) -> None:
        self._peak = max(self._peak, peak_of(frame))

    def take_dbfs(self) -> float:
        """Return the peak in dBFS and begin anew."""
        peak, self._peak = self._peak, 0.0
        return dbfs(peak)
