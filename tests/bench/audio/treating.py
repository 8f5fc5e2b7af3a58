"""Sound through the voice's processing, frame by frame as in a call; figures of several seeds as one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable

import numpy as np

from softphone.engine.audio.processing import Treatment, VoiceProcessor
from softphone.engine.audio.strong_noise import Readiness, StrongNoise
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.engine.audio.voices import RATE, Sound
from tests.peers.waiting import wait_for

OFF = Treatment(echo=False, noise=False, gain=False)
ECHO = Treatment(echo=True, noise=False, gain=False)
NOISE = Treatment(echo=False, noise=True, gain=False)
STRONG = Treatment(echo=False, noise=True, gain=False, strong=True)
ECHO_AND_NOISE = Treatment(echo=True, noise=True, gain=False)
ALL = Treatment(echo=True, noise=True, gain=True)
ALL_STRONG = Treatment(echo=True, noise=True, gain=True, strong=True)


def treated(treatment: Treatment, near: Sound, far: Sound | None = None) -> tuple[Sound, float]:
    """Return what is left of `near`, and the processor time in µs for 10 ms of the median frame."""
    strong = _loaded() if treatment.strong else None
    processor, made = VoiceProcessor(treatment, strong), []
    if not treatment.any:
        return as_samples(near).astype(np.float64), 0.0  # as `VoicePath` does
    frames = zip(in_frames(near), in_frames(np.zeros_like(near) if far is None else far), strict=True)
    spent = []
    for heard, loud in frames:
        begin = time.thread_time()
        made.append(processor.process(heard, loud))
        spent.append(time.thread_time() - begin)
    return np.concatenate(made).astype(np.float64), statistics.median(spent) / 2 * 1e6


def _loaded() -> StrongNoise:
    """A fresh network for each sound: it remembers."""
    strong = StrongNoise(clock=lambda: 0.0)  # the neighbours must not switch it off
    strong.want(True)
    wait_for(lambda: strong.readiness is not Readiness.LOADING, "the network", timeout_s=60)
    if strong.readiness is not Readiness.READY:
        raise RuntimeError("the strong noise suppression cannot be loaded")
    return strong


def as_samples(sound: Sound) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.clip(sound, -32768, 32767).astype(np.int16)


def in_frames(sound: Sound) -> list[np.ndarray[tuple[int], np.dtype[np.int16]]]:
    samples = as_samples(sound)
    return [
        samples[at : at + FRAME_SAMPLES] for at in range(0, len(samples) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    ]


def power_db(sound: Sound, start_s: float, end_s: float) -> float:
    part = sound[round(start_s * RATE) : round(end_s * RATE)]
    return float(10 * np.log10(np.mean(part**2) + 1e-6))


def told(values: Iterable[float], digits: int = 1) -> dict[str, float]:
    """The mean over the seeds, how far they lie apart, and the least."""
    seen = list(values)
    return {
        "mean": round(statistics.fmean(seen), digits),
        "spread": round(max(seen) - min(seen), digits),
        "least": round(min(seen), digits),
    }
