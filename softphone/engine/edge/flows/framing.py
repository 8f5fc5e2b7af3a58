"""Cutting SIP messages out of a byte stream (RFC 3261 section 18.3, keep-alives of RFC 5626 4.4.1)."""

import enum
import re

from softphone.engine.edge.messages.gate import DEFAULT_LIMITS, Limits
from softphone.engine.edge.messages.syntax import bounded_int

_CONTENT_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_EMPTY_LINES = re.compile(rb"(?:\r\n)+")
_FOLD = re.compile(rb"\r\n[ \t]+")


class KeepAlive(enum.Enum):
    """What stands between messages."""

    PING = b"\r\n\r\n"
    PONG = b"\r\n"


class StreamError(ValueError):
    """The stream can no longer be cut into messages; its connection must be closed."""


class StreamFramer:
    """Turns pieces of a stream into whole messages; buffers at most one message of the largest size."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._needed = 0

    def feed(self, data: bytes) -> list[bytes | KeepAlive]:
        """Take what arrived, return what became complete, in order; raises StreamError.

        Messages that were complete before the error are in the exception's `args[1]`.
        """
        self._buffer += data
        done: list[bytes | KeepAlive] = []
        try:
            while (item := self._next()) is not None:
                done.append(item)
        except StreamError as broken:
            raise StreamError(broken.args[0], done) from broken
        return done

    def _next(self) -> bytes | KeepAlive | None:
        buffer = self._buffer
        if buffer[:2] == b"\r\n":
            return self._keep_alive()
        if len(buffer) < self._needed:
            return None
        end = buffer.find(b"\r\n\r\n", 0, self._limits.head + 4)
        if end < 0:
            if len(buffer) > self._limits.head:
                raise StreamError("no end of headers within the limit")
            return None
        whole = end + 4 + self._body_length(bytes(buffer[:end]))
        if whole > self._limits.message:
            raise StreamError("a message larger than the limit")
        if len(buffer) < whole:
            self._needed = whole
            return None
        message = bytes(buffer[:whole])
        del buffer[:whole]
        self._needed = 0
        return message

    def _keep_alive(self) -> KeepAlive | None:
        if self._buffer == b"\r\n\r":
            return None
        # A run of empty lines counts once, however long: it costs the peer more than us.
        run = _EMPTY_LINES.match(self._buffer)
        length = run.end() if run else 2
        del self._buffer[:length]
        return KeepAlive.PING if length >= 4 else KeepAlive.PONG

    def _body_length(self, head: bytes) -> int:
        values = {value.strip() for value in _CONTENT_LENGTH.findall(_FOLD.sub(b" ", head))}
        if len(values) != 1:
            raise StreamError("needs exactly one Content-Length")
        length = bounded_int(values.pop().decode("latin-1"), self._limits.message)
        if length is None:
            raise StreamError("malformed Content-Length")
        return length
