"""What the processing takes away and what it costs: `python -m tests.bench.audio.treatment`. Prints JSON.

Echo: how much softer the caller's echo becomes (ERLE) in the first two seconds and settled, by the delay of
the card. Noise: how much the noise sinks in pauses and how the ratio of speech to noise rises. Cost: CPU time
per 10 ms of sound. Speech and noises are synthesised (tests.engine.audio.voices).
"""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np

from softphone.engine.audio.processing import Treatment, VoiceProcessor
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.engine.audio.voices import RATE, Sound, babble, dog, keyboard, room, speech, vacuum

ECHO = Treatment(echo=True, noise=True, gain=False)
NOISE = Treatment(echo=False, noise=True, gain=False)
ALL = Treatment(echo=True, noise=True, gain=True)
NOISES = {"vacuum": vacuum, "babble": babble, "keyboard": keyboard, "dog": dog}


def treated(treatment: Treatment, near: Sound, far: Sound) -> tuple[Sound, float]:
    """Return what is left of `near`, and the CPU time in µs for each 10 ms."""
    processor, made = VoiceProcessor(treatment), []
    near_samples, far_samples = (np.clip(sound, -32768, 32767).astype(np.int16) for sound in (near, far))
    begin = time.thread_time()
    for at in range(0, len(near) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        frame = slice(at, at + FRAME_SAMPLES)
        made.append(processor.process(near_samples[frame], far_samples[frame]))
    spent = time.thread_time() - begin
    return np.concatenate(made).astype(np.float64), spent / len(made) / 2 * 1e6


def power_db(sound: Sound, start_s: float, end_s: float) -> float:
    part = sound[round(start_s * RATE) : round(end_s * RATE)]
    return float(10 * np.log10(np.mean(part**2) + 1e-6))


def echo(delay_ms: float) -> dict[str, float]:
    far = speech(20, seed=1)
    heard = room(far, delay_ms, loss_db=10)
    left, _ = treated(ECHO, heard, far)
    return {
        "first_2_s_db": round(power_db(heard, 0, 2) - power_db(left, 0, 2), 1),
        "settled_db": round(power_db(heard, 10, 20) - power_db(left, 10, 20), 1),
    }


def noise(kind: str) -> dict[str, float]:
    """Speech from second 4 on; the seconds before are noise alone."""
    sound, voice = NOISES[kind](12, seed=3), speech(12, seed=9)
    voice[: 4 * RATE] = 0
    left, _ = treated(NOISE, sound + voice, np.zeros_like(sound))
    before = power_db(voice, 4, 12) - power_db(sound, 4, 12)
    sinks = power_db(sound, 2, 4) - power_db(left, 2, 4)
    voice_sinks = power_db(sound + voice, 4, 12) - power_db(left, 4, 12)
    return {
        "speech_to_noise_before_db": round(before, 1),
        "noise_sinks_by_db": round(sinks, 1),
        "ratio_gains_db": round(sinks - max(0.0, voice_sinks), 1),
    }


def main() -> int:
    far, near = speech(10, seed=1), speech(10, seed=2)
    costs = {name: treated(t, near, far)[1] for name, t in (("noise", NOISE), ("echo", ECHO), ("all", ALL))}
    report: dict[str, Any] = {
        "echo_by_delay_ms": {str(delay): echo(delay) for delay in (30, 60, 110, 200)},
        "noise": {kind: noise(kind) for kind in NOISES},
        "cpu_us_per_10_ms": {name: round(cost) for name, cost in costs.items()},
    }
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
