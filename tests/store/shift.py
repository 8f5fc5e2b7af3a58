"""Store, outbox and CRM of one desk on a fake clock: days pass in a moment."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Generic, TypeVar

from softphone.domain.customer import CrmTrouble, CustomerQuery
from softphone.domain.delivery import Delivery, DeliveryResult
from softphone.domain.events import Event
from softphone.domain.ids import CallId, DeliveryId, QueryId
from softphone.domain.keeping_events import DeliveryAttempted, HistoryLoaded
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Deliveries
from softphone.usecases.wrap_up.delivering import Delivering
from tests.fakes.clock import CountingIdentities, FakeClock
from tests.store.samples import delivery, wrap_up

HOUR = 3600.0


class DirectRecords(SqlRecords):
    """The real store without its thread: each command is carried out before the next line."""

    def open(self) -> None:
        self._keeper.open()

    def _command(self, action: Callable[[], None], call_id: CallId | None = None) -> None:
        action()

    def close(self) -> None:
        self._keeper.close()


@dataclass
class BluntCrm:
    """Port `Crm`. It writes down whatever it is sent; only who asks first learns that it is there already.

    `troubles` come one per attempt: a trouble, and whether the record was written before it.
    """

    post: Callable[[Event], None]
    troubles: Iterator[tuple[CrmTrouble, bool]] = field(default_factory=lambda: iter(()))
    written: defaultdict[str, list[DeliveryId]] = field(default_factory=lambda: defaultdict(list))
    attempts: int = 0
    poison: DeliveryId | None = None
    """The one record that the CRM cannot stomach."""

    def find(self, query: CustomerQuery) -> None: ...
    def cancel(self, query_id: QueryId) -> None: ...

    def deliver(self, delivery: Delivery) -> None:
        self.attempts += 1
        if delivery.id == self.poison:
            self.post(DeliveryAttempted(DeliveryResult(delivery.id, CrmTrouble.SERVER_ERROR)))
            return
        trouble, arrives = next(self.troubles, (CrmTrouble.NONE, True))
        there = delivery.attempts > 0 and delivery.id in self.written[delivery.crm]
        if arrives and not there:
            self.written[delivery.crm].append(delivery.id)
        retry_after_s = 120.0 if trouble is CrmTrouble.BUSY else 0.0
        self.post(DeliveryAttempted(DeliveryResult(delivery.id, trouble, retry_after_s=retry_after_s)))


C = TypeVar("C", bound=Deliveries)


class Shift(Generic[C]):
    """`restart` is the next desk on the same file."""

    def __init__(self, path: Path, crm: Callable[[Callable[[Event], None]], C]) -> None:
        self.clock = FakeClock()
        self._path = path
        self._key = MemoryKey()
        self.crm = crm(self._post)
        self.waiting = -1
        self._begin()

    def _begin(self) -> None:
        self._posted: deque[Event] = deque()
        self._faults: list[Exception] = []
        self._bus = Bus(lambda _event, exc: self._faults.append(exc))
        self._bus.subscribe(HistoryLoaded, self._on_history)
        self.records = DirectRecords(self._path, self._key, self._post)
        Delivering(self.records, self.crm, self.clock, CountingIdentities(), self._bus)
        self.records.open()
        self.run()

    def _post(self, event: Event) -> None:
        self._posted.append(event)

    def _on_history(self, event: HistoryLoaded) -> None:
        self.waiting = event.waiting

    def restart(self) -> None:
        """The old desk is gone with its timers, in the middle of what it was doing."""
        self.records.close()
        self.clock.timers.clear()
        self._begin()

    def run(self) -> None:
        while self._posted:
            self._bus.publish(self._posted.popleft())
        if self._faults:
            raise self._faults[0]

    def advance(self, seconds: float, step: float = 5.0) -> None:
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            self.run()

    def set_clock(self, days: float) -> None:
        """Somebody, or a time server, changes the time of day; the seconds that pass are not affected."""
        self.clock.start += timedelta(days=days)

    def save(self, number: int, crm: str) -> DeliveryId:
        sample = delivery(number, crm)
        log = replace(sample.log, customer_id="C001")
        entry = replace(sample, log=log, created_at=self.clock.now())
        self.records.save_wrap_up(wrap_up(number), entry)
        self.run()
        return entry.id

    def drain(self, within_s: float) -> None:
        for _ in range(round(within_s / 60)):
            self.records.load_history(1)
            self.run()
            if self.waiting == 0:
                return
            self.advance(60, step=20)
        raise AssertionError(f"{self.waiting} still wait after {within_s / HOUR} h")
