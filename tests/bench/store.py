"""Figures of the store: `python -m tests.bench.store [--records 100000]` prints JSON.

Acknowledging a wrap-up (command to event, through the worker thread) beside what SQLite itself needs to
commit one row of the same size on the same disk in the same run, unencrypted and encrypted; then opening,
listing and searching a big database.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from softphone.domain.delivery import DeliveryState
from softphone.domain.events import Event
from softphone.domain.keeping_events import (
    DeliveriesDue,
    DraftSaved,
    HistoryLoaded,
    RecordsPurged,
    StoreOpened,
    WrapUpSaved,
)
from softphone.domain.wrap_up import RecordStatus
from softphone.store import calls, outbox
from softphone.store.database import Database, DatabaseFile
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from tests.store.listening import Heard
from tests.store.samples import START, delivery, draft, ended, live, wrap_up

ON_THIS_DISK = Path(__file__).parents[2] / "build"
"""The checkout's disk, not the one of temporary files, which may be memory; git ignores the folder."""
KEY = bytes(range(32))
ROUNDS = 300
WAITING = 500
_INSERT, _ROW = "INSERT INTO rows VALUES (?)", (b"x" * 2500,)


def milliseconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000


def summary(samples: list[float]) -> dict[str, float]:
    """Median, 99th percentile and worst, in milliseconds."""
    ordered = sorted(samples)
    return {
        "p50": round(statistics.median(ordered), 3),
        "p99": round(ordered[int(len(ordered) * 0.99)], 3),
        "max": round(ordered[-1], 3),
    }


@contextmanager
def opened(path: Path) -> Iterator[tuple[SqlRecords, Heard]]:
    heard = Heard()
    records = SqlRecords(path, MemoryKey(KEY), heard.post)
    records.open()
    heard.next(StoreOpened)
    yield records, heard
    records.close()


def acknowledging(folder: Path, rounds: int = ROUNDS) -> dict[str, object]:
    """A draft, a wrap-up with its delivery, and the bare commits beside them, interleaved in one run."""
    samples: dict[str, list[float]] = {"draft": [], "wrap_up": [], "sqlite": [], "sqlcipher": []}
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    encrypted = sqlcipher.connect(str(folder / "encrypted.db"), isolation_level=None)
    encrypted.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    for connection in (plain, encrypted):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE rows (content BLOB)")
    with opened(folder / "records.db") as (records, heard):
        for number in range(rounds):

            def type_something(number: int = number) -> Event:
                records.save_draft(draft(number))
                return heard.next(DraftSaved)

            def save(number: int = number) -> Event:
                records.save_wrap_up(wrap_up(number), delivery(number))
                return heard.next(WrapUpSaved)

            records.record_call(live(number), RecordStatus.LIVE)
            samples["draft"].append(milliseconds(type_something))
            samples["wrap_up"].append(milliseconds(save))
            samples["sqlite"].append(milliseconds(lambda: plain.execute(_INSERT, _ROW)))
            samples["sqlcipher"].append(milliseconds(lambda: encrypted.execute(_INSERT, _ROW)))
    plain.close()
    encrypted.close()
    found: dict[str, object] = {name: summary(times) for name, times in samples.items()}
    found["wrap_up_to_sqlite_ratio"] = round(
        statistics.median(samples["wrap_up"]) / statistics.median(samples["sqlite"]), 1
    )
    return found


def fill(path: Path, count: int) -> None:
    """`count` finished calls, the last `WAITING` of them not delivered; in large transactions."""
    database = DatabaseFile(path, MemoryKey(KEY)).open()
    for begin in range(0, count, 5_000):
        with database.transaction():
            for number in range(begin, min(begin + 5_000, count)):
                _put(database, number, delivered=number < count - WAITING)
    database.close()


def _put(database: Database, number: int, delivered: bool) -> None:
    name = f"Customer {number % 977} Meier"
    entry = delivery(number)
    calls.put_call(database, ended(number, name), RecordStatus.OPEN)
    calls.put_wrap_up(database, wrap_up(number, f"Note {number}: water in the cellar", name), entry)
    if delivered:
        outbox.conclude(database, replace(entry, state=DeliveryState.DELIVERED, attempts=1), None, "r")
        calls.set_status(database, entry.log.call_id, RecordStatus.DELIVERED)


def big_database(folder: Path, count: int) -> dict[str, object]:
    """Opening, listing, searching, looking into the outbox and purging with `count` records."""
    path = folder / "big.db"
    filling_s = milliseconds(lambda: fill(path, count)) / 1000
    found: dict[str, object] = {
        "records": count,
        "filled_in_s": round(filling_s, 1),
        "size_mb": round(path.stat().st_size / 1e6, 1),
    }
    begun = time.perf_counter()
    with opened(path) as (records, heard):
        found["open_ms"] = round((time.perf_counter() - begun) * 1000, 1)

        def listing(search: str) -> Event:
            records.load_history(200, search)
            return heard.next(HistoryLoaded)

        def look() -> Event:
            records.load_due(START, 5)
            return heard.next(DeliveriesDue)

        def purge() -> Event:
            records.purge(ended(count // 2).call.started_at)
            return heard.next(RecordsPurged)

        found["list_ms"] = summary([milliseconds(lambda: listing("")) for _ in range(20)])
        for name, text in (("common", "meier"), ("rare", f"note {count // 2}:"), ("absent", "nobody here")):
            times = [milliseconds(partial(listing, text)) for _ in range(5)]
            found[f"search_{name}_ms"] = summary(times)
        found["due_ms"] = summary([milliseconds(look) for _ in range(20)])
        found["purge_half_ms"] = round(milliseconds(purge), 1)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
    ON_THIS_DISK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ON_THIS_DISK) as folder:
        figures = {
            "acknowledge_ms": acknowledging(Path(folder)),
            "big": big_database(Path(folder), options.records),
        }
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
