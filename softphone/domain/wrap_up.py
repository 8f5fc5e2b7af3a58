"""After-call work: what the agent records of a call, and when it is complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.call import CallView
from softphone.domain.campaign import AcwPolicy, Campaign, CodeAction
from softphone.domain.card_draft import NOTHING_TYPED, CardDraft
from softphone.domain.customer import CrmTrouble
from softphone.domain.facts import dataclass
from softphone.domain.form import FieldFault, faults
from softphone.domain.ids import CallId, CampaignId, CustomerId, DeliveryId
from softphone.domain.line_quality import LineSummary


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
    more_codes: tuple[str, ...] = ()
    """Further outcomes, where the campaign allows several; `code` is the first."""
    trail: tuple[str, ...] = ()
    """The steps of the script that were reached, in order; empty at its beginning."""
    card: CardDraft = NOTHING_TYPED
    """What stands half-typed in the customer's card."""

    @property
    def codes(self) -> tuple[str, ...]:
        """All outcomes in the order in which they were chosen."""
        return (self.code, *self.more_codes) if self.code else ()

    def with_codes(self, codes: tuple[str, ...]) -> Draft:
        return replace(self, code=codes[0] if codes else "", more_codes=codes[1:])

    def with_answer(self, name: str, value: str) -> Draft:
        """Answer one field anew; an empty value takes the answer back."""
        answers = {**dict(self.answers), name: value}
        return replace(self, answers=tuple((n, v) for n, v in answers.items() if v))


def toggled(draft: Draft, code: str, max_codes: int) -> Draft:
    """`draft` after the agent picked `code`: chosen, or no longer chosen if it was.

    Where one outcome is allowed it takes the place of the one before. Where several are, one too many is
    kept and named by `problems`, so that the agent decides which one goes.
    """
    if not code:
        return draft.with_codes(())
    if max_codes <= 1:
        return draft.with_codes((code,))
    others = tuple(c for c in draft.codes if c != code)
    return draft.with_codes(others if code in draft.codes else (*draft.codes, code))


def filled_up(draft: Draft, earlier: Draft) -> Draft:
    """`draft` with what is still empty in it taken from `earlier`, a draft of the same call."""
    return replace(
        draft,
        code=draft.code or earlier.code,
        more_codes=draft.more_codes if draft.code else earlier.more_codes,
        notes=draft.notes or earlier.notes,
        callback_at=draft.callback_at or earlier.callback_at,
        callback_number=draft.callback_number or earlier.callback_number,
        customer_id=draft.customer_id or earlier.customer_id,
        customer_name=draft.customer_name or earlier.customer_name,
        answers=draft.answers or earlier.answers,
        trail=draft.trail or earlier.trail,
        card=draft.card if draft.card != NOTHING_TYPED else earlier.card,
    )


class Problem(StrEnum):
    """Why a wrap-up cannot be saved yet. The ui has words for each."""

    CODE_MISSING = "code_missing"
    CODE_UNKNOWN = "code_unknown"
    NOTE_MISSING = "note_missing"
    TOO_MANY_CODES = "too_many_codes"
    FIELD_WRONG = "field_wrong"
    """A form field lacks its answer or has one that does not count; `field_faults` tells which."""
    CALLBACK_MISSING = "callback_missing"
    CALLBACK_PAST = "callback_past"
    CALLBACK_BARRED = "callback_barred"
    """Whoever is to be called back must not be called."""


