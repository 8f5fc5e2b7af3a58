"""Short bursts of a tone in silence, and when each began on the other side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]

HERTZ = 1000.0
SECONDS = 0.03
LEVEL = 0.3
_THRESHOLD = 0.06
_LATEST_S = 0.45


def burst(rate: int) -> Samples:
    """One burst of full scale 1; its very first samples are already loud."""
    time = np.arange(round(SECONDS * rate)) / rate
    return LEVEL * np.cos(2 * np.pi * HERTZ * time)


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds over all bursts that arrived, and how many did not."""

    median_ms: float
    p95_ms: float
    lost: int
    count: int


def summarise(delays_s: Sequence[float], sent: int) -> Delays:
    if not delays_s:
        return Delays(float("nan"), float("nan"), sent, sent)
    milliseconds = np.array(delays_s) * 1000
    return Delays(
        round(float(np.median(milliseconds)), 1),
        round(float(np.percentile(milliseconds, 95)), 1),
        sent - len(delays_s),
        sent,
    )


def arrivals(
    sent_at: Sequence[float], sound: npt.NDArray[np.floating], times: npt.NDArray[np.float64]
) -> list[float]:
    """Delay of each burst sent at `sent_at` (seconds) until `sound`, heard at `times`, is first loud."""
    loud = times[np.abs(sound) > _THRESHOLD]
    delays = []
    for at in sent_at:
        after = loud[(loud > at) & (loud < at + _LATEST_S)]
        if len(after):
            delays.append(float(after[0] - at))
    return delays
