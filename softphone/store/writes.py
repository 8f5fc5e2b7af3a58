"""The changes that can be asked of the database, each as a value that can wait and be carried out later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from softphone.domain.campaign import CampaignCodes
from softphone.domain.delivery import CallLog, Delivery, DeliveryState
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import (
    CallbacksLoaded,
    DeliveryAdded,
    DeliveryRecorded,
    DraftSaved,
    RecordsPurged,
    StoreFailed,
    WrapUpSaved,
    WrittenOff,
)
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import CallRecord, Draft, RecordStatus, WrapUp
from softphone.store import callbacks, calls, codes, corrections, outbox
from softphone.store.database import Database

_STATUS = {
    DeliveryState.WAITING: RecordStatus.SAVED,
    DeliveryState.DELIVERED: RecordStatus.DELIVERED,
    DeliveryState.REFUSED: RecordStatus.REFUSED,
    DeliveryState.WRITTEN_OFF: RecordStatus.WRITTEN_OFF,
}


class Kind(Enum):
    CALL = auto()
    DRAFT = auto()
    WRAP_UP = auto()
    CORRECTION = auto()
    BEGIN = auto()
    ATTEMPT = auto()
    DELIVERY = auto()
    EARLY_LOG = auto()
    RETRY = auto()
    WAKE = auto()
    PURGE = auto()
    WRITE_OFF = auto()
    ABANDON = auto()
    CALLBACK = auto()
    CODES = auto()


@dataclass(frozen=True, slots=True)
class Write:
    """One change. `apply` runs inside a transaction and may run again on another database: same end state.

    Of several waiting writes with the same `kind` and `subject` only the last matters. `delivery_id` belongs
    to what is corrected.
    """

    kind: Kind
    subject: str
    apply: Callable[[Database], Event | None]
    call_id: CallId | None = None
    delivery_id: DeliveryId | None = None


def record_call(record: CallRecord, status: RecordStatus) -> Write:
    def apply(database: Database) -> None:
        calls.put_call(database, record, status)

    return Write(Kind.CALL, record.call.id, apply, record.call.id)


def save_draft(draft: Draft, correcting: DeliveryId | None = None) -> Write:
    def apply(database: Database) -> Event:
        calls.put_draft(database, draft, correcting)
        return DraftSaved(draft.call_id)

    return Write(Kind.DRAFT, draft.call_id, apply, draft.call_id, correcting)


def save_wrap_up(wrap_up: WrapUp, delivery: Delivery | None, tasks: tuple[Delivery, ...] = ()) -> Write:
    call_id = wrap_up.record.call.id

    def apply(database: Database) -> Event:
        delivery_id = calls.put_wrap_up(database, wrap_up, delivery, tasks)
        return WrapUpSaved(call_id, delivery_id, in_memory=not database.on_disk)

    return Write(Kind.WRAP_UP, call_id, apply, call_id)


def correct_wrap_up(
    wrap_up: WrapUp,
    delivery_id: DeliveryId,
    log: CallLog,
    now: datetime,
    updates: bool = False,
    tasks: tuple[Delivery, ...] = (),
) -> Write:
    call_id = wrap_up.record.call.id

    def apply(database: Database) -> Event:
        without_outcome = calls.is_open(database, call_id)
        if without_outcome or not corrections.take(database, delivery_id, log, now, updates):
            return StoreFailed(StoreTrouble.SUPERSEDED, call_id, "can no longer be corrected")
        calls.correct_wrap_up(database, wrap_up, delivery_id)
        for task in tasks:
            if outbox.get(database, task.id) is None and not outbox.has_task(database, task):
                outbox.put(database, task)
        return WrapUpSaved(call_id, delivery_id, in_memory=not database.on_disk)

    return Write(Kind.CORRECTION, call_id, apply, call_id, delivery_id)


def add_delivery(delivery: Delivery) -> Write:
    def apply(database: Database) -> Event:
        if outbox.get(database, delivery.id) is None:
            outbox.put(database, delivery)
        return DeliveryAdded(delivery, in_memory=not database.on_disk)

    return Write(Kind.DELIVERY, delivery.id, apply, delivery.log.call_id)


def log_early(delivery: Delivery) -> Write:
    call_id = delivery.log.call_id

    def apply(database: Database) -> Event:
        if calls.is_open(database, call_id):
            corrections.put_early(database, delivery)
        return DeliveryAdded(delivery, in_memory=not database.on_disk)

    return Write(Kind.EARLY_LOG, call_id, apply, call_id)


def begin_attempt(delivery_id: DeliveryId) -> Write:
    def apply(database: Database) -> None:
        outbox.begin(database, delivery_id)

    return Write(Kind.BEGIN, delivery_id, apply)


def record_attempt(
    delivery: Delivery,
    state: DeliveryState,
    next_attempt_at: datetime | None,
    remote_id: str,
    decided_at: datetime | None,
) -> Write:
    tried = replace(delivery, state=state, next_attempt_at=next_attempt_at)
    call_id = delivery.log.call_id

    def apply(database: Database) -> Event:
        before = outbox.get(database, delivery.id)
        if before is None or not outbox.conclude(database, tried, decided_at, remote_id):
            return DeliveryRecorded(before or tried)
        if not tried.kind.brings_outcome:
            return DeliveryRecorded(tried)
        if before.state is DeliveryState.WRITTEN_OFF:
            calls.restore_outcome(database, before.log)  # closed too early: this is what the CRM has now
        corrections.follow(database, delivery.id)
        after = outbox.get(database, delivery.id) or tried
        calls.show_delivery(database, call_id, _STATUS[after.state])
        return DeliveryRecorded(after)

    return Write(Kind.ATTEMPT, delivery.id, apply, call_id)


def retry_delivery(delivery_id: DeliveryId, now: datetime) -> Write:
    def apply(database: Database) -> None:
        before = outbox.get(database, delivery_id)
        call_id = outbox.make_due(database, delivery_id, now)
        if before and call_id and before.kind.brings_outcome:
            calls.show_delivery(database, call_id, RecordStatus.SAVED)
            if before.state is DeliveryState.REFUSED and not calls.is_open(database, call_id):
                calls.restore_draft(database, before.log)  # what is sent again is what was sent

    return Write(Kind.RETRY, delivery_id, apply)


def wake_deliveries(crm: str, now: datetime) -> Write:
    def apply(database: Database) -> None:
        outbox.wake(database, crm, now)

    return Write(Kind.WAKE, crm, apply)


def write_off(delivery_id: DeliveryId, reason: str) -> Write:
    def apply(database: Database) -> Event:
        done = outbox.write_off(database, delivery_id, reason)
        delivery = outbox.get(database, delivery_id)
        if done and delivery and delivery.kind.brings_outcome:
            calls.show_delivery(database, delivery.log.call_id, RecordStatus.WRITTEN_OFF)
            calls.restore_outcome(database, corrections.give_up(database, delivery_id) or delivery.log)
        return WrittenOff(delivery_id, done)

    return Write(Kind.WRITE_OFF, delivery_id, apply)


def abandon_correction(delivery_id: DeliveryId) -> Write:
    def apply(database: Database) -> Event | None:
        log = corrections.wanted(database, delivery_id)
        if log is None:
            return None
        calls.restore_draft(database, log)
        return DraftSaved(log.call_id)

    return Write(Kind.ABANDON, delivery_id, apply, delivery_id=delivery_id)


def finish_callback(call_id: CallId, now: datetime) -> Write:
    def apply(database: Database) -> Event:
        callbacks.finish(database, call_id, now)
        return CallbacksLoaded(callbacks.promised(database))

    return Write(Kind.CALLBACK, call_id, apply)


def keep_codes(kept: CampaignCodes) -> Write:
    def apply(database: Database) -> None:
        codes.keep(database, kept)

    return Write(Kind.CODES, kept.campaign_id, apply)


def purge(before: datetime) -> Write:
    def apply(database: Database) -> Event:
        return RecordsPurged(calls.purge(database, before))

    return Write(Kind.PURGE, "", apply)
