"""Starts the observer beside the card and collects what it saw."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.bench.audio.card_observer import EVERY, RATE
from tests.peers.jack_card import ROOT, JackCard

_WRITING_S = 60.0


@contextmanager
def observed(card: JackCard, result: Path, speech: Path | None = None) -> Iterator[None]:
    """While it lasts, an observer hears the card and speaks bursts, or `speech`, into it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.audio.card_observer", str(result), *_text(speech)],
        cwd=ROOT, env={**os.environ, **card.environment}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
        process.communicate(timeout=_WRITING_S)
    finally:
        process.kill()
        process.wait()


class Seen:
    """What the observer wrote: the sound of the speaker with the time of each sample."""

    def __init__(self, result: Path) -> None:
        data = np.load(result)
        self.heard: npt.NDArray[np.float32] = data["heard"]
        starts = data["block_times"]
        period = len(self.heard) // len(starts)
        self.times: npt.NDArray[np.float64] = (starts[:, None] + np.arange(period) / RATE).ravel()
        self.said_at: list[tuple[int, float]] = [
            (n * EVERY, at) for n, at in enumerate(data["said_at"].tolist())
        ]
        """Places in what the microphone got, in samples, and when each passed the card."""
        self.xruns = int(data["xruns"])

    def since(self, moment: float) -> npt.NDArray[np.float32]:
        """The sound from `moment` (monotonic seconds) on."""
        return self.heard[int(np.searchsorted(self.times, moment)) :]

    def stalled_s(self, moment: float) -> float:
        """How much time the card itself has lost since `moment`: then the machine was measured."""
        times = self.times[int(np.searchsorted(self.times, moment)) :]
        return float(times[-1] - times[0]) - (len(times) - 1) / RATE if len(times) else 0.0


def _text(path: Path | None) -> list[str]:
    return [] if path is None else [str(path)]
