"""The database against the model: whatever is done in whatever order, both answer the same."""

from __future__ import annotations

import shutil
import tempfile
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
from softphone.domain.delivery import Delivery, DeliveryState
from softphone.domain.events import DeliveriesDue, Event
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

    @rule(number=NUMBERS, crm=st.sampled_from(["a", "b", None]))
    def saving(self, number: int, crm: str | None) -> None:
        entry = delivery(number, crm) if crm else None
        self.real.write(writes.save_wrap_up(wrap_up(number), entry))
        self.model.save_wrap_up(wrap_up(number), entry)

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
            assert self.real_said == self.model_said

    def teardown(self) -> None:
        if hasattr(self, "real"):
            self.real.close()
            shutil.rmtree(self.folder)


TestOutboxAgainstItsModel = OutboxMachine.TestCase
TestOutboxAgainstItsModel.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
