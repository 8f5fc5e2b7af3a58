"""The database against the model: whatever is done in whatever order, both answer the same."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.events import Event
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import DeliveriesDue, StoreFailed
from softphone.domain.wrap_up import RecordStatus
from softphone.store import writes
from softphone.store.database import DatabaseFile
from softphone.store.keeper import Keeper
from softphone.store.key import MemoryKey
from tests.fakes.records import InMemoryRecords
from tests.store.samples import START, delivery, draft, ended, live, tried, wrap_up

NUMBERS = st.integers(0, 7)
TROUBLES = st.sampled_from(
    [CrmTrouble.UNREACHABLE, CrmTrouble.SERVER_ERROR, CrmTrouble.BAD_ANSWER, CrmTrouble.BUSY]
)


def task_beside(entry: Delivery) -> Delivery:
    """A task of the same call."""
    return replace(entry, id=DeliveryId(f"task-{entry.id}"), kind=DeliveryKind.SCHEDULE)


def told(event: Event) -> Event:
    """`event` without what only a person reads."""
    return replace(event, detail="") if isinstance(event, StoreFailed) else event


class OutboxMachine(RuleBasedStateMachine):
    """Two stores in step. `InMemoryRecords` is the model: obviously right because it is only dictionaries."""

    attempts: Bundle[Delivery] = Bundle("attempts")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.now = START
        self.real_said: list[Event] = []
        self.model_said: list[Event] = []
        self.key = MemoryKey()
        self.model = InMemoryRecords(self.model_said.append)
        self._open_real()
        self.model.open()

    def _open_real(self) -> None:
        file = DatabaseFile(self.folder / "records.db", self.key)
        self.real = Keeper(file, self.real_said.append)
        self.real.open()

    @rule(number=NUMBERS, over=st.booleans())
    def a_call(self, number: int, over: bool) -> None:
        record, status = (ended(number), RecordStatus.OPEN) if over else (live(number), RecordStatus.LIVE)
        self.real.write(writes.record_call(record, status))
        self.model.record_call(record, status)

    @rule(number=NUMBERS, notes=st.sampled_from(["Water", "Fire", "Storm"]))
    def typing(self, number: int, notes: str) -> None:
        self.real.write(writes.save_draft(draft(number, notes)))
        self.model.save_draft(draft(number, notes))

    @rule(number=NUMBERS, crm=st.sampled_from(["a", "b", None]), with_task=st.booleans())
    def saving(self, number: int, crm: str | None, with_task: bool) -> None:
        entry = delivery(number, crm) if crm else None
        tasks = (task_beside(entry),) if entry and with_task else ()
        self.real.write(writes.save_wrap_up(wrap_up(number), entry, tasks))
        self.model.save_wrap_up(wrap_up(number), entry, tasks)

    @rule(number=NUMBERS, crm=st.sampled_from(["a", "b"]))
    def telling_early(self, number: int, crm: str) -> None:
        entry = delivery(number, crm, notes="")
        if ended(number).call.id in self.model.rows:
            self.real.write(writes.log_early(entry))
            self.model.log_early(entry)

    @rule(target=attempts, limit=st.integers(1, 3))
    def looking(self, limit: int) -> MultipleResults[Delivery]:
        self.real.load_due(self.now, limit)
        self.model.load_due(self.now, limit)
        due = self.real_said[-1]
        assert isinstance(due, DeliveriesDue)
        return multiple(*due.deliveries)

    @rule(attempted=consumes(attempts), trouble=TROUBLES, delay_s=st.integers(0, 4000))
    def failing(self, attempted: Delivery, trouble: CrmTrouble, delay_s: int) -> None:
        after = tried(attempted, trouble, "no")
        self._conclude(after, DeliveryState.WAITING, self.now + timedelta(seconds=delay_s))

    @rule(attempted=consumes(attempts))
    def delivering(self, attempted: Delivery) -> None:
        self._conclude(tried(attempted, CrmTrouble.NONE), DeliveryState.DELIVERED, None)

    @rule(attempted=consumes(attempts))
    def refusing(self, attempted: Delivery) -> None:
        self._conclude(tried(attempted, CrmTrouble.REFUSED, "no"), DeliveryState.REFUSED, None)

    def _conclude(self, after: Delivery, state: DeliveryState, next_at: datetime | None) -> None:
        self.real.write(writes.record_attempt(after, state, next_at, "r", self.real.seen_now))
        self.model.record_attempt(after, state, next_at, "r")

    @rule(number=NUMBERS)
    def trying_again(self, number: int) -> None:
        self.real.write(writes.retry_delivery(delivery(number).id, self.now))
        self.model.retry_delivery(delivery(number).id, self.now)

    @rule(crm=st.sampled_from(["a", "b"]))
    def signing_in(self, crm: str) -> None:
        self.real.write(writes.wake_deliveries(crm, self.now))
        self.model.wake_deliveries(crm, self.now)

    @rule(number=NUMBERS)
    def writing_off(self, number: int) -> None:
        self.real.write(writes.write_off(delivery(number).id, "by hand"))
        self.model.write_off(delivery(number).id, "by hand")

    @rule(number=NUMBERS, notes=st.sampled_from(["Better", "Worse"]), updates=st.booleans())
    def correcting(self, number: int, notes: str, updates: bool) -> None:
        entry = delivery(number)
        if entry.id in self.model.outbox:
            log, finished = replace(entry.log, notes=notes), wrap_up(number, notes)
            self.real.write(writes.correct_wrap_up(finished, entry.id, log, self.now, updates))
            self.model.correct_wrap_up(finished, entry.id, log, self.now, updates)

    @rule(number=NUMBERS, notes=st.sampled_from(["Bet", "Wor"]))
    def typing_a_correction(self, number: int, notes: str) -> None:
        self.real.write(writes.save_draft(draft(number, notes), delivery(number).id))
        self.model.save_draft(draft(number, notes), delivery(number).id)

    @rule(number=NUMBERS)
    def giving_a_correction_up(self, number: int) -> None:
        entry = self.model.outbox.get(delivery(number).id)
        if entry is not None and entry.state is not DeliveryState.WRITTEN_OFF:
            self.real.write(writes.abandon_correction(entry.id))
            self.model.abandon_correction(entry.id)

    @rule(number=NUMBERS)
    def keeping_a_promise(self, number: int) -> None:
        self.real.write(writes.finish_callback(ended(number).call.id, self.now))
        self.model.finish_callback(ended(number).call.id, self.now)

    @rule(days=st.integers(-1, 3))
    def purging(self, days: int) -> None:
        self.real.purge(START + timedelta(days=days))
        self.model.purge(START + timedelta(days=days))

    @rule(seconds=st.one_of(st.integers(0, 5000), st.sampled_from([86_400, -86_400, -10])))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def restarting(self) -> None:
        self.real.close()
        self._open_real()
        self.model.restart(self.model_said.append)
        self.model.open()

    @rule(search=st.sampled_from(["", "water", "fire", "0000003", "weiß", "nobody"]))
    def looking_back(self, search: str) -> None:
        self.real.load_history(5, search)
        self.model.load_history(5, search)

    @invariant()
    def both_say_the_same(self) -> None:
        if hasattr(self, "real_said"):
            assert list(map(told, self.real_said)) == list(map(told, self.model_said))

    def teardown(self) -> None:
        if hasattr(self, "real"):
            self.real.close()
            shutil.rmtree(self.folder)


TestOutboxAgainstItsModel = OutboxMachine.TestCase
TestOutboxAgainstItsModel.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
