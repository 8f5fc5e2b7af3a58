"""The caller's customer record, and how the CRM answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.address import PhoneNumber
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CampaignId, CustomerId, QueryId
from softphone.domain.pop import NotAsked


@dataclass(frozen=True, slots=True)
class Contact:
    """One earlier contact with the customer: a line of history."""

    when: str
    summary: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class EditableField:
    """A field that the agent may change, with what it says now. `name` is how the pack calls it."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as shown on the card. All texts are cleaned; `url` is http or https, or empty.

    `fields` are the CRM's further fields, label and value, in the order to show them. `kind` is the type of
    the record (Contact, Lead, …) where the CRM has several; it is part of `id` then.
    """

    id: CustomerId
    name: str
    company: str = ""
    numbers: tuple[str, ...] = ()
    email: str = ""
    tags: tuple[str, ...] = ()
    open_cases: tuple[str, ...] = ()
    last_contacts: tuple[Contact, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    url: str = ""
    kind: str = ""
    do_not_call: bool = False
    """The CRM says that this customer must not be called."""
    editable: tuple[EditableField, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """The question put to the CRM the moment a call arrives. It never creates anything.

    `record_hint` is a CRM record id that the telephone system sent in a header (X-CRM-ID), or empty.
    """

    id: QueryId
    call_id: CallId
    campaign_id: CampaignId | None
    crm: str
    number: PhoneNumber
    record_hint: str = ""


class LookupState(StrEnum):
    NOT_ASKED = "not_asked"
    """No CRM for this campaign, or no number to ask with (anonymous caller)."""
    ASKING = "asking"
    LATE = "late"
    """Asked long enough ago that the agent should know."""
    ONE = "one"
    SEVERAL = "several"
    NONE = "none"
    FAILED = "failed"


class CrmTrouble(StrEnum):
    """Why the CRM did not do as asked. The ui has words for each."""

    NONE = "none"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CREDENTIALS = "credentials"
    """401, and what the pack names: some CRMs answer a bad token with 403."""
    FORBIDDEN = "forbidden"
    """403: signed in, but not allowed to see or change this."""
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    """400, 409 or 422: the CRM understood and said no."""
    BUSY = "busy"
    """429."""
    SERVER_ERROR = "server_error"
    BAD_ANSWER = "bad_answer"
    """Not JSON, wrong shape, or an error inside a 200."""
    TOO_LARGE = "too_large"
    INSECURE = "insecure"
    """Certificate error or a redirect to another host."""
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class Lookup:
    """What is known of the caller so far. `chosen` is the agent's choice among several, or the only one.

    `kept_at` is when the CRM said so, if this comes from what is kept on this computer; `refreshing` that
    the CRM is being asked whether it still holds. With `trouble` beside matches the CRM did not answer and
    the kept ones stand. `by_agent`: the agent picked the customer, so later answers do not replace it.
    """

    state: LookupState = LookupState.NOT_ASKED
    matches: tuple[Customer, ...] = ()
    chosen: Customer | None = None
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""
    took_ms: float = 0.0
    not_asked: NotAsked = NotAsked.NOTHING
    kept_at: datetime | None = None
    refreshing: bool = False
    by_agent: bool = False

    @staticmethod
    def found(matches: tuple[Customer, ...], took_ms: float = 0.0) -> Lookup:
        """One, several or none, by the number of matches."""
        if not matches:
            return Lookup(LookupState.NONE, took_ms=took_ms)
        if len(matches) == 1:
            return Lookup(LookupState.ONE, matches, matches[0], took_ms=took_ms)
        return Lookup(LookupState.SEVERAL, matches, took_ms=took_ms)

    @staticmethod
    def failed(trouble: CrmTrouble, detail: str = "", took_ms: float = 0.0) -> Lookup:
        return Lookup(LookupState.FAILED, trouble=trouble, detail=detail, took_ms=took_ms)

    @staticmethod
    def silent(reason: NotAsked) -> Lookup:
        """Nothing is asked, or nothing shown yet."""
        return Lookup(LookupState.NOT_ASKED, not_asked=reason)

    @staticmethod
    def kept(matches: tuple[Customer, ...], at: datetime) -> Lookup:
        """What the CRM said at `at`, while it is being asked again."""
        return replace(Lookup.found(matches), kept_at=at, refreshing=True)

    def stands_in_for(self, failed: Lookup) -> Lookup:
        """These kept matches after the CRM `failed` to answer."""
        return replace(
            self, refreshing=False, trouble=failed.trouble, detail=failed.detail, took_ms=failed.took_ms
        )

    def picked(self, customer: Customer) -> Lookup:
        """With `customer` as the agent's word; it need not be among the matches."""
        return replace(self, chosen=customer, by_agent=True)
