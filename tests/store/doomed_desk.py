"""A desk that works until it is killed: the real store and the real use case of delivering, no window.

It runs in a forked process. Everything it is told by the store it reports at once to its parent, which is
also the CRM: a CRM without any protection of its own, that writes down whatever it is sent, every time.
"""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from softphone.domain.customer import CrmTrouble, CustomerQuery
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryResult
from softphone.domain.events import Event
from softphone.domain.ids import CallId, QueryId
from softphone.domain.keeping_events import (
    DeliveriesDue,
    DeliveryAttempted,
    DeliveryRecorded,
    DraftSaved,
    HistoryLoaded,
    StoreFailed,
    StoreOpened,
    WrapUpSaved,
)
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from softphone.usecases.bus import Bus
from softphone.usecases.wrap_up.delivering import Delivering
from tests.fakes.clock import CountingIdentities
from tests.store.day import CORRECTED, typed, version_of
from tests.store.disk import CountingDisk
from tests.store.samples import START, delivery, ended, live, wrap_up
from tests.store.sqlite_vfs import OK, watched_by

KEY = bytes(range(32))
CALLS_PER_LIFE = 6
TIME_LAPSE = 20_000
"""Seconds of the desk's clock in one real second: backing off must not slow the harness down."""


@dataclass(frozen=True)
class Life:
    """What one life is to do. `dies_at` is the disk operation before which it kills itself, if it does."""

    number: int
    seed: int
    dies_at: int | None = None
    drain: bool = False
    """Take no calls, deliver everything, end by itself."""


class Line:
    """The wire to the parent: one JSON value per line; questions wait for their answer."""

    def __init__(self, to_parent: BinaryIO, from_parent: BinaryIO) -> None:
        self._to_parent = to_parent
        self._from_parent = from_parent

    def tell(self, *words: object) -> None:
        self._to_parent.write(json.dumps(words).encode() + b"\n")
        self._to_parent.flush()

    def ask(self, *words: object) -> str:
        self.tell(*words)
        return self._from_parent.readline().decode().strip()


class LapsingClock:
    """Port `Clock`; timers fire when the desk looks at them."""

    def __init__(self, begins: datetime) -> None:
        self._begins = begins
        self._zero = time.monotonic()
        self._timers: list[LapsingTimer] = []

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._zero) * TIME_LAPSE

    def after(self, delay_s: float, action: Callable[[], None]) -> LapsingTimer:
        timer = LapsingTimer(self.monotonic() + delay_s, action)
        self._timers.append(timer)
        return timer

    def fire(self) -> None:
        due = [t for t in self._timers if t.due <= self.monotonic()]
        self._timers = [t for t in self._timers if t not in due]
        for timer in due:
            if not timer.cancelled:
                timer.action()


@dataclass(eq=False)
class LapsingTimer:
    due: float
    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class ParentCrm:
    """Port `Crm` as every adapter must do it: with attempts behind it, ask before sending again."""

    def __init__(self, line: Line, post: Callable[[Event], None], chance: random.Random) -> None:
        self._line = line
        self._post = post
        self._chance = chance

    def find(self, query: CustomerQuery) -> None:
        raise AssertionError("nobody looks anybody up here")

    def cancel(self, query_id: QueryId) -> None:
        raise AssertionError("nobody looks anybody up here")

    def deliver(self, delivery: Delivery) -> None:
        if delivery.kind is DeliveryKind.UPDATE_CALL:
            self._change(delivery)
            return
        there = delivery.attempts > 0 and self._line.ask("is it there", delivery.id) == "yes"
        if not there and self._chance.random() < 0.1:
            self._post(DeliveryAttempted(DeliveryResult(delivery.id, CrmTrouble.UNREACHABLE)))
            return
        if not there:
            self._line.ask("take this", delivery.id, delivery.log.call_id, version_of(delivery.log.notes))
        elif delivery.revision:  # it may be there as it was before it was corrected
            self._line.ask("change this", delivery.id, version_of(delivery.log.notes))
        if self._chance.random() < 0.08:  # it is there, what completes it is refused
            self._post(DeliveryAttempted(DeliveryResult(delivery.id, CrmTrouble.REFUSED)))
            return
        self._answer(delivery)

    def _change(self, update: Delivery) -> None:
        """Changing twice is changing once."""
        if self._chance.random() < 0.1:
            self._post(DeliveryAttempted(DeliveryResult(update.id, CrmTrouble.UNREACHABLE)))
            return
        self._line.ask("change this", update.id, version_of(update.log.notes))
        self._answer(update)

    def _answer(self, delivery: Delivery) -> None:
        if self._chance.random() < 0.15:
            self._post(DeliveryAttempted(DeliveryResult(delivery.id, CrmTrouble.TIMEOUT)))
            return
        self._post(DeliveryAttempted(DeliveryResult(delivery.id, remote_id="r")))


class SuicidalDisk(CountingDisk):
    """Kills its process before operation number `dies_at`."""

    def __init__(self, dies_at: int | None) -> None:
        super().__init__()
        self._dies_at = dies_at

    def _count(self) -> int:
        if self.operations == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.operations += 1
        return OK


NO_PROGRESS_S = 180.0


