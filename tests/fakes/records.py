"""A database in memory that behaves as the real one; `tests/contracts/test_records.py` holds both to it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import CallLog, Delivery, DeliveryState
from softphone.domain.do_not_call import BarredNumber
from softphone.domain.events import (
    BarredNumbersLoaded,
    DeliveriesDue,
    DeliveryRecorded,
    DraftSaved,
    Event,
    HistoryLoaded,
    KeyChanged,
    RecordsPurged,
    StoreDescribed,
    StoreFailed,
    StoreOpened,
    StoreTrouble,
    WrapUpSaved,
)
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.wrap_up import CallRecord, Draft, HistoryEntry, RecordStatus, WrapUp

UNFINISHED = (RecordStatus.LIVE, RecordStatus.OPEN)
_STATUS = {
    DeliveryState.WAITING: RecordStatus.SAVED,
    DeliveryState.DELIVERED: RecordStatus.DELIVERED,
    DeliveryState.REFUSED: RecordStatus.REFUSED,
}
OWN_FAULTS = (CrmTrouble.SERVER_ERROR, CrmTrouble.BAD_ANSWER, CrmTrouble.TOO_LARGE)
STEPS_ASIDE_AFTER = 6


@dataclass
class Row:
    """One call and what belongs to it."""

    record: CallRecord
    status: RecordStatus
    draft: Draft
    wrap_up: WrapUp | None = None
    delivery_id: DeliveryId | None = None


class InMemoryRecords:
    """Implements `usecases.ports.Records`; answers are posted inside the command.

    `fail_next` makes writes fail; unlike the real one it does not try them again by itself. `restart` is the
    next life of the desk on the same database. `rows`, `outbox` and `remote_ids` are open to assertions.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self.post = post
        self.rows: dict[CallId, Row] = {}
        self.outbox: dict[DeliveryId, Delivery] = {}
        self.remote_ids: dict[DeliveryId, str] = {}
        self.opened = False
        self.closed = False
        self.open_trouble = StoreTrouble.NONE
        self._early_drafts: dict[CallId, Draft] = {}
        self._barred: list[BarredNumber] = []
        self._begun: set[DeliveryId] = set()
        self._decided_at: dict[DeliveryId, datetime] = {}
        self._seen_now: datetime | None = None
        self._own_faults: Counter[DeliveryId] = Counter()
        self._failures: deque[StoreTrouble] = deque()

    # --- the test's side --------------------------------------------------------------------------------

    def fail_next(self, *troubles: StoreTrouble) -> None:
        """The next writes fail with these, one after the other."""
        self._failures.extend(troubles)

    def restart(self, post: Callable[[Event], None]) -> None:
        """The desk was killed; a new one begins on the same data."""
        self.post = post
        self.opened = self.closed = False
        self._seen_now = None
        for delivery_id in self._begun:
            delivery = self.outbox[delivery_id]
            self.outbox[delivery_id] = replace(delivery, attempts=delivery.attempts + 1)
        self._begun.clear()

    @property
    def deliveries(self) -> list[Delivery]:
        """The outbox, oldest first."""
        return list(self.outbox.values())

    # --- the port ---------------------------------------------------------------------------------------

    def open(self) -> None:
        first, self.opened = not self.opened, True
        unfinished = tuple(self._entry(c) for c, row in self.rows.items() if row.status in UNFINISHED)
        self.post(
            StoreOpened(
                self.open_trouble,
                in_memory=self.open_trouble is not StoreTrouble.NONE,
                unfinished=unfinished if first else (),
            )
        )

    def begin_anew(self) -> None:
        self.open_trouble = StoreTrouble.NONE
        self.post(StoreOpened())

    def record_call(self, record: CallRecord, status: RecordStatus) -> None:
        if not self._fails(record.call.id):
            self._put(record, status)

    def save_draft(self, draft: Draft) -> None:
        if self._fails(draft.call_id):
            return
        row = self.rows.get(draft.call_id)
        if row is None:
            self._early_drafts[draft.call_id] = draft
        elif row.wrap_up is None or row.status is RecordStatus.REFUSED:
            row.draft = draft
        self.post(DraftSaved(draft.call_id))

    def save_wrap_up(self, wrap_up: WrapUp, delivery: Delivery | None) -> None:
        call_id = wrap_up.record.call.id
        if self._fails(call_id):
            return
        row = self._put(wrap_up.record, RecordStatus.OPEN)
        if row.wrap_up is None:
            row.wrap_up, row.draft, row.status = wrap_up, wrap_up.draft, RecordStatus.SAVED
            if "do_not_call" in wrap_up.actions:
                self._barred.append(BarredNumber(wrap_up.record.number, wrap_up.campaign_id))
            if delivery is not None:
                row.delivery_id = delivery.id
                self.outbox[delivery.id] = delivery
        self.post(WrapUpSaved(call_id, row.delivery_id, self.open_trouble is not StoreTrouble.NONE))

    def correct_wrap_up(self, wrap_up: WrapUp, delivery_id: DeliveryId, log: CallLog, now: datetime) -> None:
        call_id = wrap_up.record.call.id
        if self._fails(call_id):
            return
        stored = self.outbox[delivery_id]
        if stored.state is not DeliveryState.REFUSED:
            self.post(StoreFailed(StoreTrouble.OTHER, call_id))
            return
        row = self.rows[call_id]
        row.wrap_up, row.draft, row.status = wrap_up, wrap_up.draft, RecordStatus.SAVED
        if "do_not_call" in wrap_up.actions:
            self._barred.append(BarredNumber(wrap_up.record.number, wrap_up.campaign_id))
        self.outbox[delivery_id] = replace(stored, log=log, state=DeliveryState.WAITING, next_attempt_at=now)
        self._decided_at[delivery_id], self._own_faults[delivery_id] = now, 0
        self.post(WrapUpSaved(call_id, delivery_id, self.open_trouble is not StoreTrouble.NONE))

    def load_due(self, now: datetime, limit: int) -> None:
        self._seen_now = now
        due: list[Delivery] = []
        later: list[datetime] = []
        for line in self._lines():
            ready = next((d for d in line if self._is_due(d, now)), None)
            if ready:
                due.append(ready)
            else:
                later.extend(d.next_attempt_at or now for d in line)
        due.sort(key=lambda d: d.created_at)
        later.extend(d.next_attempt_at or now for d in due[limit:])
        if due and self._fails(None):
            self.post(DeliveriesDue(()))
            return
        self._begun.update(d.id for d in due[:limit])
        self.post(DeliveriesDue(tuple(due[:limit]), min(later, default=None)))

    def record_attempt(
        self, delivery: Delivery, state: DeliveryState, next_attempt_at: datetime | None, remote_id: str = ""
    ) -> None:
        if self._fails(delivery.log.call_id):
            return
        stored = self.outbox.get(delivery.id)
        after = replace(delivery, state=state, next_attempt_at=next_attempt_at)
        if stored is not None and stored.state is not DeliveryState.DELIVERED:
            self.outbox[delivery.id] = after
            self._begun.discard(delivery.id)
            self._own_faults[delivery.id] += delivery.last_trouble in OWN_FAULTS
            self.rows[delivery.log.call_id].status = _STATUS[state]
            if self._seen_now:
                self._decided_at[delivery.id] = self._seen_now
            if remote_id:
                self.remote_ids[delivery.id] = remote_id
        self.post(DeliveryRecorded(after if stored is None else self.outbox[delivery.id]))

    def retry_delivery(self, delivery_id: DeliveryId, now: datetime) -> None:
        stored = self.outbox.get(delivery_id)
        if stored is None or stored.state is DeliveryState.DELIVERED or self._fails(stored.log.call_id):
            return
        self.outbox[delivery_id] = replace(stored, state=DeliveryState.WAITING, next_attempt_at=now)
        self._decided_at[delivery_id] = now
        self._own_faults[delivery_id] = 0
        self.rows[stored.log.call_id].status = RecordStatus.SAVED

    def load_history(self, limit: int, search: str = "") -> None:
        found = [c for c in reversed(self.rows) if _matches(self.rows[c], search)]
        states = [d.state for d in self.outbox.values()]
        self.post(
            HistoryLoaded(
                tuple(self._entry(c) for c in found[:limit]),
                states.count(DeliveryState.WAITING),
                states.count(DeliveryState.REFUSED),
            )
        )

    def load_barred_numbers(self) -> None:
        self.post(BarredNumbersLoaded(tuple(self._barred)))

    def purge(self, before: datetime) -> None:
        if self._fails(None):
            return
        waiting = {d.log.call_id for d in self.outbox.values() if d.state is not DeliveryState.DELIVERED}
        old = [c for c, row in self.rows.items() if row.record.call.started_at < before]
        gone = [c for c in old if self.rows[c].status not in UNFINISHED and c not in waiting]
        for call_id in gone:
            delivery_id = self.rows.pop(call_id).delivery_id
            if delivery_id:
                del self.outbox[delivery_id]
        self.post(RecordsPurged(len(gone)))

    def describe(self) -> None:
        self.post(StoreDescribed((("trouble", self.open_trouble.value), ("not_on_disk_yet", "0"))))

    def change_key(self) -> None:
        if not self._fails(None):
            self.post(KeyChanged())

    def close(self) -> None:
        self.closed = True

    # --- inside -----------------------------------------------------------------------------------------

    def _fails(self, call_id: CallId | None) -> bool:
        if not self._failures:
            return False
        self.post(StoreFailed(self._failures.popleft(), call_id))
        return True

    def _put(self, record: CallRecord, status: RecordStatus) -> Row:
        row = self.rows.get(record.call.id)
        if row is None:
            draft = self._early_drafts.pop(record.call.id, Draft(record.call.id))
            row = self.rows[record.call.id] = Row(record, status, draft)
        row.record = record
        if row.status in UNFINISHED:
            row.status = status
        return row

    def _lines(self) -> list[list[Delivery]]:
        """Per CRM what may be tried: everything up to the first that holds the line. Those that failed often
        by their own fault hold nobody up."""
        lines: dict[str, list[Delivery]] = {}
        held = set()
        for delivery in self.outbox.values():
            if delivery.state is DeliveryState.WAITING and delivery.crm not in held:
                lines.setdefault(delivery.crm, []).append(delivery)
                if self._own_faults[delivery.id] < STEPS_ASIDE_AFTER:
                    held.add(delivery.crm)
        return list(lines.values())

    def _is_due(self, delivery: Delivery, now: datetime) -> bool:
        decided_at = self._decided_at.get(delivery.id)
        clock_went_back = decided_at is not None and now < decided_at
        return delivery.next_attempt_at is None or delivery.next_attempt_at <= now or clock_went_back

    def _entry(self, call_id: CallId) -> HistoryEntry:
        row = self.rows[call_id]
        delivery = self.outbox.get(row.delivery_id) if row.delivery_id else None
        failed = delivery is not None and delivery.state is not DeliveryState.DELIVERED
        return HistoryEntry(
            row.record,
            row.status,
            row.draft,
            row.wrap_up.code_label if row.wrap_up else "",
            delivery.last_detail if delivery and failed else "",
            delivery.last_trouble if delivery and failed else CrmTrouble.NONE,
            row.delivery_id,
        )


def _matches(row: Row, search: str) -> bool:
    call, draft = row.record.call, row.draft
    texts = (row.record.number, call.party.user, call.party.display_name, draft.customer_name, draft.notes)
    digits = "".join(c for c in search if c.isdigit())
    typed_as_number = bool(digits) and not any(c.isalpha() for c in search)
    wanted = [search.casefold()] + ([digits.lstrip("0")] if typed_as_number else [])
    return any(w in text.casefold() for w in wanted for text in texts if w or not search)
