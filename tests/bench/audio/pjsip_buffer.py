"""PJSIP's own jitter buffer and concealment in simulated time, driven as its stream drives them.

The functions are those of the installed wheel, which Linux's exports; the steps between them are those of
pjmedia's stream for G.711: two frames of 10 ms a packet, two taken each 20 ms, and concealment for whatever
is missing, empty or filling, for 240 ms at most.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from pjsua2 import _pjsua2

from tests.peers.rtp_tone import FRAME, RATE_HZ

Samples16 = npt.NDArray[np.int16]

_PART = FRAME // 2
_PART_MS = 10
_PART_BYTES = _PART * 2
_PACKET_S = FRAME / RATE_HZ
_MISSING, _NORMAL = 0, 1
_MOST_CONCEALED = 24
_POOL_BYTES = 8000


@dataclass(frozen=True, slots=True)
class Depths:
    """Milliseconds, as pjsua2's `MediaConfig` names them: jbInit, jbMinPre, jbMaxPre, jbMax."""

    init: int
    min_pre: int
    max_pre: int
    max: int


class _Text(ctypes.Structure):
    _fields_ = (("ptr", ctypes.c_char_p), ("slen", ctypes.c_ssize_t))


def heard(sound: Samples16, fates: Sequence[float | None], depths: Depths, phase_s: float) -> Samples16:
    """What is played of `sound` at 8 kHz, whose packet i comes `fates[i]` seconds late, or never (None).

    `phase_s` is how long after a packet sent on time the player asks, 0 to 0.02.
    """
    count = len(fates)
    padded = np.zeros(count * FRAME, np.int16)
    padded[: len(sound)] = sound[: len(padded)]
    arrivals = sorted(
        (number * _PACKET_S + late, number) for number, late in enumerate(fates) if late is not None
    )
    stream = _Stream(depths)
    played = []
    due = 0
    for tick in range(count):
        while due < len(arrivals) and arrivals[due][0] <= tick * _PACKET_S + phase_s:
            number = arrivals[due][1]
            stream.put(number, padded[number * FRAME : (number + 1) * FRAME])
            due += 1
        played.append(stream.take())
    stream.close()
    return np.concatenate(played)


class _Stream:
    """Receiving half of a G.711 stream."""

    def __init__(self, depths: Depths) -> None:
        self._lib = _library()
        self._pool = ctypes.c_void_p(
            self._lib.pj_pool_create(_pools(), b"jitter", _POOL_BYTES, _POOL_BYTES, None)
        )
        self._buffer, self._concealment = ctypes.c_void_p(), ctypes.c_void_p()
        name = _Text(b"jitter", 6)
        self._lib.pjmedia_jbuf_create(
            self._pool,
            ctypes.byref(name),
            _PART_BYTES,
            _PART_MS,
            depths.max // _PART_MS,
            ctypes.byref(self._buffer),
        )
        parts = (ms // _PART_MS for ms in (depths.init, depths.min_pre, depths.max_pre))
        self._lib.pjmedia_jbuf_set_adaptive(self._buffer, *parts)
        self._lib.pjmedia_jbuf_set_discard(self._buffer, 0)
        self._lib.pjmedia_plc_create(self._pool, RATE_HZ, _PART, 0, ctypes.byref(self._concealment))
        self._part = ctypes.create_string_buffer(_PART_BYTES)
        self._kind = ctypes.create_string_buffer(1)
        self._concealed = _MOST_CONCEALED

    def put(self, number: int, packet: Samples16) -> None:
        """Packet `number` has come."""
        for half in (0, 1):
            part = packet[half * _PART : (half + 1) * _PART].tobytes()
            self._lib.pjmedia_jbuf_put_frame(
                self._buffer, part, ctypes.c_size_t(_PART_BYTES), number * 2 + half
            )

    def take(self) -> Samples16:
        """Return the next 20 ms."""
        parts: list[Samples16] = []
        while len(parts) < 2:
            self._lib.pjmedia_jbuf_get_frame(self._buffer, self._part, self._kind)
            kind = self._kind.raw[0]
            if kind == _NORMAL:
                self._concealed = 0
                self._lib.pjmedia_plc_save(self._concealment, self._part)
                parts.append(np.frombuffer(self._part.raw, np.int16))
            elif kind == _MISSING:
                parts.append(self._conceal())
            else:  # empty or filling: concealed to the end of these 20 ms without asking again
                parts += [self._conceal() for _ in range(2 - len(parts))]
        return np.concatenate(parts)

    def _conceal(self) -> Samples16:
        if self._concealed >= _MOST_CONCEALED:
            return np.zeros(_PART, np.int16)
        self._concealed += 1
        self._lib.pjmedia_plc_generate(self._concealment, self._part)
        return np.frombuffer(self._part.raw, np.int16)

    def close(self) -> None:
        self._lib.pjmedia_jbuf_destroy(self._buffer)
        self._lib.pj_pool_release(self._pool)


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_pjsua2.__file__)
    library.pj_log_set_level(0)
    library.pj_init()
    library.pj_pool_create.restype = ctypes.c_void_p
    library.pj_pool_create.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_size_t,
        ctypes.c_void_p,
    ]
    return library


@cache
def _pools() -> int:
    room = ctypes.create_string_buffer(1 << 16)  # a pj_caching_pool, which is a tenth of this
    _kept.append(room)
    _library().pj_caching_pool_init(room, None, ctypes.c_size_t(0))
    return ctypes.addressof(room)


_kept: list[ctypes.Array[ctypes.c_char]] = []
