"""What a CRM pack may say: the keys of its TOML file. One class per table; unknown keys are errors."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

NumberForm = Literal["e164", "international", "national", "last10", "last9", "raw"]
"""How the caller's number is written in one attempt: `+4930901820`, `4930901820`, `030901820`, …"""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class RequestTable(_Table, frozen=True, kw_only=True):
    """One HTTP request. Strings of `query` and `json` are templates, values of `path` are encoded too."""

    path: str
    method: Literal["GET", "POST", "PUT", "PATCH"] = "GET"
    query: dict[str, str] = {}
    json: Any = None
    omit_empty: bool = False


class FindTable(RequestTable, frozen=True, kw_only=True):
    """A search by number. `matches` is JMESPath from the answer to the list of records."""

    matches: str = "@"


class SearchTable(_Table, frozen=True, kw_only=True):
    """Ordered attempts; in each, all requests run side by side and their records are put together.

    `check_number` drops records that carry numbers none of which is the caller's: some CRMs over-match.
    """

    attempts: tuple[NumberForm, ...] = ("e164", "national", "last9")
    requests: tuple[FindTable, ...]
    check_number: bool = True


class RecordTable(RequestTable, frozen=True, kw_only=True):
    """One record by its id. `match` is JMESPath from the answer to the record."""

    match: str = "@"


class LabelledField(_Table, frozen=True, kw_only=True):
    label: str
    value: str


class ContactsTable(_Table, frozen=True, kw_only=True):
    """Earlier contacts: `list` leads from the record to them, the others from one of them to its texts."""

    list: str
    when: str = "@.when"
    summary: str = "@.summary"
    outcome: str = "''"


class CustomerTable(_Table, frozen=True, kw_only=True):
    """JMESPath from one record to what the card shows. `fields` come in the order to show them."""

    id: str
    name: str
    company: str = ""
    numbers: str = ""
    email: str = ""
    tags: str = ""
    open_cases: str = ""
    url: str = ""
    last_contacts: ContactsTable | None = None
    fields: tuple[LabelledField, ...] = ()


class OpenTable(_Table, frozen=True, kw_only=True):
    """Where the record opens in the browser; only http and https, only the CRM's own host or `hosts`."""

    url: str = ""
    hosts: tuple[str, ...] = ()


class LookupTable(RequestTable, frozen=True, kw_only=True):
    """Asks whether a call with this external id is already logged; `remote_id` is empty when it is not."""

    remote_id: str


class LogTable(RequestTable, frozen=True, kw_only=True):
    """Creates the call record. `remote_id` is JMESPath to the new record's id."""

    method: Literal["GET", "POST", "PUT", "PATCH"] = "POST"
    remote_id: str = ""
    idempotency_header: str = ""
    existing: LookupTable | None = None


class AuthTable(_Table, frozen=True, kw_only=True):
    """How the secret is sent: as `<header>: <prefix><secret>` for API keys."""

    header: str = "X-Api-Key"
    prefix: str = ""


class ErrorTable(_Table, frozen=True, kw_only=True):
    """`detail` finds the CRM's own words in an error; `inside_success` is true for an error in a 200."""

    detail: str = "error.message || error || detail || message"
    inside_success: str = ""


class PackTable(_Table, frozen=True, kw_only=True):
    """A whole pack."""

    format: Literal[1]
    name: str
    title: str
    headers: dict[str, str] = {}
    auth: AuthTable = AuthTable()
    find: SearchTable
    record: RecordTable | None = None
    customer: CustomerTable
    open: OpenTable = OpenTable()
    log: LogTable
    error: ErrorTable = ErrorTable()
