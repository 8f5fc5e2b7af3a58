"""Not asking more often than the CRM allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble


class Limiter:
    """A token bucket for one CRM: `per_second` requests on average (0: no limit), `burst` of them at once.

    After `hold` nobody asks until the CRM's own Retry-After is over.
    """

    def __init__(
        self, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = max(1, burst)
        self._monotonic = monotonic
        self._tokens = float(self._burst)
        self._counted_at = monotonic()
        self._held_until = 0.0

    def hold(self, seconds: float) -> None:
        """The CRM said when to come back."""
        self._held_until = max(self._held_until, self._monotonic() + seconds)

    async def turn(self, patience_s: float) -> None:
        """Wait for a turn, at most `patience_s`; raises `CrmFault` (busy) if it would take longer."""
        wait_s = self._reserve()
        if wait_s <= 0:
            return
        if wait_s > patience_s:
            self._tokens += 1 if self._per_second else 0
            raise CrmFault(CrmTrouble.BUSY, "too many requests; the CRM allows no more", retry_after_s=wait_s)
        await asyncio.sleep(wait_s)

    def _reserve(self) -> float:
        """Take a token, possibly one of the future; seconds until it may be used."""
        now = self._monotonic()
        wait_s = max(0.0, self._held_until - now)
        if not self._per_second:
            return wait_s
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._per_second)
        self._counted_at = now
        self._tokens -= 1
        return max(wait_s, -self._tokens / self._per_second)
