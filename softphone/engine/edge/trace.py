"""The SIP trace: the last messages on the far legs, kept as bytes, masked when they are read.

Bounded by bytes. Written by the edge's thread, read by any: an append to a deque and a copy of it are atomic.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from softphone.domain.account import Transport
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.engine.edge.account import Flow

_CREDENTIALS = re.compile(rb"(?im)^((?:proxy-)?authorization[ \t]*:[ \t]*\S*)[^\r\n]*(?:\r\n[ \t][^\r\n]*)*")
_NONCE = re.compile(rb"(?im)^((?:www|proxy)-authenticate[ \t]*:[ \t]*\S*)[^\r\n]*(?:\r\n[ \t][^\r\n]*)*")
_SRTP_KEY = re.compile(rb"(?i)(inline:)[A-Za-z0-9+/=]+")
_URI_PASSWORD = re.compile(rb"(?i)(sips?:[^:@\s<>\"]{1,128}:)[^@\s<>\"]{1,128}(?=@)")
_KEY_PRESS = re.compile(rb"(?im)^(signal[ \t]*=[ \t]*)\S+")  # a card number may be typed by INFO
_TOKEN = re.compile(rb"(?i)(x-ek=)[0-9a-f]+")


class Direction(StrEnum):
    """As seen from this phone."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One message. `at` is seconds since the epoch; `data` is masked when it comes from `Trace.entries`."""

    at: float
    direction: Direction
    account_id: AccountId
    transport: Transport
    local: tuple[str, int]
    remote: tuple[str, int]
    data: bytes


def mask(data: bytes) -> bytes:
    """The message less digest values, SRTP keys, pressed keys and our contact token; its structure stays."""
    data = _CREDENTIALS.sub(rb"\1 ...", data)
    data = _NONCE.sub(rb"\1 ...", data)
    data = _SRTP_KEY.sub(rb"\1...", data)
    data = _URI_PASSWORD.sub(rb"\1...", data)
    data = _KEY_PRESS.sub(rb"\1...", data)
    return _TOKEN.sub(rb"\1...", data)


class Trace:
    """Ring buffer of at most `most_bytes`; `clock` is wall time in seconds."""

    def __init__(self, most_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self._most = most_bytes
        self._clock = clock
        self._size = 0
        self._entries: deque[TraceEntry] = deque()

    def record(self, direction: Direction, account_id: AccountId, flow: Flow, data: bytes) -> None:
        """Keep a message; the oldest make room."""
        self._entries.append(
            TraceEntry(self._clock(), direction, account_id, flow.transport, flow.local, flow.remote, data)
        )
        self._size += len(data)
        while self._size > self._most:
            self._size -= len(self._entries.popleft().data)

    def entries(self) -> list[TraceEntry]:
        """What is held, oldest first, masked."""
        return [
            TraceEntry(e.at, e.direction, e.account_id, e.transport, e.local, e.remote, mask(e.data))
            for e in self._entries.copy()
        ]
