"""Plays a clip into a device's blocks, on the device's callback thread, from preallocated memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.levels import factor

Floats = npt.NDArray[np.float32]

_CHUNK = 512


class Player:
    """A mono clip at the device's rate, once or for ever; `aim` changes its gain within one chunk."""

    def __init__(self, clip: Floats, loop: bool, gain_db: float = 0.0) -> None:
        self._clip = clip
        self._loop = loop
        self._at = 0
        self._gain = self._current = factor(gain_db)
        self._sound: Floats = np.zeros(_CHUNK, np.float32)
        self._steps: Floats = np.arange(1, _CHUNK + 1, dtype=np.float32) / np.float32(_CHUNK)
        self._ramp: Floats = np.zeros(_CHUNK, np.float32)
        self._mixed: Floats = np.zeros(_CHUNK, np.float32)

    @property
    def finished(self) -> bool:
        return not self._loop and self._at >= len(self._clip)

    def aim(self, gain_db: float) -> None:
        """Any thread: play at this gain from now on."""
        self._gain = factor(gain_db)

    def mix(self, data: memoryview, channels: int) -> None:
        """Callback: add the clip to a block of interleaved int16."""
        block = np.frombuffer(data, np.int16).reshape(-1, channels)
        done = 0
        while done < len(block) and not self.finished and len(self._clip):
            done += self._mix_chunk(block[done : done + _CHUNK])

    def _mix_chunk(self, block: npt.NDArray[np.int16]) -> int:
        count = min(len(block), len(self._clip) - self._at)
        sound, mixed = self._sound[:count], self._mixed[:count]
        self._scale(self._clip[self._at : self._at + count], sound)
        for channel in range(block.shape[1]):
            there = block[:count, channel]
            np.copyto(mixed, there)  # adding int16 to float32 directly would allocate a buffer
            np.add(sound, mixed, out=mixed)
            np.minimum(mixed, 32767, out=mixed)
            np.maximum(mixed, -32768, out=mixed)
            np.copyto(there, mixed, casting="unsafe")
        self._at += count
        if self._loop and self._at >= len(self._clip):
            self._at = 0
        return count

    def _scale(self, clip: Floats, sound: Floats) -> None:
        target = self._gain
        if target == self._current:
            np.multiply(clip, np.float32(target), out=sound)
            return
        ramp = self._ramp[: len(sound)]
        rise = (target - self._current) * _CHUNK / len(sound)
        np.multiply(self._steps[: len(sound)], np.float32(rise), out=ramp)
        np.add(ramp, np.float32(self._current), out=ramp)
        np.multiply(clip, ramp, out=sound)
        self._current = target
