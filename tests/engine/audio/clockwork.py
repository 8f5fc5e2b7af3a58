"""Two clocks that do not agree, in simulated time: PJSIP's tick every 20 ms and a device's blocks."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.lines import MicrophoneLine, SpeakerLine
from softphone.engine.audio.ports import Shape
from softphone.engine.audio.terms import BRIDGE_HZ, FRAME_SAMPLES

Floats = npt.NDArray[np.float32]

TONE_HZ = 440.0
AMPLITUDE = 8000.0


@dataclass
class SimulatedTime:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Sine:
    """A tone that goes on from block to block."""

    def __init__(self, rate: float, hertz: float = TONE_HZ) -> None:
        self._step = hertz / rate
        self._phase = 0.0

    def next(self, count: int) -> Floats:
        phases = self._phase + self._step * np.arange(count)
        self._phase = (self._phase + self._step * count) % 1.0
        sound: Floats = (AMPLITUDE * np.sin(2 * np.pi * phases)).astype(np.float32)
        return sound


@dataclass
class Disturbance:
    """What happens to the timing: lateness in seconds of each tick and callback, and pauses by time."""

    jitter_s: float = 0.002
    stalls: tuple[tuple[float, float], ...] = ()
    seed: int = 1


@dataclass
class Outcome:
    """The samples that came out, and the slack seen once a second."""

    sound: npt.NDArray[np.float32]
    slack_ms: list[float]


def run(
    seconds: float, device_ppm: float, shape: Shape, tick: Callable[[], None], callback: Callable[[], None],
    time: SimulatedTime, disturbance: Disturbance, each_second: Callable[[], None],
) -> None:  # fmt: skip
    """Call `tick` and `callback` in the order in which two real clocks would, each a little late."""
    chance = random.Random(disturbance.seed)
    block_s = shape.block / shape.rate / (1 + device_ppm * 1e-6)
    tick_due, block_due, second = 0.0137, 0.0, 1.0
    while time.now < seconds:
        late = chance.random() * disturbance.jitter_s
        stall = sum(length for at, length in disturbance.stalls if at <= tick_due < at + length)
        if tick_due + stall <= block_due:
            time.now = max(time.now, tick_due + late + stall)
            tick()
            tick_due += 0.02
        else:
            time.now = max(time.now, block_due + late)
            callback()
            block_due += block_s
        if time.now >= second:
            each_second()
            second += 1.0


def capture(seconds: float, device_ppm: float, shape: Shape, disturbance: Disturbance) -> Outcome:
    """A tone into a microphone line; returns what the bridge got."""
    time = SimulatedTime()
    line = MicrophoneLine(shape, time)
    sine, frames, slack = Sine(shape.rate), list[Floats](), list[float]()

    def callback() -> None:
        mono = sine.next(shape.block).astype(np.int16)
        line.take(np.repeat(mono, shape.channels).data.cast("B"))

    def tick() -> None:
        frames.append(line.read_frame())

    run(seconds, device_ppm, shape, tick, callback, time, disturbance, lambda: slack.append(line.delay_ms))
    return Outcome(np.concatenate(frames), slack)


def playback(seconds: float, device_ppm: float, shape: Shape, disturbance: Disturbance) -> Outcome:
    """A tone into a speaker line; returns what the device got, its first channel."""
    time = SimulatedTime()
    line = SpeakerLine(shape, time)
    sine, blocks, slack = Sine(BRIDGE_HZ), list[npt.NDArray[np.int16]](), list[float]()

    def callback() -> None:
        block = np.empty(shape.block * shape.channels, np.int16)
        line.give(block.data.cast("B"))
        blocks.append(block[:: shape.channels])

    def tick() -> None:
        line.write_frame(sine.next(FRAME_SAMPLES))

    run(seconds, device_ppm, shape, tick, callback, time, disturbance, lambda: slack.append(line.delay_ms))
    return Outcome(np.concatenate(blocks).astype(np.float32), slack)


def glitches(sound: npt.NDArray[np.float32], rate: int, hertz: float = TONE_HZ) -> int:
    """Count samples that do not continue a pure tone: x[n+1] = 2·cos(w)·x[n] - x[n-1] up to 5 % of it."""
    wave = sound.astype(np.float64)
    left_over = wave[2:] - 2 * np.cos(2 * np.pi * hertz / rate) * wave[1:-1] + wave[:-2]
    return int((np.abs(left_over) > AMPLITUDE * 0.05).sum())
