"""A CRM pack compiled: requests to fill in, expressions to apply. Made by `pack_compiler`."""

from __future__ import annotations

from softphone.crm.mapping import CustomerMapping, Query
from softphone.crm.packs.auth_plans import AuthPlan
from softphone.crm.packs.schema import LimitsTable, NumberForm
from softphone.crm.packs.template import Template
from softphone.domain.facts import dataclass


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request whose templates are compiled. `form` is None for a request without a form.

    `needs_agent`: some template names who is signed in.
    """

    method: str
    path: Template
    query: tuple[tuple[str, Template], ...] = ()
    json: object = None
    form: tuple[tuple[str, Template], ...] | None = None
    omit_empty: bool = False
    needs_agent: bool = False


@dataclass(frozen=True, slots=True)
class PagingPlan:
    next: Query
    pages: int


@dataclass(frozen=True, slots=True)
class FindPlan:
    request: RequestPlan
    matches: Query
    kind: str = ""
    when: str = ""
    complete: bool = False
    paging: PagingPlan | None = None


@dataclass(frozen=True, slots=True)
class SearchPlan:
    attempts: tuple[NumberForm, ...]
    requests: tuple[FindPlan, ...]
    check_number: bool


@dataclass(frozen=True, slots=True)
class TextSearchPlan:
    requests: tuple[FindPlan, ...]
    min_length: int


Saves = tuple[tuple[str, Query], ...]


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """With `among`, the record whose `marked` text holds the external id is the one."""

    request: RequestPlan
    remote_id: Query
    save: Saves = ()
    among: Query | None = None
    marked: Query | None = None


@dataclass(frozen=True, slots=True)
class WritePlan:
    """One request that writes. `existing` asks for what it may have written already."""

    request: RequestPlan
    remote_id: Query | None = None
    save: Saves = ()
    idempotency_header: str = ""
    existing: LookupPlan | None = None
    when: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class StepsPlan:
    """A write, and the requests that complete it."""

    first: WritePlan
    then: tuple[WritePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class LogPlan:
    create: StepsPlan
    update: StepsPlan | None


@dataclass(frozen=True, slots=True)
class CreatePlan:
    steps: StepsPlan
    record: Query | None
    kind: str
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditPlan:
    """Where the new text of one field goes: `keys` lead into `{changes}`, `json` is filled with `{value}`."""

    name: str
    keys: tuple[str, ...]
    json: object


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    request: RequestPlan
    fields: tuple[EditPlan, ...]


@dataclass(frozen=True, slots=True)
class CodesPlan:
    """`children` is None for a flat list; an expression that is None is not in the pack."""

    request: RequestPlan
    entries: Query
    code: Query
    label: Query
    needs_note: Query | None
    needs_callback: Query | None
    actions: Query | None
    children: Query | None
    paging: PagingPlan | None


@dataclass(frozen=True, slots=True)
class DoNotCallPlan:
    request: RequestPlan
    attempts: tuple[NumberForm, ...]
    barred: Query


@dataclass(frozen=True, slots=True)
class AgentPlan:
    request: RequestPlan
    id: Query
    name: Query | None


@dataclass(frozen=True, slots=True)
class ErrorPlan:
    """`kinds` are tried in their order: what an error body means, by the name of a `CrmTrouble`.
    `credentials_status` are the statuses that mean "sign in again" where the body does not tell."""

    detail: Query
    inside_success: Query | None
    kinds: tuple[tuple[str, Query], ...] = ()
    duplicate: Query | None = None
    credentials_status: frozenset[int] = frozenset({401})


@dataclass(frozen=True, slots=True)
class ParameterPlan:
    name: str
    label: str
    default: str
    required: bool


@dataclass(frozen=True, slots=True)
class Pack:
    """A usable pack. What the CRM cannot do is None."""

    name: str
    title: str
    headers: tuple[tuple[str, Template], ...]
    parameters: tuple[ParameterPlan, ...]
    auth: AuthPlan
    limits: LimitsTable
    agent: AgentPlan | None
    search: SearchPlan
    record: FindPlan | None
    text_search: TextSearchPlan | None
    customer: CustomerMapping
    open_url: Template | None
    open_hosts: frozenset[str]
    create: CreatePlan | None
    update: UpdatePlan | None
    log: LogPlan
    task: StepsPlan | None
    codes: CodesPlan | None
    do_not_call: DoNotCallPlan | None
    team_state: WritePlan | None
    error: ErrorPlan
