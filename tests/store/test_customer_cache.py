"""The database of kept customers: encrypted, expendable, fast."""

from __future__ import annotations

import queue
import stat
import time
from pathlib import Path

import pytest

from softphone.domain.customer import Customer
from softphone.domain.customer_cache import CacheKey, KeptCustomers
from softphone.domain.customer_events import CustomersRecalled
from softphone.domain.events import Event
from softphone.domain.ids import CallId, CustomerId, QueryId
from softphone.store.customer_cache import SqlCustomerCache
from softphone.store.key import MemoryKey
from tests.contracts.test_customer_cache import ANNA, ANNAS, INSURER, LONG_AGO, NOW

KEY = b"k" * 32
LIMIT = 20_000


class Disk:
    """Opens the same file again and again, like one start after another."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.posted: queue.Queue[Event] = queue.Queue()
        self.cache: SqlCustomerCache | None = None

    def start(self, key: bytes | None = KEY) -> SqlCustomerCache:
        if self.cache is not None:
            self.cache.close()
        self.cache = SqlCustomerCache(self.path, MemoryKey(key), self.posted.put)
        self.cache.open()
        return self.cache

    def recall(self, key: CacheKey = ANNAS) -> KeptCustomers | None:
        assert self.cache is not None
        self.cache.recall(QueryId("q"), CallId("c"), key, LONG_AGO)
        event = self.posted.get(timeout=10)
        assert isinstance(event, CustomersRecalled)
        return event.kept

    def bytes(self) -> bytes:
        return b"".join(file.read_bytes() for file in self.path.parent.glob(f"{self.path.name}*"))


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    made = Disk(tmp_path / "data" / "customers.db")
    made.start().keep(ANNAS, KeptCustomers((ANNA,), NOW), LIMIT)
    assert made.recall() is not None
    return made


def test_what_was_kept_survives_a_restart(disk: Disk) -> None:
    disk.start()
    assert disk.recall() == KeptCustomers((ANNA,), NOW)


def test_nothing_of_a_customer_can_be_read_on_the_disk_and_nobody_else_may_open_it(disk: Disk) -> None:
    found = disk.bytes()
    assert len(found) > 4_096
    for secret in ("Nina", "a@b.test", "insurer", "crm.test", "SQLite format"):
        assert secret.encode() not in found
    assert stat.S_IMODE(disk.path.stat().st_mode) == 0o600


def test_another_key_begins_anew(disk: Disk) -> None:
    cache = disk.start(b"n" * 32)
    assert disk.recall() is None
    cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), LIMIT)
    assert disk.recall() is not None


def test_damage_begins_anew(disk: Disk) -> None:
    assert disk.cache is not None
    disk.cache.close()
    disk.path.write_bytes(b"not a database" * 1_000)
    disk.start()
    assert disk.recall() is None


def test_without_a_key_nothing_is_kept_and_nothing_fails(disk: Disk) -> None:
    cache = disk.start(None)
    cache.keep(ANNAS, KeptCustomers((ANNA,), NOW), LIMIT)
    cache.tidy(frozenset({INSURER}), LONG_AGO)
    assert disk.recall() is None


def test_a_folder_that_cannot_be_written_costs_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    disk = Disk(tmp_path / "data" / "customers.db")
    disk.start().keep(ANNAS, KeptCustomers((ANNA,), NOW), LIMIT)
    assert disk.recall() is None


def test_forgetting_all_leaves_no_bytes_of_the_old_file(disk: Disk) -> None:
    disk.start()  # closing takes the log into the file
    pages = [disk.path.read_bytes()[at : at + 4_096] for at in (4_096, 8_192)]
    assert disk.cache is not None
    disk.cache.forget_all()
    disk.cache.close()
    left = disk.bytes()
    assert all(len(page) == 4_096 and page not in left for page in pages)


def test_one_of_two_thousand_is_recalled_within_the_time_of_a_frame(disk: Disk) -> None:
    cache = disk.start()
    kept = KeptCustomers((Customer(CustomerId("x"), "X" * 400),), NOW)
    for number in range(2_000):
        cache.keep(CacheKey(INSURER, f"+49{number}"), kept, LIMIT)
    disk.recall()
    took = []
    for number in range(0, 2_000, 100):
        began = time.perf_counter()
        assert disk.recall(CacheKey(INSURER, f"+49{number}")) is not None
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.016
