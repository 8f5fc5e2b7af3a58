"""How late speech comes out, where bursts will not do: noise suppression takes a tone for noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tests import tones

_PIECE_S = 0.5
_LATEST_S = 0.25
_QUIET = 0.2
_ALIKE = 0.5
"""Below this share of the loudest piece nothing was said; below this likeness a piece is not recognised."""


def delays(
    said: tones.Samples,
    begun: Sequence[tuple[int, float]],
    arrived: Sequence[tuple[float, tones.Samples]],
    rate: int,
) -> list[float]:
    """Seconds from the card until the packet came that carries the beginning of each piece of speech.

    `begun` are places in `said` (which repeats) with the time at which they passed the card; `arrived` are
    packets of equal length with the time at which they came. Silent and unrecognised pieces are left out.
    """
    times = np.array([at for at, _ in arrived])
    sound = np.concatenate([samples for _, samples in arrived])
    length = len(arrived[0][1])
    pieces = [np.take(said, range(place, place + round(_PIECE_S * rate)), mode="wrap") for place, _ in begun]
    loud = [float(np.sqrt(np.mean(piece**2))) for piece in pieces]
    found = []
    for (_, at), piece, level in zip(begun, pieces, loud, strict=True):
        first = int(np.searchsorted(times, at)) * length
        heard = sound[first : first + len(piece) + round(_LATEST_S * rate)]
        if level < _QUIET * max(loud) or len(heard) < len(piece) + round(_LATEST_S * rate):
            continue
        lag, likeness = _best(piece, heard)
        if likeness > _ALIKE:
            found.append(float(times[(first + lag) // length] - at))
    return found


def _best(piece: tones.Samples, heard: npt.NDArray[np.floating]) -> tuple[int, float]:
    """Where in `heard` the piece begins, in samples, and how alike the two are there (0 to 1)."""
    cross = np.correlate(heard, piece, "valid")
    energy = np.convolve(heard**2, np.ones(len(piece)), "valid")
    likeness = cross / np.sqrt(np.maximum(energy * np.sum(piece**2), 1e-12))
    best = int(np.argmax(likeness))
    return best, float(likeness[best])
