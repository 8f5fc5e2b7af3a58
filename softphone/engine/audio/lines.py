"""The two lines between PJSIP's clock and a device's clock: microphone in, speaker out.

Each is a ring with the device callback on one side and PJSIP's audio thread on the other. The callback side
copies bytes into or out of preallocated memory and notes when it did; everything that costs time (rate
conversion, drift correction, channel conversion) happens on PJSIP's thread, which has 20 ms for it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.drift import DriftControl, Margins
from softphone.engine.audio.levels import bounded, peak_of
from softphone.engine.audio.players import Player
from softphone.engine.audio.ports import Shape
from softphone.engine.audio.resampler import Resampler
from softphone.engine.audio.ring import SampleRing
from softphone.engine.audio.terms import BRIDGE_HZ, FRAME_SAMPLES

FRAME_MS = 20.0

_RING_SECONDS = 0.6
_RAMP_MS = 5.0
_RAMP_SAMPLES = 80
"""Where sound stops, starts or is cut, it does so without a click."""

_PAUSE_MS = 250.0
_QUIET = 330.0
"""Peak of a frame, -40 dBFS: the hum of a room. Leaving some of it out goes unnoticed."""

Floats = npt.NDArray[np.float32]
Clock = Callable[[], float]

_RAMP_UP: Floats = np.linspace(0, 1, _RAMP_SAMPLES, dtype=np.float32)
_RAMP_DOWN: Floats = _RAMP_UP[::-1].copy()


class _Line:
    """What both directions share: ring, resampling, drift control and the time of the last callback."""

    def __init__(self, shape: Shape, clock: Clock, in_hz: int, out_hz: int) -> None:
        self.shape = shape
        self.ring = SampleRing(int(shape.rate * _RING_SECONDS), shape.channels)
        self.callbacks = 0
        self.slips = 0
        self.underruns = 0
        self.cuts = 0
        self.drift = DriftControl(Margins(shape.block_ms))
        self._clock = clock
        self._resampler = Resampler(in_hz, out_hz)
        self._last_callback = self._last_tick = clock()
        self._late_ms = 0.0
        self._ms_per_frame = 1000 / shape.rate

    @property
    def last_callback(self) -> float:
        """When the device last called, on the line's clock."""
        return self._last_callback

    @property
    def delay_ms(self) -> float:
        """What this line adds at present: the ring's slack plus half the resampling kernel."""
        return self.drift.slack_ms

    def _was_paused(self) -> bool:
        """The bridge asked for nothing for a while: PJSIP leaves ports alone that nobody listens to."""
        before, self._last_tick = self._last_tick, self._clock()
        self._late_ms = (self._last_tick - before) * 1000 - FRAME_MS
        return self._late_ms > _PAUSE_MS

    def _since_callback_ms(self) -> float:
        passed = (self._clock() - self._last_callback) * 1000
        return min(max(passed, 0.0), self.shape.block_ms)


class MicrophoneLine(_Line):
    """Device → bridge. `take` on the callback thread, `read_frame` on PJSIP's."""

    def __init__(self, shape: Shape, clock: Clock) -> None:
        super().__init__(shape, clock, shape.rate, BRIDGE_HZ)
        self._primed = False
        self._starting = True

    def take(self, data: memoryview, slipped: bool = False) -> None:
        """Callback: keep one block; what does not fit is lost (the reader has stopped)."""
        self._last_callback = self._clock()
        self.callbacks += 1
        self.slips += slipped
        self.ring.write(data)

    def read_frame(self) -> Floats:
        """Return 20 ms at the bridge's rate, silence while there is nothing."""
        if self._was_paused():
            self.ring.skip(self.ring.fill)  # said while muted or on hold: nobody may hear it later
            self._resampler.forget()
            self._primed = False
        if not self._primed and not self._prime():
            return np.zeros(FRAME_SAMPLES, np.float32)
        frame = self._convert()
        if frame is None:
            return self._fade_away()
        if self._starting:
            frame[:_RAMP_SAMPLES] *= _RAMP_UP
            self._starting = False
        return self._track(frame)

    def _prime(self) -> bool:
        need = self._resampler.needed(FRAME_SAMPLES, 1.0) * self._ms_per_frame
        held_ms = self.ring.fill * self._ms_per_frame + self._since_callback_ms()
        excess_ms = held_ms - need - self.drift.aim_ms
        if excess_ms < 0:
            return False
        self.ring.skip(int(excess_ms / self._ms_per_frame))
        self._primed = self._starting = True
        return True

    def _convert(self, samples: int = FRAME_SAMPLES) -> Floats | None:
        correction = 1 + self.drift.correction_ppm * 1e-6
        need = self._resampler.needed(samples, correction)
        if self.ring.fill < need:
            return None
        return self._resampler.produce(self._pull(need), samples, correction)

    def _pull(self, frames: int) -> Floats:
        raw = np.empty(frames * self.shape.channels, np.int16)
        self.ring.pull(raw)
        if self.shape.channels == 1:
            return raw.astype(np.float32)
        mono: Floats = raw.reshape(-1, self.shape.channels).mean(axis=1, dtype=np.float32)
        return mono

    def _fade_away(self) -> Floats:
        self.underruns += 1
        self._primed = False
        self.drift.underran()
        rest = self._pull(self.ring.fill)
        wanted = int(_RAMP_SAMPLES * self.shape.rate / BRIDGE_HZ)
        frame = np.zeros(FRAME_SAMPLES, np.float32)
        if len(rest) >= wanted:
            tail = self._resampler.consume(rest, 1.0)[:_RAMP_SAMPLES]
            frame[: len(tail)] = tail * _RAMP_DOWN[: len(tail)]
        return frame

    def _track(self, frame: Floats) -> Floats:
        fill_ms = self.ring.fill * self._ms_per_frame
        slack = fill_ms + self._since_callback_ms()
        surplus_ms = self.drift.surplus_ms(slack, peak_of(frame) < _QUIET)
        later = self._convert(_samples(surplus_ms)) if surplus_ms else None
        if later is not None:
            self.cuts += 1
            self.drift.left_out(surplus_ms)
            return joined(frame, np.concatenate((frame, later))[-FRAME_SAMPLES:])
        self.drift.observe(slack, fill_ms)
        return frame


