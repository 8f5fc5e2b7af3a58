"""A desk with either store of records, and what the contract's tests do with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from softphone.domain.delivery import Delivery, DeliveryState
from softphone.domain.keeping_events import (
    DeliveriesDue,
    DeliveryRecorded,
    HistoryLoaded,
    StoreOpened,
    WrapUpSaved,
)
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from softphone.usecases.ports import Records
from tests.fakes.records import InMemoryRecords
from tests.store.listening import Heard
from tests.store.samples import START, call_id, delivery, live, wrap_up

NOON = START + timedelta(hours=3)


class Desk(Protocol):
    """One store and what it posts; `restart` is the next life of the desk on the same data."""

    records: Records
    heard: Heard

    def restart(self) -> StoreOpened: ...
    def close(self) -> None: ...


class FakeDesk:
    def __init__(self) -> None:
        self.heard = Heard()
        self.fake = InMemoryRecords(self.heard.post)
        self.records: Records = self.fake

    def restart(self) -> StoreOpened:
        self.heard = Heard()
        self.fake.restart(self.heard.post)
        self.records.open()
        return self.heard.next(StoreOpened)

    def close(self) -> None:
        self.records.close()


class RealDesk:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "records.db"
        self.key = MemoryKey()
        self.heard = Heard()
        self.records: Records = SqlRecords(self.path, self.key, self.heard.post)

    def restart(self) -> StoreOpened:
        self.records.close()
        self.heard = Heard()
        self.records = SqlRecords(self.path, self.key, self.heard.post)
        self.records.open()
        return self.heard.next(StoreOpened)

    def close(self) -> None:
        self.records.close()


def opened_desk(kind: str, folder: Path) -> Iterator[Desk]:
    """A "fake" or a "real" one, open, for one test."""
    made: Desk = FakeDesk() if kind == "fake" else RealDesk(folder)
    made.records.open()
    assert made.heard.next(StoreOpened) == StoreOpened()
    yield made
    made.close()


def save(desk: Desk, number: int, crm: str = "crm") -> Delivery:
    """Live call, wrap-up, saved."""
    entry = delivery(number, crm)
    desk.records.record_call(live(number), RecordStatus.LIVE)
    desk.records.save_wrap_up(wrap_up(number), entry)
    assert desk.heard.next(WrapUpSaved) == WrapUpSaved(call_id(number), entry.id)
    return entry


def due(desk: Desk, now: datetime = NOON, limit: int = 5) -> DeliveriesDue:
    desk.records.load_due(now, limit)
    return desk.heard.next(DeliveriesDue)


def conclude(
    desk: Desk,
    attempted: Delivery,
    state: DeliveryState,
    next_attempt_at: datetime | None = None,
    remote_id: str = "",
) -> Delivery:
    desk.records.record_attempt(attempted, state, next_attempt_at, remote_id)
    return desk.heard.next(DeliveryRecorded).delivery


def history(desk: Desk, search: str = "", limit: int = 50) -> HistoryLoaded:
    desk.records.load_history(limit, search)
    return desk.heard.next(HistoryLoaded)


def only(loaded: HistoryLoaded) -> HistoryEntry:
    (entry,) = loaded.entries
    return entry
