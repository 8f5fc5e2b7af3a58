"""A CRM pack, read from its TOML file and compiled: requests to fill in, mappings to apply.

Everything that can be wrong with a pack is found here, before any call, and named by file, line and key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from softphone.crm.mapping import CustomerMapping, Query, compile_query
from softphone.crm.pack_schema import (
    AuthTable,
    ErrorTable,
    LogTable,
    NumberForm,
    PackTable,
    RecordTable,
    RequestTable,
    SearchTable,
)
from softphone.crm.template import Template, compile_json, compile_template
from softphone.domain.errors import BadInput
from softphone.domain.toml_lines import line_of, lines_of_keys

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "crm_packs"
SIZE_LIMIT = 256 * 1024

FIND_NAMES = frozenset({"number", "e164", "international", "national", "last10", "last9", "raw", "region"})
RECORD_NAMES = frozenset({"id"})
LOG_NAMES = frozenset(
    {
        "external_id", "call_id", "direction", "number", "started_at", "ended_at", "talk_s", "talk_ms",
        "campaign", "queue", "disposition", "disposition_label", "notes", "customer_id", "callback_at",
        "callback_number", "answers", "dispositions", "actions",
    }
)  # fmt: skip
_OWN_HEADERS = frozenset({"authorization", "host", "cookie", "content-length", "transfer-encoding"})
_STEP = re.compile(r"\.?([^.\[\]`]+)(?!\])|\[(\d+)\]")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request whose templates are compiled."""

    method: str
    path: Template
    query: tuple[tuple[str, Template], ...]
    json: object
    omit_empty: bool


@dataclass(frozen=True, slots=True)
class FindPlan:
    request: RequestPlan
    matches: Query


@dataclass(frozen=True, slots=True)
class SearchPlan:
    attempts: tuple[NumberForm, ...]
    requests: tuple[FindPlan, ...]
    check_number: bool


@dataclass(frozen=True, slots=True)
class LogPlan:
    """`existing` asks for a record by its external id and finds the CRM's id of it."""

    request: RequestPlan
    remote_id: Query | None
    idempotency_header: str
    existing: FindPlan | None


@dataclass(frozen=True, slots=True)
class ErrorPlan:
    detail: Query
    inside_success: Query | None


@dataclass(frozen=True, slots=True)
class Pack:
    """A usable pack. `record` is None when the CRM cannot be asked for a record by id."""

    name: str
    title: str
    headers: tuple[tuple[str, str], ...]
    auth: AuthTable
    search: SearchPlan
    record: FindPlan | None
    customer: CustomerMapping
    open_url: Template | None
    open_hosts: frozenset[str]
    log: LogPlan
    error: ErrorPlan


def load_pack(name_or_path: str) -> Pack:
    """The shipped pack of that name, or the pack in that file.

    Raises `BadInput` naming file, line and key when it is missing, unreadable or wrong.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = SHIPPED / f"{path.name}.toml"
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise BadInput("crm pack", f"{path}: {exc.strerror or 'cannot be read'}") from exc
    if len(raw) > SIZE_LIMIT:
        raise BadInput("crm pack", f"{path}: larger than {SIZE_LIMIT} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise BadInput("crm pack", f"{path}: not UTF-8 text") from exc
    return read_pack(text, str(path))


def read_pack(text: str, file: str) -> Pack:
    """Compile the pack in `text`; `file` is its name for errors (`BadInput`)."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise BadInput("crm pack", f"{file}: {exc}") from exc
    return _Compiler(text, file).pack(_checked(data, text, file))


def _checked(data: dict[str, Any], text: str, file: str) -> PackTable:
    try:
        return msgspec.convert(data, PackTable)
    except msgspec.ValidationError as exc:
        problem, path = _located(exc)
        raise _wrong(text, file, path, problem) from exc


def _wrong(text: str, file: str, path: tuple[str | int, ...], problem: str) -> BadInput:
    key = ".".join(str(part) for part in path) or "the whole file"
    return BadInput("crm pack", f"{file}:{line_of(path, lines_of_keys(text))}: {key}: {problem}")


