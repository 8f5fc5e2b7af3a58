"""Customers kept on this computer, so that a card is there at once: which, how long, and when they go.

Each company's customers are kept under its own scope (`CacheScope`); nothing is read or written outside the
scope of the question.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from softphone.domain.customer import Customer, CustomerQuery
from softphone.domain.customer_cache import CacheKey, CacheScope, KeptCustomers, caller_of
from softphone.domain.customer_events import KeptCustomersCounted
from softphone.domain.ids import CampaignId
from softphone.domain.keeping_events import KeyChanged, StoreOpened
from softphone.domain.settings import Settings
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, CustomerCache

TIDY_EVERY_S = 3_600.0


class KeepingCustomers:
    """`count` is how many callers' customers are kept, None before anybody has asked."""

    def __init__(self, cache: CustomerCache, configuring: Configuring, clock: Clock, bus: Bus) -> None:
        self._cache = cache
        self._configuring = configuring
        self._clock = clock
        self._open = False
        self.count: int | None = None
        bus.subscribe(StoreOpened, self._on_store_opened)
        bus.subscribe(KeyChanged, lambda _e: self._cache.open())
        bus.subscribe(KeptCustomersCounted, self._on_counted)
        configuring.on_change(lambda _settings: self._tidy())

    def recall(self, query: CustomerQuery) -> None:
        """Say what is kept about this caller; `CustomersRecalled` follows if anything can be."""
        key = self._key(query)
        if key is not None:
            self._cache.recall(query.id, query.call_id, key, self._not_before())

    def keep(self, query: CustomerQuery, matches: tuple[Customer, ...]) -> None:
        """What the CRM has just answered; an empty answer forgets what was kept."""
        key = self._key(query)
        if key is not None:
            kept = KeptCustomers(matches, self._clock.now())
            self._cache.keep(key, kept, self._configuring.settings.customers.keep_at_most)

    def forget_all(self) -> None:
        """Delete every customer from this computer; records of calls are not concerned."""
        self._cache.forget_all()

    def ask_count(self) -> None:
        """`KeptCustomersCounted` follows."""
        self._cache.count()

    def _key(self, query: CustomerQuery) -> CacheKey | None:
        settings = self._configuring.settings
        caller = caller_of(query)
        if not self._open or query.campaign_id is None or not caller or not settings.customers.kept:
            return None
        return CacheKey(scope_of(settings, query.campaign_id, query.crm), caller)

    def _not_before(self) -> datetime:
        return self._clock.now() - timedelta(days=self._configuring.settings.customers.keep_days)

    def _on_store_opened(self, event: StoreOpened) -> None:
        if event.in_memory or self._open:
            return
        self._open = True
        self._cache.open()
        self._tidy_hourly()

    def _on_counted(self, event: KeptCustomersCounted) -> None:
        self.count = event.count

    def _tidy_hourly(self) -> None:
        self._tidy()
        self._clock.after(TIDY_EVERY_S, self._tidy_hourly)

    def _tidy(self) -> None:
        if not self._open:
            return
        settings = self._configuring.settings
        if settings.customers.kept:
            scopes = frozenset(scope_of(settings, c.id, c.crm) for c in settings.campaigns if c.crm)
            self._cache.tidy(scopes, self._not_before())
        else:
            self._cache.forget_all()


def scope_of(settings: Settings, campaign_id: CampaignId, crm: str) -> CacheScope:
    """Where customers of that company in that CRM are kept."""
    address = next((c.base_url for c in settings.crms if c.name == crm), "")
    return CacheScope(campaign_id, crm, address)


class NoCustomerCache:
    """Port `CustomerCache` that keeps nothing."""

    def open(self) -> None: ...
    def recall(self, *_asked: object) -> None: ...
    def keep(self, *_kept: object) -> None: ...
    def tidy(self, *_limits: object) -> None: ...
    def forget_all(self) -> None: ...
    def count(self) -> None: ...
    def close(self) -> None: ...
