"""Noticing that the computer has slept: what was registered then is perhaps forgotten, connections are stale.

The clocks of the systems differ. Linux and macOS stop the monotonic clock while they sleep, so the wall clock
runs ahead; on Windows it goes on, so a short pause of ours took very long. A clock that somebody sets looks
the same; a new connection too many does no harm.
"""

from __future__ import annotations

import time

SLEPT_S = 5.0


class SleepWatch:
    """Ask `has_slept` at least every second."""

    def __init__(self) -> None:
        self._asked_at = time.monotonic()
        self._wall_ahead = time.time() - self._asked_at

    def has_slept(self) -> bool:
        """Whether more than 5 s have vanished since asked last."""
        now, wall_ahead = time.monotonic(), time.time() - time.monotonic()
        pause_s, jump_s = now - self._asked_at, abs(wall_ahead - self._wall_ahead)
        self._asked_at, self._wall_ahead = now, wall_ahead
        return pause_s > SLEPT_S or jump_s > SLEPT_S