def problems(
    draft: Draft, campaign: Campaign | None, now: datetime, barred: bool = False
) -> tuple[Problem, ...]:
    """What stands in the way of saving `draft` under the campaign's rules; empty when nothing does.

    `barred`: the number to call back is one that must not be called.
    """
    chosen = campaign.chosen(draft.codes) if campaign else ()
    barred_now = any(CodeAction.DO_NOT_CALL in c.actions for c in chosen) and not draft.callback_number
    checks = (
        (Problem.CODE_MISSING, campaign is not None and _code_missing(draft, campaign)),
        (Problem.CODE_UNKNOWN, campaign is not None and len(chosen) < len(draft.codes)),
        (Problem.TOO_MANY_CODES, campaign is not None and len(draft.codes) > max(1, campaign.max_codes)),
        (Problem.NOTE_MISSING, any(c.needs_note for c in chosen) and not draft.notes.strip()),
        (Problem.FIELD_WRONG, bool(field_faults(draft, campaign))),
        (Problem.CALLBACK_MISSING, any(c.wants_callback for c in chosen) and draft.callback_at is None),
        (Problem.CALLBACK_PAST, draft.callback_at is not None and draft.callback_at <= now),
        (Problem.CALLBACK_BARRED, draft.callback_at is not None and (barred or barred_now)),
    )
    return tuple(problem for problem, holds in checks if holds)


def field_faults(draft: Draft, campaign: Campaign | None) -> tuple[FieldFault, ...]:
    """The form fields that stand in the way, in the order of the form."""
    return faults(campaign.fields_for(draft.codes), dict(draft.answers)) if campaign else ()


def _code_missing(draft: Draft, campaign: Campaign) -> bool:
    required = campaign.code_required and campaign.acw is not AcwPolicy.OPTIONAL
    return required and not draft.code and any(True for _ in campaign.codes())


FAVOURITES = 3
"""So many most used outcomes stand first in the list."""


def favourite_codes(entries: Iterable[HistoryEntry], campaign_id: CampaignId) -> tuple[str, ...]:
    """The outcomes that were chosen most often among `entries` of that campaign, at least twice each."""
    used = Counter(
        code
        for e in entries
        if e.record.call.campaign_id == campaign_id and e.code_label
        for code in e.draft.codes
    )
    return tuple(code for code, times in used.most_common(FAVOURITES) if times > 1)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call as stored for ever (until policy purges it): facts only, no state."""

    call: CallView
    number: str
    campaign_name: str = ""
    line: LineSummary | None = None
    """How the line was, once the call is over; None if it was too short to be measured."""


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
    WRITTEN_OFF = "written_off"
    """Refused or stuck, and closed by somebody who may, with a reason; the CRM is not told any more."""


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
    attempts: int = 0
    """How often it was tried to deliver it."""
    crm: str = ""
    """The connection that it goes to, or went."""
    remote_id: str = ""
    """The CRM's id of the record, once the CRM has it and has told."""
    correction: bool = False
    """The CRM has the record; what is to be delivered, or was last, is a correction of it."""
    saved: Draft | None = None
    """What was saved last, where something else stands in `draft`: a correction that was begun."""

    @property
    def outcome(self) -> Draft:
        """What the agent has recorded, whatever is being typed to correct it."""
        return self.saved or self.draft


class RecordsShown(StrEnum):
    """Which part of the call list is wanted."""

    ALL = "all"
    OPEN = "open"
    """Outcome missing, or the call still runs."""
    WAITING = "waiting"
    REFUSED = "refused"
    SENT = "sent"
    CLOSED = "closed"
    """Written off."""

    def shows(self, status: RecordStatus) -> bool:
        return self is RecordsShown.ALL or status in _SHOWN_STATUS[self]

    @property
    def statuses(self) -> tuple[RecordStatus, ...]:
        """What is shown; empty for everything."""
        return _SHOWN_STATUS.get(self, ())


_SHOWN_STATUS = {
    RecordsShown.OPEN: (RecordStatus.LIVE, RecordStatus.OPEN),
    RecordsShown.WAITING: (RecordStatus.SAVED,),
    RecordsShown.REFUSED: (RecordStatus.REFUSED,),
    RecordsShown.SENT: (RecordStatus.DELIVERED,),
    RecordsShown.CLOSED: (RecordStatus.WRITTEN_OFF,),
}


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
    actions: tuple[str, ...] = ()
    """What the outcomes set off (`CodeAction`), each once."""
    recording_url: str = ""
    """Where the telephone system keeps the recording."""