def _located(exc: msgspec.ValidationError) -> tuple[str, tuple[str | int, ...]]:
    """msgspec's sentence and the path to what it complains about."""
    problem, _, where = str(exc).partition(" - at `$")
    words = _STEP.findall(where)
    path: tuple[str | int, ...] = tuple(int(index) if index else word for word, index in words)
    if problem.startswith("Object contains unknown field"):
        path = (*path, problem.split("`")[1])
    return problem, path


class _Compiler:
    """Turns checked tables into plans and names the place of what does not compile."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file

    def pack(self, table: PackTable) -> Pack:
        return Pack(
            name=table.name,
            title=table.title,
            headers=self._headers(table.headers),
            auth=table.auth,
            search=self._search(table.find),
            record=self._record(table.record),
            customer=self._at(("customer",), CustomerMapping.compile, table.customer),
            open_url=self._open_url(table.open.url),
            open_hosts=frozenset(host.lower() for host in table.open.hosts),
            log=self._log(table.log),
            error=self._error(table.error),
        )

    def _at(self, path: tuple[str | int, ...], make: Callable[..., _T], *arguments: Any) -> _T:
        try:
            return make(*arguments)
        except ValueError as exc:
            deeper = getattr(exc, "key_path", ())
            raise _wrong(self._text, self._file, (*path, *deeper), str(exc)) from exc

    def _headers(self, headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
        for name, value in headers.items():
            if name.lower() in _OWN_HEADERS or not name.isascii() or not value.isprintable():
                raise _wrong(self._text, self._file, ("headers", name), "this header cannot be set here")
        return tuple(headers.items())

    def _request(
        self, path: tuple[str | int, ...], table: RequestTable, names: frozenset[str]
    ) -> RequestPlan:
        if not table.path.startswith("/"):
            raise _wrong(self._text, self._file, (*path, "path"), "must begin with /")
        query = tuple(
            (key, self._at((*path, "query", key), compile_template, value, names))
            for key, value in table.query.items()
        )
        return RequestPlan(
            method=table.method,
            path=self._at((*path, "path"), compile_template, table.path, names),
            query=query,
            json=self._at((*path, "json"), compile_json, table.json, names),
            omit_empty=table.omit_empty,
        )

    def _query(self, path: tuple[str | int, ...], expression: str) -> Query:
        return self._at(path, compile_query, expression)

    def _search(self, table: SearchTable) -> SearchPlan:
        if not table.requests or not table.attempts:
            raise _wrong(self._text, self._file, ("find",), "needs at least one request and one attempt")
        requests = tuple(
            FindPlan(
                self._request(("find", "requests", index), request, FIND_NAMES),
                self._query(("find", "requests", index, "matches"), request.matches),
            )
            for index, request in enumerate(table.requests)
        )
        return SearchPlan(table.attempts, requests, table.check_number)

    def _record(self, table: RecordTable | None) -> FindPlan | None:
        if table is None:
            return None
        request = self._request(("record",), table, RECORD_NAMES)
        return FindPlan(request, self._query(("record", "match"), table.match))

    def _open_url(self, url: str) -> Template | None:
        names = frozenset({"id", "base_url"})
        return self._at(("open", "url"), compile_template, url, names) if url else None

    def _log(self, table: LogTable) -> LogPlan:
        existing = None
        if table.existing is not None:
            request = self._request(("log", "existing"), table.existing, LOG_NAMES)
            existing = FindPlan(
                request, self._query(("log", "existing", "remote_id"), table.existing.remote_id)
            )
        return LogPlan(
            request=self._request(("log",), table, LOG_NAMES),
            remote_id=self._query(("log", "remote_id"), table.remote_id) if table.remote_id else None,
            idempotency_header=table.idempotency_header,
            existing=existing,
        )

    def _error(self, table: ErrorTable) -> ErrorPlan:
        inside = table.inside_success
        return ErrorPlan(
            detail=self._query(("error", "detail"), table.detail),
            inside_success=self._query(("error", "inside_success"), inside) if inside else None,
        )
