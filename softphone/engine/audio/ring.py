"""A ring of int16 samples between one writer and one reader, without a lock.

One side is the device callback, the other PJSIP's audio thread. Each index is moved by one side only and
is a Python int, whose assignment the interpreter lock makes atomic; both count up for ever, so that full and
empty differ.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

_SAMPLE_BYTES = 2


class SampleRing:
    """Room for `capacity` frames of `channels` interleaved samples; all counts are frames."""

    def __init__(self, capacity: int, channels: int = 1) -> None:
        if capacity < 1 or channels < 1:
            raise ValueError("a ring needs room")
        self.capacity = capacity
        self.channels = channels
        self._frame_bytes = channels * _SAMPLE_BYTES
        self._size = capacity * self._frame_bytes
        self._store = bytearray(self._size)
        self._view = memoryview(self._store)
        self._written = 0
        self._read = 0

    @property
    def fill(self) -> int:
        """Frames that wait to be read."""
        return (self._written - self._read) // self._frame_bytes

    @property
    def room(self) -> int:
        """Frames that may be written now."""
        return self.capacity - self.fill

    def write(self, source: memoryview) -> bool:
        """Writer's side: append the bytes of whole frames; False, and nothing written, if they do not fit."""
        count = len(source)
        if count > self._size - (self._written - self._read):
            return False
        start = self._written % self._size
        first = self._size - start
        if count <= first:
            self._view[start : start + count] = source
        else:
            self._view[start:] = source[:first]
            self._view[: count - first] = source[first:]
        self._written += count
        return True

    def read(self, target: memoryview) -> int:
        """Reader's side: fill `target` as far as the ring has frames; return how many bytes were filled."""
        count = min(len(target), self._written - self._read)
        start = self._read % self._size
        first = self._size - start
        if count <= first:
            target[:count] = self._view[start : start + count]
        else:
            target[:first] = self._view[start:]
            target[first:count] = self._view[: count - first]
        self._read += count
        return count

    def push(self, samples: Samples) -> bool:
        """Writer's side, from an array."""
        return self.write(samples.data.cast("B"))

    def pull(self, samples: Samples) -> int:
        """Reader's side, into a contiguous array; returns the frames read."""
        return self.read(samples.data.cast("B")) // self._frame_bytes

    def skip(self, frames: int) -> None:
        """Reader's side: forget up to `frames` of the oldest frames."""
        self._read += min(frames * self._frame_bytes, self._written - self._read)
