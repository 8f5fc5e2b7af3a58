"""The CRM is away for three days and comes back in a bad state: everything arrives, in order, once."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble, CustomerQuery
from softphone.domain.delivery import Delivery, DeliveryResult
from softphone.domain.events import DeliveryAttempted, Event, HistoryLoaded
from softphone.domain.ids import CallId, DeliveryId, QueryId
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from softphone.usecases.bus import Bus
from softphone.usecases.delivering import Delivering
from tests.fakes.clock import CountingIdentities, FakeClock
from tests.store.samples import delivery, wrap_up

HOUR, DAY = 3600.0, 86_400.0


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


class Shift:
    """Store, outbox and CRM of one desk on a fake clock; `restart` is the next desk on the same file."""

    def __init__(self, path: Path) -> None:
        self.clock = FakeClock()
        self._path = path
        self._key = MemoryKey()
        self.crm = BluntCrm(self._post)
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
        entry = replace(delivery(number, crm), created_at=self.clock.now())
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


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    made = Shift(tmp_path / "records.db")
    yield made
    made.records.close()


def away() -> Iterator[tuple[CrmTrouble, bool]]:
    return itertools.repeat((CrmTrouble.UNREACHABLE, False))


COMES_BACK_BADLY = (
    (CrmTrouble.SERVER_ERROR, False),
    (CrmTrouble.SERVER_ERROR, False),
    (CrmTrouble.BUSY, False),
    (CrmTrouble.TIMEOUT, True),
    (CrmTrouble.UNREACHABLE, True),
    (CrmTrouble.BAD_ANSWER, True),
    (CrmTrouble.CREDENTIALS, False),
    (CrmTrouble.NONE, True),
    (CrmTrouble.SERVER_ERROR, True),
    (CrmTrouble.BUSY, False),
)


def test_after_three_days_away_everything_arrives_in_order_and_once(shift: Shift) -> None:
    shift.crm.troubles = away()
    saved: dict[str, list[DeliveryId]] = {"a": [], "b": []}
    for number in range(72):
        crm = "ab"[number % 2]
        saved[crm].append(shift.save(number, crm))
        shift.advance(HOUR, step=30)
        if number % 20 == 19:
            shift.restart()
    assert shift.crm.written == {"a": [], "b": []}
    assert shift.crm.attempts < 1_000, "a CRM that is away is not to be hammered"
    shift.crm.troubles = itertools.chain(COMES_BACK_BADLY * 3, itertools.repeat((CrmTrouble.NONE, True)))
    shift.drain(within_s=36 * HOUR)
    assert shift.crm.written == saved


@pytest.mark.parametrize(
    "trouble", [CrmTrouble.SERVER_ERROR, CrmTrouble.BAD_ANSWER, CrmTrouble.BUSY, CrmTrouble.TIMEOUT]
)
def test_a_crm_that_answers_with_an_error_for_a_day_gets_everything_in_order(
    shift: Shift, trouble: CrmTrouble
) -> None:
    shift.crm.troubles = itertools.repeat((trouble, False))
    saved = []
    for number in range(24):
        saved.append(shift.save(number, "a"))
        shift.advance(HOUR, step=30)
        if number % 10 == 9:
            shift.restart()
    assert shift.crm.attempts < 2_500, "a CRM that is ill is not to be hammered"
    shift.crm.troubles = iter(())
    shift.drain(within_s=HOUR)
    assert shift.crm.written == {"a": saved}


def test_a_crm_that_is_ill_on_and_off_gets_everything_in_order(shift: Shift) -> None:
    chance = random.Random(5)
    ill = [CrmTrouble.SERVER_ERROR] * 8 + [CrmTrouble.UNREACHABLE, CrmTrouble.BUSY]
    shift.crm.troubles = ((chance.choice(ill), chance.random() < 0.3) for _ in range(400))
    saved = []
    for number in range(24):
        saved.append(shift.save(number, "a"))
        shift.advance(HOUR / 2, step=30)
    shift.drain(within_s=72 * HOUR)
    assert sorted(shift.crm.written["a"]) == sorted(saved)


def test_one_record_that_makes_the_crm_fail_keeps_no_other_waiting(shift: Shift) -> None:
    shift.crm.poison = poison = delivery(0, "a").id
    shift.save(0, "a")
    shift.advance(HOUR, step=30)
    others = []
    for number in range(1, 20):
        others.append(shift.save(number, "a"))
        shift.advance(60)
        assert shift.crm.written["a"] == others
    shift.crm.poison = None
    shift.drain(within_s=HOUR)
    assert shift.crm.written["a"] == [*others, poison]


@pytest.mark.parametrize("jump", [1.0, -1.0])
def test_a_clock_that_jumps_a_day_delays_nothing_and_repeats_nothing(shift: Shift, jump: float) -> None:
    shift.crm.troubles = away()
    saved = [shift.save(number, "a") for number in range(10)]
    shift.advance(2 * HOUR, step=30)
    shift.set_clock(jump)
    shift.advance(600)
    shift.crm.troubles = itertools.chain(COMES_BACK_BADLY, itertools.repeat((CrmTrouble.NONE, True)))
    shift.set_clock(-2 * jump)
    shift.drain(within_s=12 * HOUR)
    assert shift.crm.written == {"a": saved}


def test_one_crm_away_holds_no_other_up(shift: Shift) -> None:
    shift.crm.troubles = itertools.repeat((CrmTrouble.UNREACHABLE, False), 1)
    shift.save(0, "away")
    arrived = shift.save(1, "here")
    assert shift.crm.written["here"] == [arrived]
    assert shift.crm.written["away"] == []
