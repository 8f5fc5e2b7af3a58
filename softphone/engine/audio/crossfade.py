"""From one sound to another without a click."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


class Crossfade:
    """`share` of the second sound is heard: 0 or 1, and a frame's time from one to the other."""

    def __init__(self, share: float) -> None:
        self.share = share
        self._last = 0

    def mix(self, first: Samples, second: Samples, share: float) -> Samples:
        """Return the first (`share` 0) or the second (1), or the way between them."""
        if share == self.share:
            self._last = int(second[-1])
            return second if share else first
        fade = np.linspace(self.share, share, len(first), dtype=np.float32)
        self.share = share
        self._last = int(second[-1])
        mixed: Samples = (second * fade + first * (1 - fade)).astype(np.int16)
        return mixed

    def end(self, first: Samples) -> Samples:
        """Return the first, where the second is there no more: begun where that one ended."""
        if not self.share:
            return first
        self.share = 0.0
        ramp = np.linspace(1, 0, len(first) // 4, dtype=np.float32)
        begun = first.astype(np.float32)
        begun[: len(ramp)] += (self._last - begun[0]) * ramp
        bounded: Samples = np.clip(begun, -32768, 32767).astype(np.int16)
        return bounded
