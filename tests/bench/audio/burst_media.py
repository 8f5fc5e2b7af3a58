"""The far end's media for measurements: PCMA with a burst now and then, and the time of every packet."""

from __future__ import annotations

import random
import struct
import time

import numpy as np

from tests import tones
from tests.bench.audio.bursts import arrivals, burst
from tests.peers.rtp_tone import _DECODED, FRAME, PCMA, RATE_HZ, RtpTone, encode

_EVERY_PACKETS = 25


class BurstMedia(RtpTone):
    """Sends a burst at the beginning of every 25th packet, or `script` over and over; keeps arrival times."""

    def __init__(self, script: tones.Samples | None = None, *, host: str = "127.0.0.1") -> None:
        super().__init__(host=host)
        self.burst_sent_at: list[float] = []
        self.arrived: list[tuple[float, bytes]] = []
        self._script = _burst_script() if script is None else script

    def card_to_rtp(self, said_at: list[float]) -> list[float]:
        """Delay from the card's burst to the packet that carries its beginning."""
        times = np.repeat([at for at, _ in self.arrived], FRAME)
        sound = _DECODED[np.frombuffer(b"".join(data for _, data in self.arrived), np.uint8)]
        return arrivals(said_at, sound, times)

    def packets(self) -> list[tuple[float, tones.Samples]]:
        """What came so far, and when."""
        return [(at, _DECODED[np.frombuffer(data, np.uint8)]) for at, data in self.arrived]

    def received(self) -> tones.Samples:
        return np.asarray(_DECODED[np.frombuffer(b"".join(data for _, data in self.arrived), np.uint8)])

    def _send(self) -> None:
        sequence, source, at = random.randrange(2**15), random.randrange(2**32), 0
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            place = at % len(self._script)
            samples = self._script[place : place + FRAME]
            packet = struct.pack("!BBHII", 0x80, PCMA, sequence % 2**16, at % 2**32, source) + encode(samples)
            if self._to is not None:
                self._socket.sendto(packet, self._to)
            if place == 0:
                self.burst_sent_at.append(time.monotonic())
            sequence, at, due = sequence + 1, at + FRAME, due + FRAME / RATE_HZ

    def _receive(self) -> None:
        while not self._stopping.is_set():
            try:
                packet = self._socket.recv(2_048)
            except TimeoutError:
                continue
            if packet[1] & 0x7F == PCMA:
                self.arrived.append((time.monotonic(), packet[12:]))


def _burst_script() -> tones.Samples:
    script = np.zeros(_EVERY_PACKETS * FRAME)
    sound = burst(RATE_HZ)
    script[: len(sound)] = sound
    return script
