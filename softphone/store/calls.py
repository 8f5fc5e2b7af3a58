"""Calls, drafts and wrap-ups in the database, and the list of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryState, draft_of
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.wrap_up import CallRecord, Draft, HistoryEntry, RecordsShown, RecordStatus, WrapUp
from softphone.store import callbacks, corrections, do_not_call, outbox
from softphone.store.codec import read_draft, read_log, read_record, to_cell, to_us
from softphone.store.database import Database, Row

_LISTED = f"""
    SELECT c.id, c.status, c.record, d.draft, w.code_label, o.id, o.kind, o.crm, o.state, o.trouble, o.detail,
        o.attempts, o.remote_id, o.accepted IS NOT NULL, coalesce(o.revised, o.log)
    FROM calls c
    LEFT JOIN drafts d ON d.call_id = c.id
    LEFT JOIN wrap_ups w ON w.call_id = c.id
    LEFT JOIN outbox o ON o.call_id = c.id AND o.kind IN ({outbox.OUTCOMES})
"""  # noqa: S608 - constant parts only


def put_call(database: Database, record: CallRecord, status: RecordStatus) -> None:
    """Insert or update the facts of a call. Its status moves only while the call is unfinished."""
    call = record.call
    database.write(
        """
        INSERT INTO calls (id, status, started_at, record) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET record = excluded.record,
            status = CASE WHEN status IN ('live', 'open') THEN excluded.status ELSE status END
        """,
        (call.id, status.value, to_us(call.started_at), to_cell(record)),
    )
    _put_search(database, call.id)


def put_draft(database: Database, draft: Draft, correcting: DeliveryId | None = None) -> None:
    """Keep what is typed, unless the call is wrapped up already and this does not correct what is sent of it.

    What the CRM has, or is to be told, stays in the outbox whatever is typed. A correction of a call that is
    forgotten has nothing to stay with; a call's own first words may come before the call itself.
    """
    database.write(
        f"""
        INSERT INTO drafts (call_id, draft)
        SELECT ?1, ?2 WHERE (?3 = '' AND NOT EXISTS (SELECT 1 FROM wrap_ups WHERE call_id = ?1))
            OR EXISTS (SELECT 1 FROM outbox WHERE call_id = ?1 AND kind IN ({outbox.OUTCOMES})
                AND (state = 'refused' OR (id = ?3 AND state <> 'written_off')))
        ON CONFLICT (call_id) DO UPDATE SET draft = excluded.draft
        """,  # noqa: S608 - constant parts only
        (draft.call_id, to_cell(draft), correcting or ""),
    )
    _put_search(database, draft.call_id)


def put_wrap_up(
    database: Database, wrap_up: WrapUp, delivery: Delivery | None, tasks: tuple[Delivery, ...] = ()
) -> DeliveryId | None:
    """Keep the outcome and what is to be delivered; return the delivery's id, the first one's if repeated."""
    call_id = wrap_up.record.call.id
    put_call(database, wrap_up.record, RecordStatus.OPEN)
    if not database.row("SELECT 1 FROM wrap_ups WHERE call_id = ?", (call_id,)):
        put_draft(database, wrap_up.draft)
        database.write(
            "INSERT INTO wrap_ups VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                call_id,
                wrap_up.campaign_id,
                wrap_up.draft.code,
                wrap_up.code_label,
                to_us(wrap_up.finished_at),
                int(wrap_up.automatic),
                to_cell(wrap_up.tags),
            ),
        )
        set_status(database, call_id, RecordStatus.SAVED)
        do_not_call.note(database, wrap_up)
        callbacks.note(database, wrap_up)
        early = outbox.of_call(database, call_id)
        if delivery is not None and early is not None:
            corrections.complete(database, early, delivery.log, delivery.created_at)
            delivery = None
        for entry in (delivery, *tasks):
            if entry is not None:
                outbox.put(database, entry)
    return outbox.of_call(database, call_id)


def correct_wrap_up(database: Database, wrap_up: WrapUp, correcting: DeliveryId) -> None:
    """Put `wrap_up` in the place of the one before; call it after the outbox has taken the correction."""
    call_id = wrap_up.record.call.id
    put_draft(database, wrap_up.draft, correcting)
    database.write(
        "UPDATE wrap_ups SET code = ?, code_label = ?, finished_at = ? WHERE call_id = ?",
        (wrap_up.draft.code, wrap_up.code_label, to_us(wrap_up.finished_at), call_id),
    )
    set_status(database, call_id, RecordStatus.SAVED)
    do_not_call.renew(database, wrap_up)
    callbacks.renew(database, wrap_up.record, wrap_up.draft)


def restore_draft(database: Database, log: CallLog) -> None:
    """Let the draft of a wrap-up be again what was sent of it."""
    row = database.row("SELECT draft FROM drafts WHERE call_id = ?", (log.call_id,))
    typed = read_draft(row[0]) if row else Draft(log.call_id)
    database.write(
        "INSERT OR REPLACE INTO drafts (call_id, draft) VALUES (?, ?)",
        (log.call_id, to_cell(draft_of(log, typed))),
    )
    _put_search(database, log.call_id)


def restore_outcome(database: Database, log: CallLog) -> None:
    """Let the whole wrap-up be again what `log` was made of: draft, outcome and promise to call back."""
    restore_draft(database, log)
    database.write(
        "UPDATE wrap_ups SET code = ?, code_label = ? WHERE call_id = ?",
        (log.disposition, log.disposition_label, log.call_id),
    )
    do_not_call.restore(database, log)
    row = database.row("SELECT record FROM calls WHERE id = ?", (log.call_id,))
    if row:
        callbacks.renew(database, read_record(row[0]), draft_of(log, Draft(log.call_id)))


def show_delivery(database: Database, call_id: CallId, status: RecordStatus) -> None:
    """How the delivery of its outcome stands; a call that has none yet stays open."""
    database.write(
        "UPDATE calls SET status = ? WHERE id = ? AND status NOT IN ('live', 'open')", (status.value, call_id)
    )


def is_open(database: Database, call_id: CallId) -> bool:
    """It has no outcome yet."""
    return bool(database.row("SELECT 1 FROM calls WHERE id = ? AND status IN ('live', 'open')", (call_id,)))


def set_status(database: Database, call_id: CallId, status: RecordStatus) -> None:
    database.write("UPDATE calls SET status = ? WHERE id = ?", (status.value, call_id))


def purge(database: Database, before: datetime) -> int:
    """Delete the settled calls begun before `before` with all that belongs to them; tell how many.

    A promise to call back that is not kept keeps its call until `before` has passed its own time, too.
    """
    gone = database.rows(
        """
        DELETE FROM calls WHERE started_at < ?1 AND status NOT IN ('live', 'open')
            AND id NOT IN (SELECT call_id FROM outbox WHERE state NOT IN ('delivered', 'written_off'))
            AND id NOT IN (SELECT call_id FROM callbacks WHERE done_at IS NULL AND due_at >= ?1)
        RETURNING id
        """,
        (to_us(before),),
    )
    for (call_id,) in gone:
        database.write("DELETE FROM drafts WHERE call_id = ?", (call_id,))
    return len(gone)


def count(database: Database) -> int:
    return database.number("SELECT count(*) FROM calls")


def unfinished(database: Database) -> tuple[HistoryEntry, ...]:
    """Calls that were live or not wrapped up, oldest first."""
    found = database.rows(f"{_LISTED} WHERE c.status IN ('live', 'open') ORDER BY c.seq")
    return tuple(map(_entry, found))


def newest(
    database: Database, limit: int, search: str, shown: RecordsShown = RecordsShown.ALL
) -> tuple[HistoryEntry, ...]:
    """The newest calls that contain `search` in number, name or notes, of the part that is `shown`."""
    wanted, statuses = _patterns(search), [status.value for status in shown.statuses]
    conditions: list[str] = []
    if statuses:
        conditions.append(f"c.status IN ({', '.join('?' * len(statuses))})")
    if wanted:
        where = " OR ".join(["text LIKE ? ESCAPE '\\'"] * len(wanted))
        # The scan reads the small table alone; the join would read all calls. Every hit is needed where the
        # status sorts some out afterwards.
        most = "" if statuses else " ORDER BY seq DESC LIMIT ?"
        conditions.append(f"c.seq IN (SELECT seq FROM search WHERE ({where}){most})")  # noqa: S608 - constant
        wanted += [] if statuses else [limit]
    narrowed = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    found = database.rows(
        f"{_LISTED} {narrowed} ORDER BY c.seq DESC LIMIT ?",
        (*statuses, *wanted, limit),
    )
    return tuple(map(_entry, found))


def _entry(row: Row) -> HistoryEntry:
    call_id, status, record, draft_cell, label, *of_delivery = row
    delivery_id, kind, crm, state, trouble, detail, attempts, remote_id, had_outcome, log = of_delivery
    draft = read_draft(draft_cell) if draft_cell else Draft(CallId(call_id))
    entry = HistoryEntry(read_record(record), RecordStatus(status), draft, code_label=label or "")
    if delivery_id is None:
        return entry
    update, delivered = kind == DeliveryKind.UPDATE_CALL, state == DeliveryState.DELIVERED
    saved = draft_of(read_log(log), draft) if label is not None else draft
    return replace(
        entry,
        last_error="" if delivered else detail,
        last_trouble=CrmTrouble.NONE if delivered else CrmTrouble(trouble),
        delivery_id=delivery_id,
        attempts=attempts,
        crm=crm,
        remote_id=remote_id if update or delivered else "",
        correction=update and bool(had_outcome),
        saved=saved if saved != draft and state != DeliveryState.WRITTEN_OFF else None,
    )


def _put_search(database: Database, call_id: CallId) -> None:
    """SQLite's LIKE folds ASCII only, so the text is kept folded, one line per field."""
    row = database.row(
        "SELECT c.seq, c.record, d.draft FROM calls c LEFT JOIN drafts d ON d.call_id = c.id WHERE c.id = ?",
        (call_id,),
    )
    if row is None:
        return
    seq, record_cell, draft_cell = row
    record = read_record(record_cell)
    draft = read_draft(draft_cell) if draft_cell else Draft(call_id)
    party = record.call.party
    texts = (record.number, party.user, party.display_name, draft.customer_name, draft.notes)
    text = "\n".join(t.casefold() for t in texts if t)
    database.write("INSERT OR REPLACE INTO search VALUES (?, ?)", (seq, text))


def index_all(database: Database) -> None:
    """Write anew what history searches through."""
    for (call_id,) in database.rows("SELECT id FROM calls"):
        _put_search(database, call_id)


def _patterns(search: str) -> list[object]:
    """What to look for: the text itself, and if it looks like a number its digits without leading zeros."""
    if not search:
        return []
    digits = "".join(c for c in search if c.isdigit()).lstrip("0")
    wanted = [search.casefold()]
    if digits and not any(c.isalpha() for c in search):
        wanted.append(digits)
    return [f"%{_escaped(text)}%" for text in wanted]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
