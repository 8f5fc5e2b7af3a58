"""The far end says a sentence over a network that loses, delays and reorders, always in the same way."""

from __future__ import annotations

import heapq
import random
import struct
import time
from dataclasses import dataclass

import numpy as np

from tests import tones
from tests.peers.rtp_tone import FRAME, PCMA, RATE_HZ, RtpTone, encode

_FRAME_S = FRAME / RATE_HZ


@dataclass(frozen=True, slots=True)
class Network:
    """Each packet is lost with probability `loss`, else delayed by up to `jitter_ms`, drawn from `seed`."""

    loss: float = 0.0
    jitter_ms: float = 0.0
    seed: int = 1

    def fates(self, count: int) -> list[float | None]:
        """Delay in seconds of each packet, None for a lost one."""
        chance = random.Random(self.seed)
        drawn = [(chance.random(), chance.random()) for _ in range(count)]
        return [None if luck < self.loss else self.jitter_ms / 1000 * late for luck, late in drawn]


class SpeechMedia(RtpTone):
    """Sends silence until `speak`, then the speech once, then silence again.

    All but losses happen to the silence before as well: a network does not begin to jitter with the speech.
    """

    def __init__(self, speech: tones.Samples, network: Network, *, host: str = "127.0.0.1") -> None:
        super().__init__(host=host)
        self._speech = speech
        self._fates = network.fates(len(speech) // FRAME + 1)
        self._before = random.Random(network.seed)
        self._jitter_s = network.jitter_ms / 1000
        self._begin_at: int | None = None
        self._wanted = False
        self.spoken = False
        self.began_at = 0.0

    def speak(self) -> None:
        """Begin with the next packet."""
        self._wanted = True

    def _send(self) -> None:
        sequence, source, number = random.randrange(2**15), random.randrange(2**32), 0
        waiting: list[tuple[float, int, bytes]] = []
        start = time.monotonic()
        while not self._stopping.is_set():
            ideal = start + number * _FRAME_S
            self._release(waiting, ideal)
            samples, fate = self._next(number)
            packet = struct.pack(
                "!BBHII", 0x80, PCMA, (sequence + number) % 2**16, number * FRAME, source
            ) + encode(samples)
            if fate is not None:
                heapq.heappush(waiting, (ideal + fate, number, packet))
            number += 1

    def _release(self, waiting: list[tuple[float, int, bytes]], until: float) -> None:
        """Send what is due before `until`, and wait for `until`."""
        while waiting and waiting[0][0] <= until:
            due, _, packet = heapq.heappop(waiting)
            time.sleep(max(0.0, due - time.monotonic()))
            if self._to is not None:
                self._socket.sendto(packet, self._to)
        time.sleep(max(0.0, until - time.monotonic()))

    def _next(self, number: int) -> tuple[tones.Samples, float | None]:
        if self._wanted and self._begin_at is None:
            self._begin_at, self.began_at = number, time.monotonic()
        if self._begin_at is None:
            return np.zeros(FRAME), self._before.random() * self._jitter_s
        place = number - self._begin_at
        if place * FRAME >= len(self._speech):
            self.spoken = True
            return np.zeros(FRAME), 0.0
        samples = self._speech[place * FRAME : (place + 1) * FRAME]
        return np.pad(samples, (0, FRAME - len(samples))), self._fates[place]
