"""Numbers that outcomes have barred; they stay when the calls are purged, or they would be called again.

A correction frees a number that its call alone has barred: a slip of the finger is no customer's wish.
"""

from __future__ import annotations

from softphone.domain.campaign import CodeAction
from softphone.domain.delivery import CallLog
from softphone.domain.do_not_call import BarredNumber
from softphone.domain.ids import CallId, CampaignId
from softphone.domain.wrap_up import WrapUp
from softphone.store.codec import to_us
from softphone.store.database import Database


def note(database: Database, wrap_up: WrapUp) -> None:
    """Bar the number of the call if its outcome says so; an anonymous caller has none."""
    if CodeAction.DO_NOT_CALL in wrap_up.actions:
        at = to_us(wrap_up.finished_at)
        _bar(database, wrap_up.record.number, wrap_up.campaign_id or "", at, wrap_up.record.call.id)


def renew(database: Database, wrap_up: WrapUp) -> None:
    """The outcome is another one: the number is barred if it says so, and free if only the one before did."""
    if CodeAction.DO_NOT_CALL not in wrap_up.actions:
        database.write("DELETE FROM do_not_call WHERE call_id = ?", (wrap_up.record.call.id,))
    note(database, wrap_up)


def restore(database: Database, log: CallLog) -> None:
    """The outcome is again what `log` was made of. What a correction barred meanwhile stays barred."""
    row = database.row("SELECT campaign_id, finished_at FROM wrap_ups WHERE call_id = ?", (log.call_id,))
    if row and CodeAction.DO_NOT_CALL in log.actions:
        _bar(database, log.number, row[0] or "", row[1], log.call_id)


def _bar(database: Database, number: str, campaign: str, at_us: int, call_id: CallId) -> None:
    if number:
        database.write(
            """
            INSERT INTO do_not_call (number, campaign_id, added_at, call_id) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET call_id = NULL WHERE call_id <> excluded.call_id
            """,
            (number, campaign, at_us, call_id),
        )


def everything(database: Database) -> tuple[BarredNumber, ...]:
    found = database.rows("SELECT number, campaign_id FROM do_not_call ORDER BY rowid")
    return tuple(
        BarredNumber(number, CampaignId(campaign) if campaign else None) for number, campaign in found
    )
