"""When nothing comes from the other side any more, not even silence. A pure rule; thread: any."""

from __future__ import annotations

LIMIT_S = 5.0
"""Our phones send all the time, muted or not: this long without a packet is a lost network."""


class SilenceWatch:
    """Follows a count of received packets."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._count = -1
        self._since_s = 0.0

    def lasts(self, count: int, now_s: float) -> bool:
        """Note the count; True once it has not grown for the limit."""
        if count != self._count:
            self._count, self._since_s = count, now_s
        return now_s - self._since_s >= self._limit_s

    def forget(self) -> None:
        self._count = -1
