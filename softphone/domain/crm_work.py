"""What is asked of a CRM beside "who is calling", and how it answers.

Everything is addressed to one connection (`crm`) on behalf of one campaign; nothing of one campaign is asked
or answered for another.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from softphone.domain.address import PhoneNumber
from softphone.domain.customer import CrmTrouble
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CampaignId, DeliveryId, QueryId
from softphone.domain.settings import CrmAuth


class CrmAbility(StrEnum):
    """What a connection's pack can do beside finding and logging; the window offers nothing else."""

    RECORD = "record"
    SEARCH = "search"
    CREATE = "create"
    UPDATE = "update"
    LOG_UPDATE = "log_update"
    TASK = "task"
    CODES = "codes"
    DO_NOT_CALL = "do_not_call"
    TEAM_STATE = "team_state"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class CrmDescription:
    """A connection as it is set up. `trouble` says why it cannot be used at all (a pack with a mistake).

    `auth_kinds` are the ways of signing in that the pack knows, the usual first; empty when it does not say.
    `required` are the fields that a new customer needs (name, last_name, email, …).
    """

    crm: str
    title: str = ""
    abilities: frozenset[CrmAbility] = frozenset()
    auth: CrmAuth = CrmAuth.NONE
    auth_kinds: tuple[CrmAuth, ...] = ()
    required: tuple[str, ...] = ()
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""

    @property
    def signs_in_by_browser(self) -> bool:
        return self.auth in (CrmAuth.OAUTH, CrmAuth.DEVICE)


@dataclass(frozen=True, slots=True)
class TextQuery:
    """The search box: customers by name or any text. It never creates anything."""

    id: QueryId
    campaign_id: CampaignId | None
    crm: str
    text: str


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer that the agent wants to be created, and asked for.

    `id` is the idempotency key: asked again with the same id after a lost answer, the CRM has one record.
    """

    id: DeliveryId
    campaign_id: CampaignId | None
    crm: str
    number: PhoneNumber
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    email: str = ""
    notes: str = ""
    call_id: CallId | None = None
    attempts: int = 0
    """How often it was tried before; then the CRM is asked first whether the record is there."""


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """New texts for fields of a customer, by the names of `Customer.editable`."""

    customer_id: str
    fields: tuple[tuple[str, str], ...]


class FollowUpKind(StrEnum):
    CALLBACK = "callback"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A callback or another task that the CRM shall remember. `due_at` is UTC, None when it is not dated."""

    kind: FollowUpKind
    subject: str
    due_at: datetime | None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class DoNotCallQuery:
    """May this number be called for this campaign? Asked before dialling."""

    id: QueryId
    campaign_id: CampaignId | None
    crm: str
    number: PhoneNumber


@dataclass(frozen=True, slots=True)
class ReportedState:
    """The agent's state for a CRM whose team watches it there. `state` is a value of `AgentState`."""

    state: str
    reason: str
    paid: bool
    since: datetime


class Permission(StrEnum):
    ALLOWED = "allowed"
    BARRED = "barred"
    UNKNOWN = "unknown"
    """The CRM did not answer, or cannot say."""


class SignInStep(StrEnum):
    OPEN_BROWSER = "open_browser"
    """Open `url` in the system's browser; the answer comes back to this computer by itself."""
    TYPE_CODE = "type_code"
    """Open `url` on any device and type `code` there, within `expires_s`."""
    DONE = "done"
    FAILED = "failed"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True)
class SignInNews:
    """How signing in to a connection goes on. `agent` is who is signed in, where the CRM tells."""

    crm: str
    step: SignInStep
    url: str = ""
    code: str = ""
    expires_s: float = 0.0
    agent: str = ""
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BrowserWords:
    """What the browser shows when it comes back: in the agent's language, plain text. `language` is its code
    (BCP 47)."""

    done: str = "You are signed in. You can close this window."
    failed: str = "Signing in did not work. Go back to the softphone."
    language: str = "en"


class CheckName(StrEnum):
    """The steps of a check, in their order."""

    PACK = "pack"
    ADDRESS = "address"
    SIGN_IN = "sign_in"
    AGENT = "agent"
    FIND = "find"
    RECORD = "record"
    SEARCH = "search"
    CODES = "codes"
    DO_NOT_CALL = "do_not_call"


class CheckVerdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works, but something is odd."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """The pack cannot do it, or an earlier step failed."""


class CheckOddity(StrEnum):
    """What is odd about a step that worked. The ui has words for each."""

    NONE = "none"
    NOBODY_FOUND = "nobody_found"
    NO_NAME = "no_name"
    """A record without a name: the pack's `[customer] name` finds nothing."""
    NO_NUMBERS = "no_numbers"
    """No record has numbers: whose call it is cannot be checked."""
    SLOW = "slow"
    """Callers will be on the line before the card is there."""
    NOT_FOUND_BY_ID = "not_found_by_id"
    """The record that was found by its number is not found by its id."""
    NOT_FOUND_BY_TEXT = "not_found_by_text"
    NO_CODES = "no_codes"


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """One request and its answer as they went over the network, secrets masked, bounded.

    `status` is 0 when there was no answer; `answer` is its text, cut off at a few kilobytes.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    status: int
    answer_type: str
    answer: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step of a check. `mapped` is what was understood: label and text, in order.

    `trouble` and `detail` (in the CRM's or this program's English) say why it failed, `oddity` what it warns
    of.
    """

    name: CheckName
    verdict: CheckVerdict
    took_ms: float = 0.0
    detail: str = ""
    trouble: CrmTrouble = CrmTrouble.NONE
    oddity: CheckOddity = CheckOddity.NONE
    requests: tuple[CheckedRequest, ...] = ()
    mapped: tuple[tuple[str, str], ...] = ()
