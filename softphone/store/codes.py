"""The outcomes that CRMs named last, for days on which they do not answer."""

from __future__ import annotations

from softphone.domain.campaign import CampaignCodes
from softphone.domain.ids import CampaignId
from softphone.store.codec import from_us, read_dispositions, to_cell, to_us
from softphone.store.database import Database


def keep(database: Database, codes: CampaignCodes) -> None:
    """Replace what was known of that campaign."""
    database.write(
        "INSERT OR REPLACE INTO codes (campaign_id, codes, fetched_at) VALUES (?, ?, ?)",
        (codes.campaign_id, to_cell(codes.dispositions), to_us(codes.fetched_at)),
    )


def everything(database: Database) -> tuple[CampaignCodes, ...]:
    found = database.rows("SELECT campaign_id, codes, fetched_at FROM codes ORDER BY campaign_id")
    return tuple(
        CampaignCodes(CampaignId(campaign), read_dispositions(cell), from_us(at))
        for campaign, cell, at in found
    )
