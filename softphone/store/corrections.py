"""Corrections of outcomes in the outbox, from the one that was never sent to the one that the CRM has.

A call's outcome is one entry for ever. What was never tried or was refused is simply replaced. What the CRM
has becomes an update of its record. What may be there or not (an attempt is under way, an answer was lost) is
let arrive as it is, because it must not arrive as two different things under one id; `revised` follows it.
"""

from __future__ import annotations

from datetime import datetime

from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryState
from softphone.domain.ids import DeliveryId
from softphone.store import outbox
from softphone.store.codec import read_log, to_cell, to_us
from softphone.store.database import Database
from softphone.store.outbox import OUTCOMES

_FACTS = f"""
    SELECT kind, state, attempts, begun, remote_id FROM outbox WHERE id = ? AND kind IN ({OUTCOMES})
"""  # noqa: S608 - constant parts only

_AS_NEVER_TRIED = "state = 'waiting', attempts = 0, own_faults = 0, trouble = 'none', detail = ''"


def take(
    database: Database, delivery_id: DeliveryId, log: CallLog, now: datetime, updates: bool = False
) -> bool:
    """Have the CRM told `log` instead of what it was told, or is to be; tell whether that is possible.

    Without `updates` (the CRM cannot change what it has) only what was refused, or never tried, is corrected.
    """
    row = database.row(_FACTS, (delivery_id,))
    if row is None:
        return False
    kind, state, attempts, begun, remote_id = row
    if state == DeliveryState.REFUSED:
        return _replace(database, delivery_id, log, now)
    if state == DeliveryState.DELIVERED:
        return updates and bool(remote_id) and _update(database, delivery_id, log, now)
    if state == DeliveryState.WAITING:
        is_create = kind == DeliveryKind.LOG_CALL
        in_doubt = bool(begun or (attempts and is_create))
        free = updates or (is_create and not in_doubt)
        return free and _revise(database, delivery_id, log, in_doubt)
    return False


def put_early(database: Database, delivery: Delivery) -> None:
    """Have the CRM told of a call whose outcome is not recorded yet; once per call."""
    if outbox.of_call(database, delivery.log.call_id) is None:
        outbox.put(database, delivery)
        database.write("UPDATE outbox SET early = 1 WHERE id = ?", (delivery.id,))


def complete(database: Database, delivery_id: DeliveryId, log: CallLog, now: datetime) -> None:
    """The outcome of a call that the CRM was told of early, or is to be: no second record is made of it."""
    row = database.row(_FACTS, (delivery_id,))
    state, attempts, begun = row[1:4] if row else ("", 0, 0)
    if state == DeliveryState.DELIVERED:
        _update(database, delivery_id, log, now)
        database.write("UPDATE outbox SET accepted = NULL WHERE id = ?", (delivery_id,))
    elif state == DeliveryState.WAITING and (begun or attempts):
        _revise(database, delivery_id, log, in_doubt=True)
        return  # what goes out first is still the call alone
    elif state == DeliveryState.WAITING:
        _revise(database, delivery_id, log, in_doubt=False)
    else:
        _replace(database, delivery_id, log, now)
    database.write("UPDATE outbox SET early = 0 WHERE id = ?", (delivery_id,))


def follow(database: Database, delivery_id: DeliveryId) -> None:
    """An attempt has ended: what was corrected meanwhile takes its place, as if it had never been tried."""
    row = database.row("SELECT kind, state FROM outbox WHERE id = ? AND revised IS NOT NULL", (delivery_id,))
    if row is None:
        return
    kind, state = row
    next_one = "log = revised, revised = NULL, revision = revision + 1, early = 0"
    anew = f"{next_one}, {_AS_NEVER_TRIED}, next_attempt_at = NULL, decided_at = NULL"
    if state == DeliveryState.DELIVERED:
        database.write(
            f"UPDATE outbox SET accepted = iif(early, NULL, log), kind = 'update_call', {anew} WHERE id = ?",  # noqa: S608
            (delivery_id,),
        )
    elif state == DeliveryState.REFUSED:
        # Its attempts stay counted: the CRM has seen the id.
        database.write(
            f"UPDATE outbox SET {next_one}, state = 'waiting', next_attempt_at = NULL, decided_at = NULL,"  # noqa: S608
            " own_faults = 0 WHERE id = ?",
            (delivery_id,),
        )
    elif state == DeliveryState.WAITING and kind == DeliveryKind.UPDATE_CALL:
        database.write(f"UPDATE outbox SET {next_one} WHERE id = ?", (delivery_id,))  # noqa: S608


def wanted(database: Database, delivery_id: DeliveryId) -> CallLog | None:
    """What the CRM is to have in the end, as far as it was saved; None for an id that is not there."""
    row = database.row("SELECT coalesce(revised, log) FROM outbox WHERE id = ?", (delivery_id,))
    return read_log(row[0]) if row else None


def give_up(database: Database, delivery_id: DeliveryId) -> CallLog | None:
    """The delivery is closed: nothing follows any more. What the CRM has of it, None if that is nothing."""
    database.write("UPDATE outbox SET revised = NULL WHERE id = ?", (delivery_id,))
    row = database.row("SELECT accepted FROM outbox WHERE id = ? AND kind = 'update_call'", (delivery_id,))
    return read_log(row[0]) if row and row[0] else None


def _replace(database: Database, delivery_id: DeliveryId, log: CallLog, now: datetime) -> bool:
    """What was refused is sent anew; its attempts stay counted, because the CRM has seen its id."""
    database.write(
        """
        UPDATE outbox SET log = ?1, revised = NULL, revision = revision + 1, state = 'waiting',
            next_attempt_at = ?2, decided_at = ?2, own_faults = 0
        WHERE id = ?3
        """,
        (to_cell(log), to_us(now), delivery_id),
    )
    return True


def _update(database: Database, delivery_id: DeliveryId, log: CallLog, now: datetime) -> bool:
    database.write(
        f"""
        UPDATE outbox SET kind = 'update_call', accepted = log, log = ?1, revision = revision + 1,
            next_attempt_at = ?2, decided_at = ?2, {_AS_NEVER_TRIED}
        WHERE id = ?3
        """,  # noqa: S608 - constant parts only
        (to_cell(log), to_us(now), delivery_id),
    )
    return True


def _revise(database: Database, delivery_id: DeliveryId, log: CallLog, in_doubt: bool) -> bool:
    """What waits is changed on the spot, or, if it may be there already, by what follows it.

    What was never sent keeps its number: above zero, the CRM may have the record as it was before.
    """
    on_the_spot = "log = ?1, revised = NULL, revision = revision + (kind = 'update_call')"
    where = "revised = ?1" if in_doubt else on_the_spot
    database.write(f"UPDATE outbox SET {where} WHERE id = ?2", (to_cell(log), delivery_id))  # noqa: S608
    return True
