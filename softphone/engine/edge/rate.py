"""How many requests a second may come in: far above any telephone system's need, far below a flood."""

from __future__ import annotations


class RequestRate:
    """A token bucket: `per_s` on average, two seconds' worth at once. The caller has the clock."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._most = 2.0 * per_s
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
