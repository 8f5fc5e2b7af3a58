"""Numbers that are not called any more, because somebody asked for it."""

from __future__ import annotations

from collections.abc import Iterable

from softphone.domain.facts import dataclass
from softphone.domain.ids import CampaignId


@dataclass(frozen=True, slots=True)
class BarredNumber:
    """A number as it was recorded with the call (E.164 where known), and for whose campaign it is barred."""

    number: str
    campaign_id: CampaignId | None


def barred(numbers: Iterable[BarredNumber], forms: Iterable[str], campaign_id: CampaignId | None) -> bool:
    """Tell whether a number, written in any of `forms`, must not be dialled for that campaign.

    A call without a campaign could be for any of them, and an entry without one counts for all.
    """
    wanted = {form for form in forms if form}
    return any(
        entry.number in wanted and (campaign_id is None or entry.campaign_id in (None, campaign_id))
        for entry in numbers
    )
