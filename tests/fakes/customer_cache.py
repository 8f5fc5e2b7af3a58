"""Kept customers in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from softphone.domain.customer_cache import CacheKey, CacheScope, KeptCustomers
from softphone.domain.customer_events import CustomersRecalled, KeptCustomersCounted
from softphone.domain.events import Event
from softphone.domain.ids import CallId, QueryId


class InMemoryCustomers:
    """Implements `usecases.ports.CustomerCache`."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self.post = post
        self.kept: dict[CacheKey, KeptCustomers] = {}
        self.opened = 0
        self.closed = False

    def open(self) -> None:
        self.opened += 1

    def recall(self, query_id: QueryId, call_id: CallId, key: CacheKey, not_before: datetime) -> None:
        found = self.kept.get(key)
        if found is not None and found.at < not_before:
            found = None
        self.post(CustomersRecalled(query_id, call_id, found))

    def keep(self, key: CacheKey, kept: KeptCustomers, at_most: int) -> None:
        self.kept.pop(key, None)
        if kept.matches:
            self.kept[key] = kept
        for oldest in sorted(self.kept, key=lambda k: self.kept[k].at)[: max(0, len(self.kept) - at_most)]:
            del self.kept[oldest]

    def tidy(self, scopes: frozenset[CacheScope], not_before: datetime) -> None:
        self.kept = {k: v for k, v in self.kept.items() if k.scope in scopes and v.at >= not_before}

    def forget_all(self) -> None:
        self.kept.clear()
        self.count()

    def count(self) -> None:
        self.post(KeptCustomersCounted(len(self.kept)))

    def close(self) -> None:
        self.closed = True