class DoomedDesk:
    """One life of the desk."""

    def __init__(self, path: Path, life: Life, line: Line) -> None:
        self._life = life
        self._line = line
        self._chance = random.Random(life.seed)
        self._posted: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._bus = Bus(self._fault)
        self._records = SqlRecords(path, MemoryKey(KEY), self._posted.put)
        self._clock = LapsingClock(START + timedelta(days=3 + life.number))
        crm = ParentCrm(line, self._posted.put, self._chance)
        self._bus.subscribe_all(self._report)
        self._bus.subscribe(StoreOpened, self._finish_what_was_left)
        self._bus.subscribe(HistoryLoaded, self._on_history)
        Delivering(self._records, crm, self._clock, CountingIdentities(), self._bus)
        self._waiting = 1
        self._corrections = 0
        self._to_correct = False
        self._commanded: defaultdict[CallId, deque[int]] = defaultdict(deque)
        """The versions of outcomes that the store has not answered for yet."""

    def live(self) -> None:
        """Work through the life's calls, then end in good order."""
        with watched_by(SuicidalDisk(self._life.dies_at)):
            self._records.open()
            if not self._life.drain:
                self._correct_something()
            self._pump(until=0.02)
            if self._life.drain:
                self._drain()
            else:
                first = self._life.number * CALLS_PER_LIFE
                for number in range(first, first + CALLS_PER_LIFE):
                    self._take_call(number)
            self._records.close()

    def _take_call(self, number: int) -> None:
        self._records.record_call(live(number), RecordStatus.LIVE)
        versions = self._chance.randrange(1, 4)
        for version in range(1, versions + 1):
            self._records.save_draft(typed(number, version))
            self._pump(until=self._chance.choice((0, 0, 0.002)))
        self._records.record_call(ended(number), RecordStatus.OPEN)
        if self._chance.random() < 0.4:
            self._tell_early(number)
            self._pump(until=self._chance.choice((0, 0, 0.004)))
        self._save(number, typed(number, versions).notes)
        self._pump(until=self._chance.choice((0, 0.001, 0.004)))
        self._correct_something()
        self._pump(until=self._chance.choice((0, 0.001, 0.004)))

    def _correct_something(self) -> None:
        """Often: what an earlier life has left, or this one."""
        if self._chance.random() < 0.6:
            self._to_correct = True
            self._records.load_history(12)

    def _correct(self, entry: HistoryEntry) -> None:
        """Whatever has become of that outcome."""
        if entry.delivery_id is None:
            return
        self._corrections += 1
        number = int(entry.record.call.id.split("-")[1])
        version = CORRECTED * (self._life.number + 1) + self._corrections
        notes = typed(number, version).notes
        log = replace(delivery(number).log, notes=notes)
        self._records.save_draft(typed(number, version), entry.delivery_id)
        self._commanded[log.call_id].append(version)
        self._records.correct_wrap_up(
            wrap_up(number, notes), entry.delivery_id, log, self._clock.now(), updates=True
        )

    def _tell_early(self, number: int) -> None:
        """Before anything is known of its outcome."""
        entry = delivery(number, notes="")
        fresh = replace(entry, id=type(entry.id)(f"{entry.id}-early-{self._life.number}"))
        self._records.log_early(fresh)

    def _save(self, number: int, notes: str) -> None:
        # A new delivery id each time: nothing but the store keeps one call from being delivered as two.
        entry = delivery(number, notes=notes)
        self._commanded[entry.log.call_id].append(version_of(notes))
        fresh = replace(entry, id=type(entry.id)(f"{entry.id}-life-{self._life.number}"))
        self._records.save_wrap_up(wrap_up(number, notes), fresh)

    def _finish_what_was_left(self, event: StoreOpened) -> None:
        self._line.tell("unfinished", [e.record.call.id for e in event.unfinished], event.trouble.value)
        for entry in event.unfinished:
            self._save(int(entry.record.call.id.split("-")[1]), entry.draft.notes or "nothing")

    def _drain(self) -> None:
        """Until nothing waits any more; given up only when nothing moves, however slow the machine is."""
        least, give_up = self._waiting, time.monotonic() + NO_PROGRESS_S
        while self._waiting and time.monotonic() < give_up:
            self._records.load_history(1)
            self._pump(until=0.005)
            if self._waiting != least:
                least, give_up = self._waiting, time.monotonic() + NO_PROGRESS_S

    def _on_history(self, event: HistoryLoaded) -> None:
        self._waiting = event.waiting
        if self._to_correct and event.entries:
            self._to_correct = False
            self._correct(self._chance.choice(event.entries))

    def _pump(self, until: float) -> None:
        """Deliver events for `until` seconds, at least those that are there."""
        end = time.monotonic() + until
        while True:
            self._clock.fire()
            try:
                self._bus.publish(self._posted.get(timeout=max(0.0, min(0.002, end - time.monotonic()))))
            except queue.Empty:
                if time.monotonic() >= end:
                    return

    def _report(self, event: Event) -> None:
        if isinstance(event, DraftSaved):
            self._line.tell("draft", event.call_id)
        elif isinstance(event, WrapUpSaved):
            version = self._commanded[event.call_id].popleft()
            self._line.tell("saved", event.call_id, event.delivery_id, version)
        elif isinstance(event, DeliveriesDue):
            self._line.tell("handed out", {d.id: d.revision for d in event.deliveries})
        elif isinstance(event, DeliveryRecorded):
            told = event.delivery
            self._line.tell("recorded", told.id, told.state.value, told.revision)
        elif isinstance(event, StoreFailed):
            self._line.tell("fault", f"store: {event.trouble} {event.detail}")

    def _fault(self, _event: Event, exc: Exception) -> None:
        self._line.tell("fault", repr(exc))
