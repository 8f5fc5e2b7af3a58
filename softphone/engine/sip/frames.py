"""Audio frames between PJSIP's byte vectors and plain memory, fast where it is safe.

The wheel offers no bulk access: a Python list per frame costs 0.4 to 1.6 ms of every 20. A `std::vector`
begins with the pointer to its data, so 10-40 µs suffice with ctypes. That layout is no promise of anybody,
therefore `Frames` tries it on a vector with known bytes and falls back to the slow way if they differ.
Thread: made on the sip thread, used on PJSIP's audio thread.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pjsua2 as pj

_PATTERN = bytes(range(1, 65))


class Frames:
    """Moves one frame of `nbytes` in each direction."""

    def __init__(self, nbytes: int, *, fast: bool | None = None) -> None:
        self.nbytes = nbytes
        self.fast = layout_is_known() if fast is None else fast
        self._outgoing = pj.ByteVector(nbytes)
        self._scratch = ctypes.create_string_buffer(nbytes)
        self.address = _data_address(self._outgoing) if self.fast else ctypes.addressof(self._scratch)
        """Where the next outgoing frame is to be written before `fill`."""

    def fill(self, frame: Any) -> None:
        """Make what was written at `address` the content of `frame`."""
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.size = self.nbytes
        if self.fast:
            frame.buf = self._outgoing
        else:
            frame.buf = pj.ByteVector(list(self._scratch.raw))

    def locate(self, frame: Any) -> int:
        """Return the address of the samples in an incoming `frame` of `nbytes`, valid until it returns."""
        content = frame.buf
        if self.fast:
            return _data_address(content)
        ctypes.memmove(self._scratch, bytes(content), self.nbytes)
        return ctypes.addressof(self._scratch)


def layout_is_known() -> bool:
    """Tell whether a byte vector of this build begins with the pointer to its data."""
    vector = pj.ByteVector(list(_PATTERN))
    first = _first_word(vector)
    if first is None or first < 4096:
        return False
    words = (ctypes.c_void_p * 3).from_address(int(vector.this))
    if (words[1] or 0) - first != len(_PATTERN):  # begin and end must enclose exactly our bytes
        return False
    if ctypes.string_at(first, len(_PATTERN)) != _PATTERN:
        return False
    ctypes.memmove(first, _PATTERN[::-1], len(_PATTERN))
    return bytes(vector) == _PATTERN[::-1]


def _first_word(vector: Any) -> int | None:
    return ctypes.c_void_p.from_address(int(vector.this)).value


def _data_address(vector: Any) -> int:
    return ctypes.c_void_p.from_address(int(vector.this)).value or 0
