"""A campaign: one company's line of work, its codes, its policies, and how its calls are recognised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.call import Invitation
from softphone.domain.facts import dataclass
from softphone.domain.form import FormField
from softphone.domain.ids import CampaignId
from softphone.domain.pop import PopPolicy
from softphone.domain.record_settings import CrmCodes
from softphone.domain.recording import RecordingRules
from softphone.domain.script import ScriptStep, stored_names


class CodeAction(StrEnum):
    """What an outcome sets off; the agent sees it beside the outcome, the CRM is told with the call."""

    CALLBACK = "callback"
    """A time must be agreed; this program reminds of it, and the CRM gets a task."""
    DO_NOT_CALL = "do_not_call"
    """The number is not called again for this campaign; this program refuses to dial it."""
    FOLLOW_UP_TASK = "follow_up_task"
    """The CRM gets a task."""
    CLOSE_CASE = "close_case"
    """The CRM gets a task to close the case: which one it is, and whether it may be, is its to know."""
    ESCALATE = "escalate"
    """The team's leads are told at once, and the CRM gets a task."""


class AcwPolicy(StrEnum):
    """How after-call work begins and ends."""

    REQUIRED = "required"
    """It ends when the agent saves; where there is a limit, with the default code at its end. An outcome that
    the agent has begun must be completed even then."""
    OPTIONAL = "optional"
    """Choosing Ready ends it, whatever is filled in."""
    TIMED = "timed"
    TIMED_FIXED = "timed_fixed"
    """As timed, but who saves early stays in after-call work until the time is up; it cannot be extended."""
    ON_REQUEST = "on_request"
    """Only when the agent asks for it during the call; else the outcome is saved as it stands."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """One disposition (wrap-up) code; with `children` it is a folder and cannot be chosen itself.

    `code` goes to the CRM and is unique within the campaign; `label` is what the agent reads. `fields` are
    asked when it is chosen, beside those of the campaign.
    """

    code: str
    label: str
    needs_note: bool = False
    needs_callback: bool = False
    actions: tuple[CodeAction, ...] = ()
    fields: tuple[FormField, ...] = ()
    children: tuple[Disposition, ...] = ()

    @property
    def wants_callback(self) -> bool:
        """A time to call back must be agreed."""
        return self.needs_callback or CodeAction.CALLBACK in self.actions


@dataclass(frozen=True, slots=True)
class Matching:
    """A call belongs to the campaign if any of these fits: called number, queue, or header value.

    `dnis` are numbers; two of six or more digits fit when one ends in the other, shorter ones must be equal.
    `queues` are names, `headers` pairs of name and exact value.
    """

    dnis: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def fits(self, invitation: Invitation, queue: str) -> bool:
        return (
            any(invitation.header(name) == value for name, value in self.headers)
            or (queue != "" and queue in self.queues)
            or any(_same_number(invitation.dnis, number) for number in self.dnis)
        )


class LogAt(StrEnum):
    """When the CRM hears of a call."""

    OUTCOME = "outcome"
    """Once its outcome is saved, whole."""
    CALL_END = "call_end"
    """As soon as it is over, where its customer is known and the CRM can change what it has; the outcome
    follows as a change of that record."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What the agent must know and do when this company is called.

    `acw_limit_s` 0 means no limit; `code_required` forbids Ready before a code is chosen. `crm` names the
    CRM connection in the settings, empty for none. `region` is the ISO 3166 country whose national numbers
    are meant. `colour` is `#rrggbb`, a hint beside the name, never the only sign. `max_codes` is how many
    outcomes one call may have; `fields` are asked after every call. `code_before_next_call`
    keeps the agent from answering another call while a wrap-up of this campaign is incomplete, and sends
    calls of a queue on to a colleague. `pop` says when the customer's card is shown. `script` is what the
    agent follows, step by step; `crm_codes` says what is done with the disposition codes that the CRM knows,
    `recording` what is said about recording and how it is paused, `log_at` when the CRM hears of a call.
    """

    id: CampaignId
    name: str
    colour: str = ""
    greeting: str = ""
    matching: Matching = field(default_factory=Matching)
    dispositions: tuple[Disposition, ...] = ()
    code_required: bool = True
    acw_limit_s: int = 0
    default_code: str = ""
    crm: str = ""
    region: str = ""
    outbound_number: str = ""
    max_codes: int = 1
    acw: AcwPolicy = AcwPolicy.REQUIRED
    code_before_next_call: bool = False
    fields: tuple[FormField, ...] = ()
    pop: PopPolicy = field(default_factory=PopPolicy)
    script: tuple[ScriptStep, ...] = ()
    crm_codes: CrmCodes = CrmCodes.WHEN_NONE
    recording: RecordingRules = field(default_factory=RecordingRules)
    log_at: LogAt = LogAt.OUTCOME

    def codes(self) -> Iterator[Disposition]:
        """All codes that can be chosen, in the order of the tree."""
        yield from _leaves(self.dispositions)

    def disposition(self, code: str) -> Disposition | None:
        return next((d for d in self.codes() if d.code == code), None)

    def chosen(self, codes: Sequence[str]) -> tuple[Disposition, ...]:
        """Those of `codes` that the campaign has."""
        return tuple(d for d in map(self.disposition, codes) if d)

    def fields_for(self, codes: Sequence[str]) -> tuple[FormField, ...]:
        """What is asked when `codes` are chosen: the campaign's fields, then theirs, each name once."""
        asked = (*self.fields, *(f for d in self.chosen(codes) for f in d.fields))
        once: dict[str, FormField] = {}
        for form_field in asked:
            once.setdefault(form_field.name, form_field)
        return tuple(once.values())

    def answers_kept(self, codes: Sequence[str], trail: Sequence[str]) -> frozenset[str]:
        """The names of the answers that belong to the call: of the form, and of the script's steps taken."""
        return frozenset(f.name for f in self.fields_for(codes)) | stored_names(self.script, trail)


