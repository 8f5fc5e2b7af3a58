"""Callbacks: what was promised to whom, and when it is time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CampaignId


@dataclass(frozen=True, slots=True)
class Callback:
    """A promise to call back at `at` (aware). `number` is what to dial, `notes` what was noted then."""

    call_id: CallId
    at: datetime
    number: str
    customer_name: str = ""
    campaign_id: CampaignId | None = None
    campaign_name: str = ""
    notes: str = ""


def due_by(callbacks: Iterable[Callback], now: datetime) -> tuple[Callback, ...]:
    """Those whose time has come, the one that waits longest first."""
    return tuple(sorted((c for c in callbacks if c.at <= now), key=lambda c: c.at))


def next_after(callbacks: Iterable[Callback], now: datetime) -> datetime | None:
    """When the next of those that are not due yet becomes due."""
    return min((c.at for c in callbacks if c.at > now), default=None)
