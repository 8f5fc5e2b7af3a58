"""From one sound to another without a click."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


class Crossfade:
    """`share` of the second sound is heard: 0 or 1, and a frame's time from one to the other."""

    def __init__(self, share: float) -> None:
        self.share = share

    def mix(self, first: Samples, second: Samples, share: float) -> Samples:
        """Return the first (`share` 0) or the second (1), or the way between them."""
        if share == self.share:
            return second if share else first
        fade = np.linspace(self.share, share, len(first), dtype=np.float32)
        self.share = share
        mixed: Samples = (second * fade + first * (1 - fade)).astype(np.int16)
        return mixed
