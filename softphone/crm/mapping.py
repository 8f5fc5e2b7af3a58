"""From a CRM's answer to the customer on the card: JMESPath finds the values, `domain.text` cleans them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from itertools import islice
from typing import Any, Protocol

import jmespath
from jmespath.exceptions import JMESPathError

from softphone.crm.fault import BadShapeError
from softphone.crm.packs.schema import ContactsTable, CustomerTable
from softphone.domain.customer import Contact, Customer, EditableField
from softphone.domain.facts import dataclass
from softphone.domain.ids import CustomerId
from softphone.domain.text import FIELD_LIMIT, NAME_LIMIT, clean_line

LIST_LIMIT = 20
"""Entries of one list (numbers, tags, cases, contacts) that a card can use."""

KIND_MARK = ":"
"""Between a record's kind and its id in a `CustomerId`, where a CRM has several kinds."""

_ID_LIMIT = 200


class Query(Protocol):
    """A compiled expression: `search` finds a value in an answer, None when there is nothing."""

    def search(self, value: Any) -> Any: ...


class ExpressionError(ValueError):
    """An expression does not compile. `key_path` leads from the table to its key."""

    def __init__(self, problem: str, key_path: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem)
        self.key_path = key_path


@dataclass(frozen=True, slots=True)
class _Guarded:
    """JMESPath whose run-time errors (a function applied to the wrong type) are ours."""

    expression: Query

    def search(self, value: Any) -> Any:
        try:
            return self.expression.search(value)
        except JMESPathError as exc:
            raise BadShapeError(str(exc)) from exc


def compile_query(expression: str, key_path: tuple[str | int, ...] = ()) -> Query:
    """Compile JMESPath; raise `ExpressionError` with what is wrong."""
    try:
        return _Guarded(jmespath.compile(expression))
    except JMESPathError as exc:
        raise ExpressionError(" ".join(str(exc).split()), key_path) from exc


def records(found: Any) -> list[dict[str, Any]]:
    """The records that an expression found: a list of objects, one object, or nothing.

    Raises `BadShapeError` for anything else.
    """
    if found is None:
        return []
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(item, dict) for item in items):
        raise BadShapeError("the matches are not objects")
    return items


def text_of(value: Any, limit: int = NAME_LIMIT) -> str:
    """Any JSON value as one clean line; lists are joined by commas, objects are not shown."""
    if isinstance(value, list):
        return clean_line(
            ", ".join(filter(None, (text_of(item, limit) for item in value[:LIST_LIMIT]))), limit
        )
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return clean_line(str(value), limit) if isinstance(value, str | int | float) else ""


@dataclass(frozen=True, slots=True)
class _ContactsMapping:
    entries: Query
    when: Query
    summary: Query
    outcome: Query

    @classmethod
    def compile(cls, table: ContactsTable) -> _ContactsMapping:
        def query(key: str) -> Query:
            return compile_query(getattr(table, key), ("last_contacts", key))

        return cls(query("list"), query("when"), query("summary"), query("outcome"))

    def of(self, record: dict[str, Any]) -> tuple[Contact, ...]:
        return tuple(
            Contact(
                when=text_of(self.when.search(entry)),
                summary=text_of(self.summary.search(entry), FIELD_LIMIT),
                outcome=text_of(self.outcome.search(entry)),
            )
            for entry in _items(self.entries.search(record))
        )


@dataclass(frozen=True, slots=True)
class EditMapping:
    """A field that may be changed: where its value stands in a record, and for which kinds of record."""

    name: str
    label: str
    value: Query
    kinds: tuple[str, ...] = ()

    def of(self, record: dict[str, Any]) -> EditableField:
        return EditableField(self.name, self.label, text_of(self.value.search(record), FIELD_LIMIT))