class SpeakerLine(_Line):
    """Bridge → device. `write_frame` on PJSIP's thread, `give` on the callback thread.

    `players` are tones and ringing mixed in at the device's clock, so that they sound without a call too.
    """

    def __init__(self, shape: Shape, clock: Clock) -> None:
        super().__init__(shape, clock, BRIDGE_HZ, shape.rate)
        self.players: tuple[Player, ...] = ()
        self._silence = memoryview(bytes(self.ring.capacity * shape.channels * 2))
        self._flowing = False
        self._dry = 0
        self._dry_seen = 0
        self._left_out: Floats | None = None

    def give(self, data: memoryview, slipped: bool = False) -> None:
        """Callback: fill one block from the ring, with silence where it is empty, and mix the players."""
        self._last_callback = self._clock()
        self.callbacks += 1
        self.slips += slipped
        filled = self.ring.read(data)
        missing = len(data) - filled
        if missing:
            data[filled:] = self._silence[:missing]
            self._dry += 1
        for player in self.players:
            player.mix(data, self.shape.channels)

    def write_frame(self, frame: Floats) -> None:
        """Queue 20 ms for the device; before its first callback nothing: it would wait there and be late."""
        fill_ms = self.ring.fill * self._ms_per_frame
        if self._was_paused():
            self._flowing = False
        if not self.callbacks:
            return
        if not self._flowing or self._dry != self._dry_seen:
            frame = self._begin(frame, again=self._flowing)
            fill_ms = self.ring.fill * self._ms_per_frame
        slack = fill_ms + self.shape.block_ms - self._since_callback_ms()
        kept = self._cut(frame, slack)
        if kept is None:
            return
        self.drift.observe(slack, fill_ms)
        correction = 1 + self.drift.correction_ppm * 1e-6
        self._push(self._resampler.consume(kept, correction))

    def _begin(self, frame: Floats, again: bool) -> Floats:
        if again:
            self.underruns += 1
            self.drift.underran(self._late_ms)
        block_left_ms = self.shape.block_ms - self._since_callback_ms()
        missing_ms = self.drift.aim_ms - block_left_ms - self.ring.fill * self._ms_per_frame
        if again:
            missing_ms -= self._late_ms // FRAME_MS * FRAME_MS  # a late clock delivers these at once
        if missing_ms > 0:
            count = int(missing_ms / self._ms_per_frame) * self.shape.channels
            self.ring.push(np.zeros(count, np.int16))
        self._flowing = True
        self._dry_seen = self._dry
        started = frame.copy()
        started[:_RAMP_SAMPLES] *= _RAMP_UP
        return started

    def _cut(self, frame: Floats, slack_ms: float) -> Floats | None:
        if self._left_out is not None:
            frame = joined(self._left_out, frame)
            self._left_out = None
            return frame
        surplus_ms = self.drift.surplus_ms(slack_ms, peak_of(frame) < _QUIET)
        if not surplus_ms:
            return frame
        self.cuts += 1
        self.drift.left_out(surplus_ms)
        if surplus_ms >= FRAME_MS - _RAMP_MS:
            self._left_out = frame
            return None
        return joined(frame, frame[_samples(surplus_ms) :])

    def _push(self, made: Floats) -> None:
        if self.shape.channels > 1:
            made = np.repeat(made, self.shape.channels)
        block = np.empty(len(made), np.int16)
        bounded(made, block)
        self.ring.push(block)


def _samples(ms: float) -> int:
    return int(ms * BRIDGE_HZ / 1000)


def joined(before: Floats, after: Floats) -> Floats:
    """Return `after`, beginning where `before` begins: both are cross-faded over five milliseconds."""
    frame = after.copy()
    head = after[:_RAMP_SAMPLES] * _RAMP_UP + before[:_RAMP_SAMPLES] * _RAMP_DOWN
    frame[:_RAMP_SAMPLES] = head
    return frame
