"""How many requests a second may come in: far above any telephone system's need, far below a flood."""

from __future__ import annotations


class RequestRate:
    """A token bucket: `per_s` on average, `at_once` in one moment. The caller has the clock."""

    def __init__(self, per_s: float, at_once: float) -> None:
        self._per_s = per_s
        self._most = at_once
        self._left = self._most
        self._at = 0.0

    def admit(self, now: float) -> bool:
        """Take one; False when there is none left."""
        self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
