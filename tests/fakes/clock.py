"""Time and ids under a test's control."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from softphone.domain.ids import CallId, DeliveryId, QueryId, uuid7


@dataclass
class FakeTimer:
    """One action that waits; `due` in seconds of the fake monotonic clock."""

    due: float
    action: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeClock:
    """Port `Clock`. Time stands still until a test calls `advance`, which runs what falls due, in order."""

    start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    elapsed_s: float = 0.0
    timers: list[FakeTimer] = field(default_factory=list)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        return 1_000.0 + self.elapsed_s

    def after(self, delay_s: float, action: Callable[[], object]) -> FakeTimer:
        timer = FakeTimer(self.monotonic() + max(0.0, delay_s), action)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; timers set meanwhile run too if they fall due within them."""
        end = self.monotonic() + seconds
        while (timer := self._next_due(end)) is not None:
            self.elapsed_s = max(self.elapsed_s, timer.due - 1_000.0)
            self.timers.remove(timer)
            timer.action()
        self.elapsed_s = end - 1_000.0

    @property
    def waiting(self) -> int:
        """How many timers are set."""
        return sum(1 for timer in self.timers if not timer.cancelled)

    def _next_due(self, end: float) -> FakeTimer | None:
        self.timers = [timer for timer in self.timers if not timer.cancelled]
        due = [timer for timer in self.timers if timer.due <= end + 1e-9]
        return min(due, key=lambda timer: timer.due, default=None)


class CountingIdentities:
    """Port `Identities`: call-1, call-2, …, and no chance at all."""

    def __init__(self, jitter: float = 0.0) -> None:
        self._calls, self._queries, self._deliveries = (
            itertools.count(1),
            itertools.count(1),
            itertools.count(1),
        )
        self._jitter = jitter

    def call(self) -> CallId:
        return CallId(f"call-{next(self._calls)}")

    def query(self) -> QueryId:
        return QueryId(f"query-{next(self._queries)}")

    def delivery(self, now: datetime) -> DeliveryId:
        return DeliveryId(uuid7(int(now.timestamp() * 1000), next(self._deliveries).to_bytes(10, "big")))

    def jitter(self) -> float:
        return self._jitter
