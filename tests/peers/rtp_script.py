"""Sound that arrives as badly as a test wants: lost, late, foreign, with RTCP that lies (RFC 3550)."""

from __future__ import annotations

import heapq
import random
import socket
import struct
import time
from dataclasses import dataclass, field

import numpy as np

from tests.peers.rtp_tone import PCMA, RATE_HZ, RtpTone, encode

FRAME_MS = 20
_RECEIVER_REPORT = 201


@dataclass
class Wire:
    """How the packets fare; may be changed while they flow."""

    loss: float = 0.0
    """Share of the packets that are never sent, though numbered."""
    jitter_s: float = 0.0
    """Each is late by anything up to this."""
    frame_ms: int = FRAME_MS
    payload_type: int = PCMA
    silent: bool = False
    """Nothing is sent, and nothing counted: the source has a gap."""
    source: int = field(default_factory=lambda: random.randrange(2**32))
    sequence: int = field(default_factory=lambda: random.randrange(2**15))
    stamp: int = 0
    marked: bool = False


class RtpScript(RtpTone):
    """A tone whose packets fare as `wire` says."""

    def __init__(self, frequency_hz: float = 0.0, wire: Wire | None = None, seed: int = 1) -> None:
        super().__init__(frequency_hz)
        self.wire = wire or Wire()
        self.sent = 0
        self._dice = random.Random(seed)
        self._rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtcp.bind(("127.0.0.1", self.port + 1))

    @property
    def destination(self) -> tuple[str, int]:
        """Where the other side wants its sound."""
        assert self._to is not None, "not started"
        return self._to

    def report(
        self,
        about: int,
        *,
        lost: int = 0,
        jitter: int = 0,
        last_report: int = 0,
        delay: int = 0,
        muxed: bool = False,
    ) -> None:
        """Send a receiver report (RFC 3550, section 6.4.2); `lost` as the wire has it, 24 bits."""
        packet = struct.pack("!BBHI", 0x81, _RECEIVER_REPORT, 7, self.wire.source)
        packet += struct.pack("!IIIIII", about, lost & 0xFFFFFF, 0, jitter, last_report, delay)
        host, port = self.destination
        if muxed:
            self._socket.sendto(packet, (host, port))
        else:
            self._rtcp.sendto(packet, (host, port + 1))

    def stop(self) -> None:
        super().stop()
        self._rtcp.close()

    def _send(self) -> None:
        due = time.monotonic()
        late: list[tuple[float, int, bytes]] = []
        while not self._stopping.is_set():
            now = time.monotonic()
            if now >= due:
                packet = self._next()
                if packet is not None and self._dice.random() >= self.wire.loss:
                    heapq.heappush(late, (due + self.wire.jitter_s * self._dice.random(), self.sent, packet))
                    self.sent += 1
                due += self.wire.frame_ms / 1000
            while late and late[0][0] <= now and self._to is not None:
                self._socket.sendto(heapq.heappop(late)[2], self._to)
            first = min(due, late[0][0]) if late else due
            self._stopping.wait(max(0.0, first - time.monotonic()))

    def _next(self) -> bytes | None:
        wire = self.wire
        count = wire.frame_ms * RATE_HZ // 1000
        samples = 0.1 * np.sin(2 * np.pi * self._frequency_hz * (wire.stamp + np.arange(count)) / RATE_HZ)
        kind = wire.payload_type | (0x80 if wire.marked else 0)
        packet = struct.pack("!BBHII", 0x80, kind, wire.sequence % 2**16, wire.stamp % 2**32, wire.source)
        wire.stamp += count
        wire.marked = wire.silent
        if wire.silent:
            return None
        wire.sequence += 1
        return packet + encode(samples)
