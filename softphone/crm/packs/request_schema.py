"""The tables of a CRM pack that describe one request and what is done with its answer."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import field


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Any table of a pack: unknown keys are errors."""


class AnyRequestTable(Table, frozen=True, kw_only=True):
    """One HTTP request. Strings of `path`, `query`, `json` and `form` are templates.

    `json` is sent as JSON, `form` as application/x-www-form-urlencoded. `omit_empty` leaves out members and
    query parameters that are empty.
    """

    path: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    query: dict[str, str] = field(default_factory=dict)
    json: Any = None
    form: dict[str, str] = field(default_factory=dict)
    omit_empty: bool = False


class RequestTable(AnyRequestTable, frozen=True, kw_only=True):
    """A request that takes nothing away."""

    method: Literal["GET", "POST", "PUT", "PATCH"] = "GET"


class PagingTable(Table, frozen=True, kw_only=True):
    """`next` is JMESPath to what the next page is asked for with.

    Text that begins with `/` or `http` is the next page's address on the same host. Other text or a number
    becomes `{cursor}`. `true` just asks for the next `{page}` (from 1) and `{offset}` (records so far).
    Nothing, false or "" ends it; so do `pages`.
    """

    next: str
    pages: int = 5


class FindTable(RequestTable, frozen=True, kw_only=True):
    """A search. `matches` is JMESPath from the answer to the records; `kind` is what they are (a Lead, …)
    where the records do not say so themselves. `when` names a value that must not be empty.

    `complete` says that the search tells little more than ids: the first few records are then read one by
    one as `[record]` does.
    """

    matches: str = "@"
    kind: str = ""
    when: str = ""
    complete: bool = False
    paging: PagingTable | None = None


class LookupTable(RequestTable, frozen=True, kw_only=True):
    """Asks whether something with this external id is already there; `remote_id` is empty when it is not.

    A CRM that cannot be asked for the id itself is asked for the records that may have it: `among` leads to
    them, `marked` from one of them to the text that holds the id, `remote_id` from that one to its own.
    """

    remote_id: str
    among: str = ""
    marked: str = "@"
    save: dict[str, str] = field(default_factory=dict)


class WriteTable(AnyRequestTable, frozen=True, kw_only=True):
    """A request that writes. `remote_id` is JMESPath to the new record's id; `save` finds further values.

    `existing` is asked first when an earlier answer may have been lost, and after a conflict. `needs` names
    a value without which the CRM cannot take it (a call of nobody, where calls hang on a customer's record):
    it is refused before anything is sent, so that the agent can choose or create the customer.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    remote_id: str = ""
    save: dict[str, str] = field(default_factory=dict)
    idempotency_header: str = ""
    needs: str = ""
    existing: LookupTable | None = None


class StepTable(WriteTable, frozen=True, kw_only=True):
    """A further request after the first. `when` names a value that must not be empty for it."""

    when: str = ""


class StepsTable(WriteTable, frozen=True, kw_only=True):
    """A write that takes several requests: this one, then those of `then`, which can use `{remote_id}` and
    everything saved."""

    then: tuple[StepTable, ...] = ()
