"""How near what was heard is to what was said: PESQ and STOI, after bringing the two together in time."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests import tones
from tests.peers.rtp_tone import RATE_HZ

_BEFORE_S = 0.1
_AFTER_S = 0.6


@dataclass(frozen=True, slots=True)
class Score:
    """`pesq`: MOS-LQO, narrowband (ITU-T P.862), 1.0 to 4.55; `stoi`: share of what is understood, 0 to 1."""

    pesq: float
    stoi: float


def judge(said: tones.Samples, sound: tones.Samples) -> Score:
    """Score `sound`, which holds all of `said` and something before and after, both at 8 kHz."""
    # installed by `installer/bootstrap.py bench`; PESQ needs a compiler, so neither is needed by the tests
    import pesq
    from pystoi import stoi

    start = offset(said, sound)
    around = sound[max(0, start - round(_BEFORE_S * RATE_HZ)) : start + len(said) + round(_AFTER_S * RATE_HZ)]
    peak = float(np.abs(around).max()) or 1.0
    scaled = (around / peak * float(np.abs(said).max())).astype(np.float32)
    aligned = np.zeros(len(said))
    part = sound[start : start + len(said)]
    aligned[: len(part)] = part
    return Score(
        float(pesq.pesq(RATE_HZ, said.astype(np.float32), scaled, "nb")),
        float(stoi(said, aligned, RATE_HZ)),
    )


def offset(said: tones.Samples, sound: tones.Samples) -> int:
    """Where in `sound` most of `said` begins, in samples: the peak of their cross-correlation."""
    size = 1 << (len(said) + len(sound) - 1).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(said, size))
    likeness = np.fft.irfft(spectrum, size)[: len(sound)]
    return int(np.argmax(likeness))


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """Means, spreads (largest less smallest) and the values themselves."""
    report: dict[str, Any] = {}
    for name, digits in (("pesq", 2), ("stoi", 3)):
        values = [getattr(score, name) for score in scores]
        report[name] = {
            "mean": round(statistics.fmean(values), digits),
            "spread": round(max(values) - min(values), digits),
            "scores": [round(value, digits) for value in values],
        }
    return report
