"""A keeper under a test's control: no thread, no waiting, every event at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from softphone.domain.delivery import Delivery
from softphone.domain.events import Event
from softphone.domain.keeping_events import DeliveriesDue, HistoryLoaded, StoreOpened
from softphone.domain.wrap_up import RecordStatus
from softphone.store import writes
from softphone.store.database import DatabaseFile
from softphone.store.keeper import Keeper
from softphone.store.key import DatabaseKey
from tests.store.samples import START, delivery, draft, live, wrap_up

E = TypeVar("E", bound=Event)


class Kept:
    """One life of the store on the file `path`."""

    def __init__(self, path: Path, key: DatabaseKey) -> None:
        self.path = path
        self.heard: list[Event] = []
        self.seconds = 0.0
        self.keeper = Keeper(DatabaseFile(path, key), self.heard.append, lambda: self.seconds)

    def open(self) -> StoreOpened:
        self.keeper.open()
        return self.last(StoreOpened)

    def take_call(self, number: int) -> None:
        """A live call with something typed."""
        self.keeper.write(writes.record_call(live(number), RecordStatus.LIVE))
        self.keeper.write(writes.save_draft(draft(number)))

    def save(self, number: int, notes: str = "Water in the cellar") -> Delivery:
        entry = delivery(number, notes=notes)
        self.keeper.write(writes.save_wrap_up(wrap_up(number, notes), entry))
        return entry

    def due(self) -> tuple[Delivery, ...]:
        self.keeper.load_due(START, 5)
        return self.last(DeliveriesDue).deliveries

    def history(self, search: str = "") -> HistoryLoaded:
        self.keeper.load_history(50, search)
        return self.last(HistoryLoaded)

    def wait_for_retry(self) -> None:
        """Let as much time pass as the keeper wants before it tries again."""
        delay = self.keeper.retry_in_s
        assert delay is not None, "it does not want to try again"
        self.seconds += delay
        self.keeper.try_again()

    def last(self, kind: type[E]) -> E:
        return next(e for e in reversed(self.heard) if isinstance(e, kind))

    def all(self, kind: type[E]) -> list[E]:
        return [e for e in self.heard if isinstance(e, kind)]

    def close(self) -> int:
        return self.keeper.close()
