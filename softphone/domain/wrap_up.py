"""After-call work: what the agent records of a call, and when it is complete."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.call import CallView
from softphone.domain.campaign import Campaign
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import CallId, CampaignId, CustomerId, DeliveryId


@dataclass(frozen=True, slots=True)
class Draft:
    """What is typed so far for one call; saved with every pause in typing, offered again after a crash."""

    call_id: CallId
    code: str = ""
    notes: str = ""
    callback_at: datetime | None = None
    callback_number: str = ""
    customer_id: CustomerId | None = None
    customer_name: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    """Form answers: field name and value."""


def filled_up(draft: Draft, earlier: Draft) -> Draft:
    """`draft` with what is still empty in it taken from `earlier`, a draft of the same call."""
    return replace(
        draft,
        code=draft.code or earlier.code,
        notes=draft.notes or earlier.notes,
        callback_at=draft.callback_at or earlier.callback_at,
        callback_number=draft.callback_number or earlier.callback_number,
        customer_id=draft.customer_id or earlier.customer_id,
        customer_name=draft.customer_name or earlier.customer_name,
        answers=draft.answers or earlier.answers,
    )


class Problem(StrEnum):
    """Why a wrap-up cannot be saved yet. The ui has words for each."""

    CODE_MISSING = "code_missing"
    CODE_UNKNOWN = "code_unknown"
    NOTE_MISSING = "note_missing"
    CALLBACK_MISSING = "callback_missing"
    CALLBACK_PAST = "callback_past"


def problems(draft: Draft, campaign: Campaign | None, now: datetime) -> tuple[Problem, ...]:
    """What stands in the way of saving `draft` under the campaign's rules; empty when nothing does."""
    found = []
    code = campaign.disposition(draft.code) if campaign and draft.code else None
    if campaign and campaign.code_required and not draft.code and any(True for _ in campaign.codes()):
        found.append(Problem.CODE_MISSING)
    if campaign and draft.code and code is None:
        found.append(Problem.CODE_UNKNOWN)
    if code and code.needs_note and not draft.notes.strip():
        found.append(Problem.NOTE_MISSING)
    if code and code.needs_callback and draft.callback_at is None:
        found.append(Problem.CALLBACK_MISSING)
    if draft.callback_at is not None and draft.callback_at <= now:
        found.append(Problem.CALLBACK_PAST)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call as stored for ever (until policy purges it): facts only, no state."""

    call: CallView
    number: str
    campaign_name: str = ""


class RecordStatus(StrEnum):
    LIVE = "live"
    """The call runs, or ran when the desk died."""
    OPEN = "open"
    """Ended, its wrap-up is not done."""
    SAVED = "saved"
    """Wrapped up; not yet in the CRM."""
    DELIVERED = "delivered"
    REFUSED = "refused"
    """The CRM said no; somebody must look."""
    CLOSED = "closed"
    """Ended with nothing to record: missed, never answered."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the call list.

    `delivery_id` names its outbox entry (to retry it), if there is one; `last_trouble` and `last_error` are
    how its last attempt ended, as long as it is not delivered.
    """

    record: CallRecord
    status: RecordStatus
    draft: Draft
    code_label: str = ""
    last_error: str = ""
    last_trouble: CrmTrouble = CrmTrouble.NONE
    delivery_id: DeliveryId | None = None


@dataclass(frozen=True, slots=True)
class WrapUp:
    """A finished wrap-up: the draft, the call it belongs to, and when it was finished (UTC)."""

    record: CallRecord
    draft: Draft
    campaign_id: CampaignId | None
    code_label: str
    finished_at: datetime
    automatic: bool = False
    """Finished by the time limit with the campaign's default code, not by the agent."""
    tags: tuple[str, ...] = field(default=())
