"""What a CRM pack may say: the keys of its TOML file. One class per table; unknown keys are errors."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from softphone.crm.packs.auth_schema import AuthTable, ParameterTable
from softphone.crm.packs.request_schema import (
    FindTable,
    PagingTable,
    RequestTable,
    StepsTable,
    Table,
    WriteTable,
)

NumberForm = Literal[
    "e164", "international", "national", "national_written", "international_written", "significant",
    "last10", "last9", "last8", "last7", "raw",
]  # fmt: skip
"""How the caller's number is written in one attempt: `+4930901820`, `4930901820`, `030901820`,
`030 901820`, `+49 30 901820`, `30901820`, its last digits, as signalled."""


class SearchTable(Table, frozen=True, kw_only=True):
    """Ordered attempts; in each, all requests run side by side and their records are put together.

    `check_number` drops records that carry numbers none of which is the caller's: some CRMs over-match.
    """

    attempts: tuple[NumberForm, ...] = ("e164", "national", "last9")
    requests: tuple[FindTable, ...]
    check_number: bool = True


class RecordTable(RequestTable, frozen=True, kw_only=True):
    """One record by its id. `match` is JMESPath from the answer to the record."""

    match: str = "@"


class TextSearchTable(Table, frozen=True, kw_only=True):
    """The search box: requests with `{text}`, run side by side."""

    requests: tuple[FindTable, ...]
    min_length: int = 2


class LabelledField(Table, frozen=True, kw_only=True):
    label: str
    value: str


class ContactsTable(Table, frozen=True, kw_only=True):
    """Earlier contacts: `list` leads from the record to them, the others from one of them to its texts."""

    list: str
    when: str = "@.when"
    summary: str = "@.summary"
    outcome: str = "''"


class CustomerTable(Table, frozen=True, kw_only=True):
    """JMESPath from one record to what the card shows. `fields` come in the order to show them.

    `kind` is the record's type where a CRM has several (Contact, Lead, …); `default_kind` is meant when the
    telephone system sends an id without one. `do_not_call` is true for who must not be called.
    """

    id: str
    name: str
    kind: str = ""
    default_kind: str = ""
    company: str = ""
    numbers: str = ""
    email: str = ""
    tags: str = ""
    open_cases: str = ""
    url: str = ""
    do_not_call: str = ""
    last_contacts: ContactsTable | None = None
    fields: tuple[LabelledField, ...] = ()


class OpenTable(Table, frozen=True, kw_only=True):
    """Where the record opens in the browser; only http and https, only the CRM's own host or `hosts`."""

    url: str = ""
    hosts: tuple[str, ...] = ()


class CreateTable(StepsTable, frozen=True, kw_only=True):
    """Creates a customer, only when the agent asks for it.

    `record` is JMESPath from the answer to the record; without it the record is read by its `remote_id`.
    `kind` is the new record's type. `required` are what the agent must give.
    """

    record: str = ""
    kind: str = ""
    required: tuple[Literal["name", "first_name", "last_name", "company", "email", "number"], ...] = ("name",)


class EditTable(Table, frozen=True, kw_only=True):
    """A field that the agent may change. `value` finds it in the record; `key` is where the new text goes in
    `{changes}` (dots go deeper, default: `name`), `json` how it is wrapped there (template with `{value}`).
    """

    name: str
    label: str
    value: str
    key: str = ""
    json: Any = "{value}"
    kinds: tuple[str, ...] = ()


class UpdateTable(RequestTable, frozen=True, kw_only=True):
    """Changes fields of a customer. Setting a field to the same value twice must do no harm."""

    method: Literal["GET", "POST", "PUT", "PATCH"] = "PATCH"
    fields: tuple[EditTable, ...]


class LogTable(StepsTable, frozen=True, kw_only=True):
    """Creates the call record; `update` corrects or completes it later, by `{remote_id}`, in as many requests
    as it takes: repeating those of its `then` must do no harm."""

    update: StepsTable | None = None


class TaskTable(StepsTable, frozen=True, kw_only=True):
    """Schedules a callback or another task."""


class CodesTable(RequestTable, frozen=True, kw_only=True):
    """The campaign's disposition codes as the CRM has them. `children` makes a tree."""

    list: str = "@"
    code: str = "code"
    label: str = "label"
    needs_note: str = ""
    needs_callback: str = ""
    actions: str = ""
    children: str = ""
    paging: PagingTable | None = None


class DoNotCallTable(RequestTable, frozen=True, kw_only=True):
    """Whether a number must not be called: `barred` is JMESPath that is true then, in any attempt."""

    attempts: tuple[NumberForm, ...] = ("e164",)
    barred: str


class AgentTable(RequestTable, frozen=True, kw_only=True):
    """Who is signed in: gives `{agent_id}` and `{agent_name}` to the other requests, asked once."""

    id: str
    name: str = ""


class StateTable(WriteTable, frozen=True, kw_only=True):
    """Tells the CRM the agent's state, where a team watches it there."""


class LimitsTable(Table, frozen=True, kw_only=True):
    """What the CRM allows: `per_second` requests on average (0: no limit), `burst` of them at once."""

    per_second: float = 0.0
    burst: int = 10


class ErrorTable(Table, frozen=True, kw_only=True):
    """`detail` finds the CRM's own words in an error; `inside_success` is true for an error in a 200.

    The others are true for an error body that means: sign in again, come back later, not allowed to this
    agent, refused for good, not there, already there. They go before the status. `credentials_status` are
    the statuses that mean "sign in again": 401, and 403 where a CRM answers a bad secret so.
    """

    detail: str = "error.message || error || detail || message"
    inside_success: str = ""
    credentials: str = ""
    credentials_status: tuple[Literal[401, 403], ...] = (401,)
    busy: str = ""
    forbidden: str = ""
    refused: str = ""
    not_found: str = ""
    duplicate: str = ""


class PackTable(Table, frozen=True, kw_only=True):
    """A whole pack. What is left out, this CRM cannot do; the window then does not offer it."""

    format: Literal[1]
    name: str
    title: str
    headers: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, ParameterTable] = field(default_factory=dict)
    maps: dict[str, dict[str, str]] = field(default_factory=dict)
    auth: AuthTable = AuthTable()
    limits: LimitsTable = LimitsTable()
    agent: AgentTable | None = None
    find: SearchTable
    record: RecordTable | None = None
    search: TextSearchTable | None = None
    customer: CustomerTable
    open: OpenTable = OpenTable()
    create: CreateTable | None = None
    update: UpdateTable | None = None
    log: LogTable
    task: TaskTable | None = None
    codes: CodesTable | None = None
    do_not_call: DoNotCallTable | None = None
    team_state: StateTable | None = None
    error: ErrorTable = ErrorTable()
