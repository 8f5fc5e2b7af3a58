"""RTP (RFC 3550) with G.711 and digits (RFC 4733) for one call: speaks a source, keeps what it hears."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Callable

import numpy as np

from softphone.demo.pbx import g711
from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.sdp import Audio
from softphone.demo.pbx.sound import FRAME, RATE_HZ, Echo, Silence, Source

_HEADER = struct.Struct("!BBHII")
_FRAME_S = FRAME / RATE_HZ
_KEPT_S = 600
_DIGITS = "0123456789*#ABCD"
_LATE_S = 0.2


class RtpStream(asyncio.DatagramProtocol):
    """One UDP port on loopback. `start` makes it speak to the remote side, `close` ends it."""

    def __init__(self, on_digit: Callable[[str], None]) -> None:
        self._on_digit = on_digit
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._remote: Audio | None = None
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._next_at = 0.0
        self._event_ended_at: int | None = None
        self._heard: list[Samples] = []
        self._heard_samples = 0
        self.source: Source = Silence()
        self.packets_in = 0
        self.packets_out = 0

    async def open(self, host: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))

    @property
    def local(self) -> tuple[str, int]:
        assert self._transport is not None  # noqa: S101 - narrows: opened before it is offered
        host, port = self._transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    def start(self, remote: Audio) -> None:
        """Speak to `remote` from now on (also after a re-INVITE), unless it does not listen."""
        self._remote = remote
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._next_at = loop.time()
            self._tick()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()

    @property
    def recording(self) -> Samples:
        """All that was heard, in the order of arrival."""
        return np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16)

    # --- asyncio ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # UDP
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:  # noqa: ARG002
        payload_type, payload, timestamp = _read(data)
        if payload_type in g711.PAYLOAD_TYPES:
            self._take(g711.decode(payload_type, payload))
        elif self._remote is not None and payload_type == self._remote.telephone_event:
            self._take_event(payload, timestamp)

    def error_received(self, exc: Exception) -> None:
        """The other side's port is closed: it hung up, its BYE is on the way."""

    # --- speaking and hearing ---------------------------------------------------------------------------

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() - self._next_at > _LATE_S:
            self._next_at = loop.time()  # this computer slept or was busy: no burst to catch up
        self._next_at += _FRAME_S
        self._timer = loop.call_at(self._next_at, self._tick)
        remote = self._remote
        if remote is None or self._transport is None:
            return
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
        if not remote.wants_media or self._transport.is_closing():
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = _HEADER.pack(0x80, remote.payload_type, self._sequence, self._timestamp, self._ssrc)
        payload = g711.encode(remote.payload_type, self.source.frame())
        self._transport.sendto(header + payload, (remote.host, remote.port))
        self.packets_out += 1

    def _take(self, samples: Samples) -> None:
        self.packets_in += 1
        if isinstance(self.source, Echo):
            self.source.heard(samples)
        if self._heard_samples < _KEPT_S * RATE_HZ:
            self._heard.append(samples)
            self._heard_samples += len(samples)

    def _take_event(self, payload: bytes, timestamp: int) -> None:
        if len(payload) < 4 or payload[0] >= len(_DIGITS):
            return
        ended = bool(payload[1] & 0x80)
        if ended and timestamp != self._event_ended_at:  # the end is sent three times (RFC 4733 2.5.1.4)
            self._event_ended_at = timestamp
            self._on_digit(_DIGITS[payload[0]])


def _read(data: bytes) -> tuple[int, bytes, int]:
    """Payload type, payload and timestamp; type -1 for what is no RTP packet."""
    if len(data) < _HEADER.size or data[0] >> 6 != 2:
        return -1, b"", 0
    first, second, _, timestamp, _ = _HEADER.unpack_from(data)
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return -1, b"", 0
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    end = len(data) - (data[-1] if first & 0x20 else 0)
    return second & 0x7F, data[start:end], timestamp