@dataclass(frozen=True, slots=True)
class CampaignCodes:
    """The outcomes that the CRM of a campaign knows, and when it told."""

    campaign_id: CampaignId
    dispositions: tuple[Disposition, ...]
    fetched_at: datetime


def with_codes_of_crm(campaign: Campaign, fetched: Sequence[Disposition]) -> Campaign:
    """`campaign` with the CRM's outcomes added to its own.

    The file wins: a code that stands in it keeps its label, rules and place. What only the CRM knows comes
    after it, in the CRM's order, folders with what is new in them. A code is never there twice.
    """
    known = {disposition.code for disposition in campaign.codes()}
    new = _unknown(tuple(fetched), known)
    return replace(campaign, dispositions=(*campaign.dispositions, *new)) if new else campaign


def _unknown(nodes: tuple[Disposition, ...], known: set[str]) -> tuple[Disposition, ...]:
    """The outcomes of a tree that are not `known` yet; they are from then on."""
    found: list[Disposition] = []
    for node in nodes:
        if node.children:
            children = _unknown(node.children, known)
            found += [replace(node, children=children)] if children else []
        elif node.code and node.code not in known:
            known.add(node.code)
            found.append(node)
    return tuple(found)


def queue_of(invitation: Invitation, header_names: Sequence[str] = ("X-Queue", "X-Queue-Name")) -> str:
    """The queue's name as the telephone system sends it, or an empty string."""
    return next((v for v in map(invitation.header, header_names) if v), "")


def campaign_for(invitation: Invitation, queue: str, campaigns: Sequence[Campaign]) -> Campaign | None:
    """The campaign that a call belongs to, or None.

    The first that fits in the configured order; else the first that names no number, queue or header at
    all, which is how a company is configured that every call is for.
    """
    fitting = (c for c in campaigns if c.matching.fits(invitation, queue))
    catch_all = (c for c in campaigns if c.matching == Matching())
    return next(fitting, None) or next(catch_all, None)


def _leaves(nodes: tuple[Disposition, ...]) -> Iterator[Disposition]:
    for node in nodes:
        if node.children:
            yield from _leaves(node.children)
        else:
            yield node


def _same_number(dialled: str, configured: str) -> bool:
    ours, theirs = _digits(configured), _digits(dialled)
    if not ours or not theirs:
        return False
    return ours == theirs or (
        min(len(ours), len(theirs)) >= 6 and (theirs.endswith(ours) or ours.endswith(theirs))
    )


def _digits(number: str) -> str:
    return "".join(c for c in number if c.isdigit()).lstrip("0")
