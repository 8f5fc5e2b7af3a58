"""What every implementation of the port `CustomerCache` promises: the encrypted database and the fake."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.domain.customer import Contact, Customer
from softphone.domain.customer_cache import CacheKey, CacheScope, KeptCustomers
from softphone.domain.customer_events import CustomersRecalled, KeptCustomersCounted
from softphone.domain.events import Event
from softphone.domain.ids import CallId, CampaignId, CustomerId, QueryId
from softphone.store.customer_cache import SqlCustomerCache
from softphone.store.key import MemoryKey
from softphone.usecases.ports import CustomerCache
from tests.fakes.customer_cache import InMemoryCustomers

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=365)
INSURER = CacheScope(CampaignId("insurer"), "crm", "https://crm.test")
ORDERS = CacheScope(CampaignId("orders"), "crm", "https://crm.test")
ANNA = Customer(
    CustomerId("7"),
    "Άννα “Nina” O'Brien",
    "Ltd",
    ("+49 30 1",),
    "a@b.test",
    ("gold",),
    ("open",),
    (Contact("today", "called"),),
    (("Field", "value"),),
    "https://crm.test/7",
)
ANNAS = CacheKey(INSURER, "+49301")


class Kept:
    """A cache with what it posts."""

    def __init__(self, cache: CustomerCache, posted: queue.Queue[Event]) -> None:
        self.cache = cache
        self._posted = posted

    def recall(self, key: CacheKey, not_before: datetime = LONG_AGO) -> KeptCustomers | None:
        self.cache.recall(QueryId("q"), CallId("c"), key, not_before)
        event = self._posted.get(timeout=10)
        assert isinstance(event, CustomersRecalled)
        assert (event.query_id, event.call_id) == ("q", "c")
        return event.kept

    def count(self) -> int:
        self.cache.count()
        event = self._posted.get(timeout=10)
        assert isinstance(event, KeptCustomersCounted)
        return event.count

    def forget_all(self) -> int:
        self.cache.forget_all()
        event = self._posted.get(timeout=10)
        assert isinstance(event, KeptCustomersCounted)
        return event.count


@pytest.fixture(params=["fake", "sql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    posted: queue.Queue[Event] = queue.Queue()
    cache: CustomerCache = InMemoryCustomers(posted.put)
    if request.param == "sql":
        cache = SqlCustomerCache(tmp_path / "customers.db", MemoryKey(b"k" * 32), posted.put)
    cache.open()
    yield Kept(cache, posted)
    cache.close()


def test_what_was_kept_comes_back_whole_with_its_time(kept: Kept) -> None:
    answer = KeptCustomers((ANNA, Customer(CustomerId("8"), "")), NOW)
    kept.cache.keep(ANNAS, answer, 10)
    assert kept.recall(ANNAS) == answer


def test_nothing_is_known_of_a_caller_who_was_never_kept(kept: Kept) -> None:
    assert kept.recall(ANNAS) is None


def test_a_newer_answer_takes_the_place_of_the_older(kept: Kept) -> None:
    kept.cache.keep(ANNAS, KeptCustomers((Customer(CustomerId("old"), "Old"),), LONG_AGO), 10)
    kept.cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), 10)
    assert kept.recall(ANNAS) == KeptCustomers((ANNA,), NOW)
    assert kept.count() == 1


def test_an_empty_answer_forgets(kept: Kept) -> None:
    kept.cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), 10)
    kept.cache.keep(ANNAS, KeptCustomers((), NOW), 10)
    assert (kept.recall(ANNAS), kept.count()) == (None, 0)


@pytest.mark.parametrize(
    "other",
    [
        CacheKey(ORDERS, ANNAS.caller),
        CacheKey(CacheScope(INSURER.campaign_id, "other", INSURER.base_url), ANNAS.caller),
        CacheKey(CacheScope(INSURER.campaign_id, INSURER.crm, "https://new.test"), ANNAS.caller),
        CacheKey(INSURER, "+49302"),
    ],
)
def test_another_company_connection_server_or_number_knows_nothing_of_it(kept: Kept, other: CacheKey) -> None:
    kept.cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), 10)
    assert kept.recall(other) is None


def test_what_is_too_old_is_not_shown(kept: Kept) -> None:
    kept.cache.keep(ANNAS, KeptCustomers((ANNA,), NOW - timedelta(days=8)), 10)
    assert kept.recall(ANNAS, NOW - timedelta(days=7)) is None


def test_beyond_the_limit_the_oldest_go(kept: Kept) -> None:
    for number in range(5):
        answer = KeptCustomers((ANNA,), NOW + timedelta(seconds=number))
        kept.cache.keep(CacheKey(INSURER, f"+49{number}"), answer, 3)
    assert kept.count() == 3
    assert kept.recall(CacheKey(INSURER, "+490")) is None
    assert kept.recall(CacheKey(INSURER, "+494")) is not None


def test_tidying_takes_what_is_old_and_what_belongs_to_nobody_any_more(kept: Kept) -> None:
    old, gone = CacheKey(INSURER, "+492"), CacheKey(ORDERS, "+491")
    kept.cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), 10)
    kept.cache.keep(old, KeptCustomers((ANNA,), LONG_AGO), 10)
    kept.cache.keep(gone, KeptCustomers((ANNA,), NOW), 10)
    kept.cache.tidy(frozenset({INSURER}), NOW - timedelta(days=7))
    assert kept.count() == 1
    assert kept.recall(ANNAS) is not None


def test_forgetting_all_leaves_nothing_and_goes_on_working(kept: Kept) -> None:
    kept.cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), 10)
    assert kept.forget_all() == 0
    assert kept.recall(ANNAS) is None
    kept.cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), 10)
    assert kept.count() == 1
