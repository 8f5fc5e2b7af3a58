"""A database in memory that behaves as the real one; `tests/contracts/test_records.py` holds both to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from softphone.domain.campaign import CampaignCodes
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryState, draft_of
from softphone.domain.events import Event
from softphone.domain.ids import CallId, CampaignId, DeliveryId
from softphone.domain.keeping_events import (
    BarredNumbersLoaded,
    CallbacksLoaded,
    CodesKept,
    DeliveriesDue,
    DeliveryAdded,
    DeliveryRecorded,
    DraftSaved,
    HistoryLoaded,
    KeyChanged,
    RecordsExported,
    RecordsPurged,
    RefusedChangesLoaded,
    StoreDescribed,
    StoreFailed,
    StoreOpened,
    WrapUpSaved,
    WrittenOff,
)
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.turns import OWN_FAULTS, turn
from softphone.domain.wrap_up import CallRecord, Draft, HistoryEntry, RecordsShown, RecordStatus, WrapUp
from tests.fakes.outbox import Outbox
from tests.fakes.promises import BarredNumbers, Promises
from tests.fakes.record_rows import Row, for_support, matches

UNFINISHED = (RecordStatus.LIVE, RecordStatus.OPEN)
_STATUS = {
    DeliveryState.WAITING: RecordStatus.SAVED,
    DeliveryState.DELIVERED: RecordStatus.DELIVERED,
    DeliveryState.REFUSED: RecordStatus.REFUSED,
    DeliveryState.WRITTEN_OFF: RecordStatus.WRITTEN_OFF,
}
SETTLED = (DeliveryState.DELIVERED, DeliveryState.WRITTEN_OFF)


class InMemoryRecords:
    """Implements `usecases.ports.Records`; answers are posted inside the command.

    `fail_next` makes writes fail; unlike the real one it does not try them again by itself. `restart` is the
    next life of the desk on the same database. `rows`, `outbox` and `remote_ids` are open to assertions.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self.post = post
        self.rows: dict[CallId, Row] = {}
        self._box = Outbox()
        self.outbox = self._box.entries
        self.remote_ids = self._box.remote_ids
        self._promises = Promises()
        self.promised = self._promises.open
        self.codes: dict[CampaignId, CampaignCodes] = {}
        self.opened = False
        self.closed = False
        self.open_trouble = StoreTrouble.NONE
        self._early_drafts: dict[CallId, Draft] = {}
        self._barred = BarredNumbers()
        self._seen_now: datetime | None = None
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
        for delivery_id in self._box.begun:
            delivery = self.outbox[delivery_id]
            self.outbox[delivery_id] = replace(delivery, attempts=delivery.attempts + 1)
        self._box.begun.clear()

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

    def save_draft(self, draft: Draft, correcting: DeliveryId | None = None) -> None:
        if self._fails(draft.call_id):
            return
        row = self.rows.get(draft.call_id)
        if row is None:
            if correcting is None:
                self._early_drafts[draft.call_id] = draft
        elif (row.wrap_up is None and correcting is None) or self._box.may_correct(
            row.delivery_id, correcting
        ):
            row.draft = draft
        self.post(DraftSaved(draft.call_id))

    def save_wrap_up(
        self, wrap_up: WrapUp, delivery: Delivery | None, tasks: tuple[Delivery, ...] = ()
    ) -> None:
        call_id = wrap_up.record.call.id
        if self._fails(call_id):
            return
        row = self._put(wrap_up.record, RecordStatus.OPEN)
        if row.wrap_up is None:
            row.wrap_up, row.draft, row.status = wrap_up, wrap_up.draft, RecordStatus.SAVED
            self._barred.bar(wrap_up)
            self._promises.make(wrap_up)
            if delivery is not None and row.delivery_id is not None:
                self._box.complete(self.outbox[row.delivery_id], delivery.log, delivery.created_at)
            elif delivery is not None:
                row.delivery_id = delivery.id
                self.outbox[delivery.id] = delivery
            self.outbox.update({task.id: task for task in tasks})
        self.post(WrapUpSaved(call_id, row.delivery_id, self.open_trouble is not StoreTrouble.NONE))

    def correct_wrap_up(
        self,
        wrap_up: WrapUp,
        delivery_id: DeliveryId,
        log: CallLog,
        now: datetime,
        updates: bool = False,
        tasks: tuple[Delivery, ...] = (),
    ) -> None:
        call_id = wrap_up.record.call.id
        if self._fails(call_id):
            return
        without_outcome = self._is_open(call_id)
        if without_outcome or not self._box.take_correction(self.outbox[delivery_id], log, now, updates):
            self.post(StoreFailed(StoreTrouble.SUPERSEDED, call_id))
            return
        row = self.rows[call_id]
        row.wrap_up, row.draft, row.status = wrap_up, wrap_up.draft, RecordStatus.SAVED
        if "do_not_call" not in wrap_up.actions:
            self._barred.free(call_id)
        self._barred.bar(wrap_up)
        self._promises.renew(wrap_up.record, wrap_up.draft)
        for task in tasks:
            if not self._box.has_task(task):
                self.outbox.setdefault(task.id, task)
        self.post(WrapUpSaved(call_id, delivery_id, self.open_trouble is not StoreTrouble.NONE))

    def abandon_correction(self, delivery_id: DeliveryId) -> None:
        log = self._box.revised.get(delivery_id, self.outbox[delivery_id].log)
        if not self._fails(log.call_id):
            self.rows[log.call_id].draft = draft_of(log, self.rows[log.call_id].draft)
            self.post(DraftSaved(log.call_id))

    def write_off(self, delivery_id: DeliveryId, reason: str) -> None:
        stored = self.outbox.get(delivery_id)
        if self._fails(None):
            return
        stuck = stored is not None and (
            stored.state is DeliveryState.REFUSED
            or (stored.state is DeliveryState.WAITING and stored.attempts > 0)
        )
        if stored is not None and stuck:
            self.outbox[delivery_id] = replace(stored, state=DeliveryState.WRITTEN_OFF, last_detail=reason)
            self._box.begun.discard(delivery_id)
            if stored.kind.brings_outcome:
                self._show(stored.log.call_id, RecordStatus.WRITTEN_OFF)
                self._box.revised.pop(delivery_id, None)
                self._restore(self._box.accepted.get(delivery_id, stored.log))
        self.post(WrittenOff(delivery_id, stuck))

    def log_early(self, delivery: Delivery) -> None:
        call_id = delivery.log.call_id
        if self._fails(call_id):
            return
        row = self.rows.get(call_id)
        if row is not None and row.delivery_id is None and self._is_open(call_id):
            row.delivery_id = delivery.id
            self.outbox[delivery.id] = delivery
            self._box.early.add(delivery.id)
        self.post(DeliveryAdded(delivery, self.open_trouble is not StoreTrouble.NONE))

    def add_delivery(self, delivery: Delivery) -> None:
        if not self._fails(delivery.log.call_id):
            self.outbox.setdefault(delivery.id, delivery)
            self.post(DeliveryAdded(delivery, self.open_trouble is not StoreTrouble.NONE))

    def load_refused_changes(self) -> None:
        refused = (d for d in self.outbox.values() if d.state is DeliveryState.REFUSED)
        changes = tuple(d for d in refused if d.kind is DeliveryKind.UPDATE_CUSTOMER)
        self.post(RefusedChangesLoaded(changes))

    def load_due(self, now: datetime, limit: int) -> None:
        self._seen_now = now
        due: list[Delivery] = []
        later: list[datetime] = []
        for line in self._box.lines():
            found = turn([self._box.place(d) for d in line], now)
            if found.who is not None:
                due.append(line[found.who])
            elif found.look_again_at:
                later.append(found.look_again_at)
        due.sort(key=lambda d: d.created_at)
        later.extend(d.next_attempt_at or now for d in due[limit:])
        if due and self._fails(None):
            self.post(DeliveriesDue(()))
            return
        self._box.begun.update(d.id for d in due[:limit])
        self.post(DeliveriesDue(tuple(due[:limit]), min(later, default=None)))

    def record_attempt(
        self, delivery: Delivery, state: DeliveryState, next_attempt_at: datetime | None, remote_id: str = ""
    ) -> None:
        if self._fails(delivery.log.call_id):
            return
        stored = self.outbox.get(delivery.id)
        after = replace(delivery, state=state, next_attempt_at=next_attempt_at)
        held = stored is not None and stored.state is DeliveryState.WRITTEN_OFF
        stale = stored is not None and (stored.kind, stored.revision) != (delivery.kind, delivery.revision)
        changes = not stale and (not held or state is DeliveryState.DELIVERED)
        if stored is not None and stored.state is not DeliveryState.DELIVERED and changes:
            # What is sent is the entry's own; how it went is the attempt's.
            self.outbox[delivery.id] = replace(after, log=stored.log)
            self._box.begun.discard(delivery.id)
            self._box.own_faults[delivery.id] += delivery.last_trouble in OWN_FAULTS
            if self._seen_now:
                self._box.decided_at[delivery.id] = self._seen_now
            if remote_id:
                self.remote_ids[delivery.id] = remote_id
            if delivery.kind.brings_outcome:
                if held:
                    self._restore(stored.log)
                self._box.follow(delivery.id)
                self._show(delivery.log.call_id, _STATUS[self.outbox[delivery.id].state])
        self.post(DeliveryRecorded(after if stored is None else self.outbox[delivery.id]))

    def retry_delivery(self, delivery_id: DeliveryId, now: datetime) -> None:
        stored = self.outbox.get(delivery_id)
        if stored is None or stored.state in SETTLED or self._fails(stored.log.call_id):
            return
        is_log = stored.kind.brings_outcome
        if stored.state is DeliveryState.REFUSED and is_log and not self._is_open(stored.log.call_id):
            row = self.rows[stored.log.call_id]
            row.draft = draft_of(stored.log, row.draft)
        self.outbox[delivery_id] = replace(stored, state=DeliveryState.WAITING, next_attempt_at=now)
        self._box.decided_at[delivery_id] = now
        self._box.own_faults[delivery_id] = 0
        if is_log:
            self._show(stored.log.call_id, RecordStatus.SAVED)

    def wake_deliveries(self, crm: str, now: datetime) -> None:
        for held in list(self.outbox.values()):
            refused = held.last_trouble is CrmTrouble.CREDENTIALS
            if held.crm == crm and held.state is DeliveryState.WAITING and refused:
                self.outbox[held.id] = replace(held, next_attempt_at=now)
                self._box.decided_at[held.id] = now

    def load_history(self, limit: int, search: str = "", shown: RecordsShown = RecordsShown.ALL) -> None:
        matching = (c for c in reversed(self.rows) if matches(self.rows[c], search))
        found = [c for c in matching if shown.shows(self.rows[c].status)]
        told_early = self._box.early - self._box.revised.keys()
        states = [d.state for d in self.outbox.values() if d.id not in told_early]
        self.post(
            HistoryLoaded(
                tuple(self._entry(c) for c in found[:limit]),
                states.count(DeliveryState.WAITING),
                states.count(DeliveryState.REFUSED),
            )
        )

    def load_barred_numbers(self) -> None:
        self.post(BarredNumbersLoaded(self._barred.all))

    def load_callbacks(self) -> None:
        self.post(CallbacksLoaded(self._promises.callbacks(self.rows)))

    def finish_callback(self, call_id: CallId, now: datetime) -> None:
        if not self._fails(call_id):
            self._promises.keep(call_id)
            self.load_callbacks()

    def keep_codes(self, codes: CampaignCodes) -> None:
        if not self._fails(None):
            self.codes[codes.campaign_id] = codes

    def load_codes(self) -> None:
        self.post(CodesKept(tuple(self.codes[campaign] for campaign in sorted(self.codes))))

    def purge(self, before: datetime) -> None:
        if self._fails(None):
            return
        waiting = {d.log.call_id for d in self.outbox.values() if d.state not in SETTLED}
        waiting |= {call_id for call_id, (at, _number) in self.promised.items() if at >= before}
        old = [c for c, row in self.rows.items() if row.record.call.started_at < before]
        gone = [c for c in old if self.rows[c].status not in UNFINISHED and c not in waiting]
        for call_id in gone:
            self._promises.forget(call_id)
            del self.rows[call_id]
            self._box.forget(call_id)
        self.post(RecordsPurged(len(gone)))

    def describe(self) -> None:
        self.post(StoreDescribed((("trouble", self.open_trouble.value), ("not_on_disk_yet", "0"))))

    def export(self) -> None:
        self.post(RecordsExported(tuple(for_support(call_id, row) for call_id, row in self.rows.items())))

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

    def _is_open(self, call_id: CallId) -> bool:
        return self.rows[call_id].status in UNFINISHED

    def _show(self, call_id: CallId, status: RecordStatus) -> None:
        if not self._is_open(call_id):
            self.rows[call_id].status = status

    def _restore(self, log: CallLog) -> None:
        row = self.rows[log.call_id]
        row.draft = draft_of(log, row.draft)
        if row.wrap_up is not None:
            row.wrap_up = replace(row.wrap_up, code_label=log.disposition_label, actions=log.actions)
            self._barred.bar(row.wrap_up)
        self._promises.renew(row.record, row.draft)

    def _put(self, record: CallRecord, status: RecordStatus) -> Row:
        row = self.rows.get(record.call.id)
        if row is None:
            draft = self._early_drafts.pop(record.call.id, Draft(record.call.id))
            row = self.rows[record.call.id] = Row(record, status, draft)
        row.record = record
        if row.status in UNFINISHED:
            row.status = status
        return row

    def _entry(self, call_id: CallId) -> HistoryEntry:
        row = self.rows[call_id]
        label = row.wrap_up.code_label if row.wrap_up else ""
        entry = HistoryEntry(row.record, row.status, row.draft, label)
        delivery = self.outbox.get(row.delivery_id) if row.delivery_id else None
        if delivery is None:
            return entry
        delivered, closed = delivery.state is DeliveryState.DELIVERED, DeliveryState.WRITTEN_OFF
        update = delivery.kind is DeliveryKind.UPDATE_CALL
        log = self._box.revised.get(delivery.id, delivery.log)
        saved = draft_of(log, row.draft) if row.wrap_up else row.draft
        return replace(
            entry,
            last_error="" if delivered else delivery.last_detail,
            last_trouble=CrmTrouble.NONE if delivered else delivery.last_trouble,
            delivery_id=delivery.id,
            attempts=delivery.attempts,
            crm=delivery.crm,
            remote_id=self.remote_ids.get(delivery.id, "") if delivered or update else "",
            correction=update and delivery.id in self._box.accepted,
            saved=saved if saved != row.draft and delivery.state is not closed else None,
        )
