"""Numbers that outcomes have barred; they stay when the calls are purged, or they would be called again."""

from __future__ import annotations

from softphone.domain.campaign import CodeAction
from softphone.domain.do_not_call import BarredNumber
from softphone.domain.ids import CampaignId
from softphone.domain.wrap_up import WrapUp
from softphone.store.codec import to_us
from softphone.store.database import Database


def note(database: Database, wrap_up: WrapUp) -> None:
    """Bar the number of the call if its outcome says so; an anonymous caller has none."""
    if CodeAction.DO_NOT_CALL in wrap_up.actions and wrap_up.record.number:
        database.write(
            "INSERT OR IGNORE INTO do_not_call (number, campaign_id, added_at) VALUES (?, ?, ?)",
            (wrap_up.record.number, wrap_up.campaign_id or "", to_us(wrap_up.finished_at)),
        )


def everything(database: Database) -> tuple[BarredNumber, ...]:
    found = database.rows("SELECT number, campaign_id FROM do_not_call ORDER BY rowid")
    return tuple(
        BarredNumber(number, CampaignId(campaign) if campaign else None) for number, campaign in found
    )
