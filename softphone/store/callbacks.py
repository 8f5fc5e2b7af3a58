"""Promises to call back: made with the wrap-up, in its transaction, until somebody has kept them."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.callback import Callback
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import CallRecord, Draft, WrapUp
from softphone.store.codec import from_us, read_draft, read_record, to_us
from softphone.store.database import Database


def note(database: Database, wrap_up: WrapUp) -> None:
    """Keep the promise that `wrap_up` makes, if it makes one."""
    _put(database, wrap_up.record, wrap_up.draft)


def renew(database: Database, record: CallRecord, draft: Draft) -> None:
    """The wrap-up is corrected: another promise takes the place of the one before; the same one stays as it
    is, also if it is kept already."""
    call_id = record.call.id
    if draft.callback_at is None:
        database.write("DELETE FROM callbacks WHERE call_id = ?", (call_id,))
        return
    row = database.row("SELECT due_at, number FROM callbacks WHERE call_id = ?", (call_id,))
    if row != (to_us(draft.callback_at), _number(record, draft)):
        _put(database, record, draft)


def _put(database: Database, record: CallRecord, draft: Draft) -> None:
    if draft.callback_at is not None:
        database.write(
            "INSERT OR REPLACE INTO callbacks (call_id, due_at, number) VALUES (?, ?, ?)",
            (record.call.id, to_us(draft.callback_at), _number(record, draft)),
        )


def _number(record: CallRecord, draft: Draft) -> str:
    return draft.callback_number or record.number or record.call.party.user


def finish(database: Database, call_id: CallId, now: datetime) -> None:
    """The promise is kept, or nobody wants it kept any more."""
    database.write(
        "UPDATE callbacks SET done_at = ? WHERE call_id = ? AND done_at IS NULL", (to_us(now), call_id)
    )


def promised(database: Database) -> tuple[Callback, ...]:
    """All that are not kept yet, the earliest first."""
    found = database.rows(
        """
        SELECT b.call_id, b.due_at, b.number, c.record, d.draft FROM callbacks b
        JOIN calls c ON c.id = b.call_id LEFT JOIN drafts d ON d.call_id = b.call_id
        WHERE b.done_at IS NULL ORDER BY b.due_at
        """
    )
    return tuple(_callback(*row) for row in found)


def _callback(
    call_id: str, due_at: int, number: str, record_cell: bytes, draft_cell: bytes | None
) -> Callback:
    record = read_record(record_cell)
    draft = read_draft(draft_cell) if draft_cell else Draft(CallId(call_id))
    return Callback(
        call_id=CallId(call_id),
        at=from_us(due_at),
        number=number,
        customer_name=draft.customer_name or record.call.party.display_name,
        campaign_id=record.call.campaign_id,
        campaign_name=record.campaign_name,
        notes=draft.notes,
    )
