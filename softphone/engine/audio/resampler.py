"""Resampling at a ratio that may change from one frame to the next: windowed sinc from a table of phases.

soxr's variable-rate mode holds back 12 to 15 ms (measured) and its fixed-rate modes deliver in bursts; this
delays by half its kernel, under a millisecond, and serves rate conversion and drift correction in one pass.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_KERNEL_TAPS = 24
_KAISER_BETA = 7.0
_PASSBAND = 0.92
_PHASES_PER_SECOND = 32_000_000
"""Finer than 1/32 µs the phase error of a 4 kHz tone lies below -70 dB."""


class Resampler:
    """Turns `in_hz` into `out_hz` times a correction close to 1, one frame after the other."""

    def __init__(self, in_hz: int, out_hz: int) -> None:
        self._ratio = in_hz / out_hz
        cutoff = _PASSBAND * min(1.0, out_hz / in_hz)
        self._taps = 2 * math.ceil(_KERNEL_TAPS / 2 * max(1.0, in_hz / out_hz))
        self._phase_bits = max(6, math.ceil(math.log2(_PHASES_PER_SECOND / in_hz)))
        self._phases = 1 << self._phase_bits
        self._table = _phase_table(self._taps, self._phases, cutoff)
        self._held: Floats = np.zeros(self._taps, np.float32)
        self._position = 0.0

    @property
    def delay(self) -> float:
        """Input samples by which the output lags."""
        return self._taps / 2

    def needed(self, outputs: int, correction: float) -> int:
        """Input samples that `produce` will ask for to make `outputs` samples now."""
        last = self._position + (outputs - 1) * self._ratio * correction
        return max(0, int(last) + self._taps - len(self._held))

    def produce(self, fresh: Floats, outputs: int, correction: float) -> Floats:
        """Return `outputs` samples from what is held and `fresh`, exactly `needed` samples long."""
        line = np.concatenate((self._held, fresh))
        step = self._ratio * correction
        at = np.arange(outputs) * (step * self._phases) + self._position * self._phases
        places = at.astype(np.int64)
        whole, phase = places >> self._phase_bits, places & (self._phases - 1)
        rows = max(0, len(line) - self._taps + 1)
        windows = np.ndarray((rows, self._taps), np.float32, line, strides=(4, 4))
        made: Floats = np.einsum("ij,ij->i", windows.take(whole, 0), self._table.take(phase, 0))
        self._keep(line, self._position + outputs * step)
        return made

    def consume(self, fresh: Floats, correction: float) -> Floats:
        """Return as many samples as `fresh` yields."""
        step = self._ratio * correction
        usable = len(self._held) + len(fresh) - self._taps - self._position
        return self.produce(fresh, max(0, int(usable / step) + 1) if usable >= 0 else 0, correction)

    def forget(self) -> None:
        """Hold silence instead of the last samples."""
        self._held = np.zeros_like(self._held)

    def _keep(self, line: Floats, position: float) -> None:
        drop = min(int(position), len(line))
        self._held = line[drop:]
        self._position = position - drop


def _phase_table(taps: int, phases: int, cutoff: float) -> Floats:
    centre = taps / 2 - 1
    offsets = np.arange(taps)[None, :] - centre - (np.arange(phases)[:, None] / phases)
    reach = taps / 2
    inside = np.clip(1 - (offsets / reach) ** 2, 0, None)
    window = np.i0(_KAISER_BETA * np.sqrt(inside)) / np.i0(_KAISER_BETA)
    kernel = cutoff * np.sinc(cutoff * offsets) * window
    kernel /= kernel.sum(axis=1, keepdims=True)
    return kernel.astype(np.float32)
