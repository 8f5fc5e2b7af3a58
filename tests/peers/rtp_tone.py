"""The media of a test phone: a PCMA tone out, everything heard kept (RFC 3550, RFC 3551)."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time

import numpy as np

from tests import tones
from tests.peers.ports import port_block

RATE_HZ = 8_000
FRAME = 160
PCMA = 8
TELEPHONE_EVENT = 101


class RtpTone:
    """Sends a tone every 20 ms to wherever the other side receives, and decodes what comes."""

    def __init__(self, frequency_hz: float = 0.0, *, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port_block(2)))
        self._socket.settimeout(0.05)
        self.port: int = self._socket.getsockname()[1]
        self._frequency_hz = frequency_hz
        self._heard: list[bytes] = []
        self.received_events: list[int] = []
        self.received_types: list[int] = []
        self.received_stamps: list[int] = []
        self._to: tuple[str, int] | None = None
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]

    def start(self, to: tuple[str, int]) -> None:
        """Begin sending to this address."""
        self._to = to
        if not self._threads[0].is_alive():
            for thread in self._threads:
                thread.start()

    def stop(self) -> None:
        """End both directions."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(2)
        self._socket.close()

    def hum(self, frequency_hz: float) -> None:
        """Change the tone; 0 is silence."""
        self._frequency_hz = frequency_hz

    def heard(self, last_s: float = 0.5) -> tones.Samples:
        """The last seconds of decoded sound."""
        packets = self._heard[-round(last_s * RATE_HZ / FRAME) :]
        return _DECODED[np.frombuffer(b"".join(packets), np.uint8)]

    def everything(self) -> tones.Samples:
        """All that was heard so far."""
        return _DECODED[np.frombuffer(b"".join(self._heard), np.uint8)]

    def heard_dbfs(self, frequency_hz: float, *, last_s: float = 0.5) -> float:
        """Level of a frequency in the last half second."""
        return tones.level_dbfs(self.heard(last_s), frequency_hz, RATE_HZ)

    def _send(self) -> None:
        sequence, stamp, source = random.randrange(2**15), 0, random.randrange(2**32)
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            instants = (stamp + np.arange(FRAME)) / RATE_HZ
            samples = 0.1 * np.sin(2 * np.pi * self._frequency_hz * instants)
            header = struct.pack("!BBHII", 0x80, PCMA, sequence % 2**16, stamp % 2**32, source)
            if self._to is not None:
                self._socket.sendto(header + encode(samples), self._to)
            sequence, stamp, due = sequence + 1, stamp + FRAME, due + FRAME / RATE_HZ

    def _receive(self) -> None:
        while not self._stopping.is_set():
            try:
                packet = self._socket.recv(2_048)
            except TimeoutError:
                continue
            kind = packet[1] & 0x7F
            self.received_types.append(kind)
            self.received_stamps.append(int.from_bytes(packet[4:8], "big"))
            if kind == PCMA:
                self._heard.append(packet[12:])
            elif kind == TELEPHONE_EVENT and packet[1] & 0x80:  # the marker begins an event (RFC 4733)
                self.received_events.append(packet[12])


def _alaw_value(code: int) -> float:
    """ITU-T G.711: one A-law code as a sample of full scale 1."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return (magnitude if code & 0x80 else -magnitude) / 32_768


_DECODED = np.array([_alaw_value(code) for code in range(256)])
_ORDER = np.argsort(_DECODED)
_BORDERS = (_DECODED[_ORDER][1:] + _DECODED[_ORDER][:-1]) / 2


def coded(samples: tones.Samples) -> tones.Samples:
    """What is left of `samples` once A-law has carried them."""
    return _DECODED[np.frombuffer(encode(samples), np.uint8)]


def encode(samples: tones.Samples) -> bytes:
    """The nearest A-law code of each sample."""
    return _ORDER[np.searchsorted(_BORDERS, samples)].astype(np.uint8).tobytes()