@dataclass(frozen=True, slots=True)
class CustomerMapping:
    """The compiled `customer` table of a pack."""

    id: Query
    texts: dict[str, Query]
    lists: dict[str, Query]
    url: Query | None = None
    contacts: _ContactsMapping | None = None
    fields: tuple[tuple[str, Query], ...] = field(default=())
    do_not_call: Query | None = None
    default_kind: str = ""
    has_kinds: bool = False
    edits: tuple[EditMapping, ...] = ()

    @classmethod
    def compile(cls, table: CustomerTable, edits: tuple[EditMapping, ...] = ()) -> CustomerMapping:
        """Raises `ExpressionError` that names the key."""

        def some(*keys: str) -> dict[str, Query]:
            return {key: compile_query(getattr(table, key), (key,)) for key in keys if getattr(table, key)}

        fields = tuple(
            (clean_line(item.label), compile_query(item.value, ("fields", index, "value")))
            for index, item in enumerate(table.fields)
        )
        return cls(
            id=compile_query(table.id, ("id",)),
            texts=some("name", "company", "email", "kind"),
            lists=some("numbers", "tags", "open_cases"),
            url=compile_query(table.url, ("url",)) if table.url else None,
            contacts=_ContactsMapping.compile(table.last_contacts) if table.last_contacts else None,
            fields=fields,
            do_not_call=compile_query(table.do_not_call, ("do_not_call",)) if table.do_not_call else None,
            default_kind=table.default_kind,
            edits=edits,
        )

    def of(
        self, record: dict[str, Any], safe_url: Callable[[CustomerId, str], str], kind: str = ""
    ) -> Customer:
        """The customer in `record`; `safe_url(id, url)` decides which link the card may open.

        `kind` is what the record is if it does not say so itself.
        Raises `BadShapeError` when there is no id: without one nothing could be recorded on it.
        """
        identity = self.id.search(record)
        if isinstance(identity, bool) or not isinstance(identity, str | int) or identity == "":
            raise BadShapeError("a record without an id")
        customer_id = str(identity)
        if len(customer_id) > _ID_LIMIT or not customer_id.isprintable():
            raise BadShapeError("a record with an id that cannot be one")
        kind = self._text("kind", record) or kind
        customer_key = customer_id_of(kind, customer_id)
        url = self.url.search(record) if self.url else None
        return Customer(
            id=customer_key,
            name=self._text("name", record),
            company=self._text("company", record),
            email=self._text("email", record),
            numbers=self._list("numbers", record),
            tags=self._list("tags", record),
            open_cases=self._list("open_cases", record),
            last_contacts=self.contacts.of(record) if self.contacts else (),
            fields=tuple(self._fields(record)),
            url=safe_url(customer_key, url if isinstance(url, str) else ""),
            kind=kind,
            do_not_call=self.do_not_call is not None and bool(self.do_not_call.search(record)),
            editable=tuple(edit.of(record) for edit in self.edits if not edit.kinds or kind in edit.kinds),
        )

    def _text(self, key: str, record: dict[str, Any]) -> str:
        return text_of(self.texts[key].search(record)) if key in self.texts else ""

    def _list(self, key: str, record: dict[str, Any]) -> tuple[str, ...]:
        return _texts(self.lists[key].search(record)) if key in self.lists else ()

    def _fields(self, record: dict[str, Any]) -> list[tuple[str, str]]:
        found = ((label, text_of(query.search(record), FIELD_LIMIT)) for label, query in self.fields)
        return [(label, text) for label, text in found if text]


def customer_id_of(kind: str, record_id: str) -> CustomerId:
    """The id under which everybody else knows the record: with its kind in front where there are kinds."""
    return CustomerId(f"{kind}{KIND_MARK}{record_id}" if kind else record_id)


def _items(found: Any) -> list[Any]:
    if found is None:
        return []
    return found[:LIST_LIMIT] if isinstance(found, list) else [found]


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(islice(filter(None, map(text_of, _items(found))), LIST_LIMIT))
