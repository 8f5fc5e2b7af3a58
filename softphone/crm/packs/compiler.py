"""Turns the checked tables of a pack into plans and names the place of what does not compile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from softphone.crm.mapping import CustomerMapping, EditMapping
from softphone.crm.packs import placeholders as known
from softphone.crm.packs.auth_compiler import AuthCompiler
from softphone.crm.packs.compiling import Context, Path, Place
from softphone.crm.packs.plans import (
    AgentPlan,
    CodesPlan,
    CreatePlan,
    DoNotCallPlan,
    EditPlan,
    ErrorPlan,
    FindPlan,
    LogPlan,
    LookupPlan,
    Pack,
    PagingPlan,
    ParameterPlan,
    Saves,
    SearchPlan,
    StepsPlan,
    TextSearchPlan,
    UpdatePlan,
    WritePlan,
)
from softphone.crm.packs.request_schema import (
    FindTable,
    LookupTable,
    PagingTable,
    StepsTable,
    StepTable,
    WriteTable,
)
from softphone.crm.packs.schema import (
    AgentTable,
    CodesTable,
    CreateTable,
    DoNotCallTable,
    ErrorTable,
    LogTable,
    PackTable,
    RecordTable,
    SearchTable,
    TextSearchTable,
    UpdateTable,
)
from softphone.crm.packs.template import Template, compile_json
from softphone.domain.text import clean_line

_OWN_HEADERS = frozenset({"authorization", "host", "cookie", "content-length", "transfer-encoding"})
_TROUBLES = ("credentials", "busy", "forbidden", "not_found", "refused")
_Table = TypeVar("_Table")
_Plan = TypeVar("_Plan")


class Compiler:
    """Compiles one pack. Errors are `BadInput` with file, line and key."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def pack(self, table: PackTable) -> Pack:
        context = self._context(table)
        return _PackCompiler(context, table).pack(
            self._headers(context, table.headers), self._parameters(table)
        )

    def _context(self, table: PackTable) -> Context:
        """The placeholders that stand everywhere in this pack."""
        everywhere = known.ALWAYS | set(table.parameters)
        if table.agent is not None:
            everywhere |= {"agent_id", "agent_name"}
        session = table.auth.session
        if session is not None:
            everywhere |= set(session.save)
            if session.secret_in_body:
                everywhere |= {"secret"}
        return Context(self._place, table.maps, frozenset(everywhere))

    def _headers(self, context: Context, headers: dict[str, str]) -> tuple[tuple[str, Template], ...]:
        known_first = context.without({"agent_id", "agent_name", "secret"})
        for name, value in headers.items():
            if name.lower() in _OWN_HEADERS or not name.isascii() or not value.isprintable():
                raise self._place.wrong(("headers", name), "this header cannot be set here")
        return tuple(
            (name, known_first.template(("headers", name), value, frozenset()))
            for name, value in headers.items()
        )

    def _parameters(self, table: PackTable) -> tuple[ParameterPlan, ...]:
        taken = known.FIND_NAMES | known.TASK_NAMES | known.CREATE_NAMES | known.LOGIN_NAMES
        for name in table.parameters:
            if name in taken or not name.isidentifier() or name.lower() != name:
                raise self._place.wrong(("parameters", name), "this name is taken, or no lower-case word")
        return tuple(
            ParameterPlan(name, parameter.label, parameter.default, parameter.required)
            for name, parameter in table.parameters.items()
        )


class _PackCompiler:
    """The operations of a pack, each from its table."""

    def __init__(self, context: Context, table: PackTable) -> None:
        self._in = context
        self._table = table

    def pack(self, headers: tuple[tuple[str, Template], ...], parameters: tuple[ParameterPlan, ...]) -> Pack:
        table = self._table
        edits = self._edits(table.update) if table.update else ()
        mapping = self._in.at(("customer",), CustomerMapping.compile, table.customer, edits)
        return Pack(
            name=table.name,
            title=table.title,
            headers=headers,
            parameters=parameters,
            auth=AuthCompiler(self._in).auth(table.auth),
            limits=table.limits,
            agent=self._optional(table.agent, self._agent),
            search=self._search(table.find),
            record=self._optional(table.record, self._record),
            text_search=self._optional(table.search, self._text_search),
            customer=replace(mapping, has_kinds=_has_kinds(table)),
            open_url=self._open_url(table.open.url),
            open_hosts=frozenset(host.lower() for host in table.open.hosts),
            create=self._optional(table.create, self._create),
            update=self._optional(table.update, self._update),
            log=self._log(table.log),
            task=self._optional(table.task, lambda task: self._steps(("task",), task, known.TASK_NAMES)),
            codes=self._optional(table.codes, self._codes),
            do_not_call=self._optional(table.do_not_call, self._do_not_call),
            team_state=self._optional(
                table.team_state, lambda state: self._write(("team_state",), state, known.STATE_NAMES)
            ),
            error=self._error(table.error),
        )

    @staticmethod
    def _optional(table: _Table | None, make: Callable[[_Table], _Plan]) -> _Plan | None:
        return None if table is None else make(table)

    # --- questions --------------------------------------------------------------------------------------

    def _search(self, table: SearchTable) -> SearchPlan:
        if not table.requests or not table.attempts:
            raise self._in.place.wrong(("find",), "needs at least one request and one attempt")
        return SearchPlan(
            table.attempts, self._finds("find", table.requests, known.FIND_NAMES), table.check_number
        )

    def _text_search(self, table: TextSearchTable) -> TextSearchPlan:
        if not table.requests:
            raise self._in.place.wrong(("search",), "needs at least one request")
        return TextSearchPlan(self._finds("search", table.requests, known.SEARCH_NAMES), table.min_length)

    def _finds(
        self, operation: str, tables: tuple[FindTable, ...], names: frozenset[str]
    ) -> tuple[FindPlan, ...]:
        return tuple(
            self._find((operation, "requests", index), table, names) for index, table in enumerate(tables)
        )

    def _find(self, path: Path, table: FindTable, names: frozenset[str]) -> FindPlan:
        if table.paging is not None:
            names |= known.PAGING_NAMES
        return FindPlan(
            request=self._in.request(path, table, names),
            matches=self._in.query((*path, "matches"), table.matches),
            kind=table.kind,
            when=self._condition(path, "when", table.when, names),
            complete=self._complete(path, table.complete),
            paging=self._paging(path, table.paging),
        )

    def _complete(self, path: Path, wanted: bool) -> bool:
        if wanted and self._table.record is None:
            raise self._in.place.wrong((*path, "complete"), "needs [record]")
        return wanted

    def _paging(self, path: Path, table: PagingTable | None) -> PagingPlan | None:
        if table is None:
            return None
        return PagingPlan(self._in.query((*path, "paging", "next"), table.next), max(1, min(table.pages, 50)))

    def _record(self, table: RecordTable) -> FindPlan:
        request = self._in.request(("record",), table, known.RECORD_NAMES)
        return FindPlan(request, self._in.query(("record", "match"), table.match))

    def _agent(self, table: AgentTable) -> AgentPlan:
        return AgentPlan(
            # The agent is who is asked for here, so they cannot stand in the question.
            request=self._in.without({"agent_id", "agent_name"}).request(("agent",), table, frozenset()),
            id=self._in.query(("agent", "id"), table.id),
            name=self._in.maybe_query(("agent", "name"), table.name),
        )

    def _codes(self, table: CodesTable) -> CodesPlan:
        names = known.CODES_NAMES | (known.PAGING_NAMES if table.paging else frozenset())
        return CodesPlan(
            request=self._in.request(("codes",), table, names),
            entries=self._in.query(("codes", "list"), table.list),
            code=self._in.query(("codes", "code"), table.code),
            label=self._in.query(("codes", "label"), table.label),
            needs_note=self._in.maybe_query(("codes", "needs_note"), table.needs_note),
            needs_callback=self._in.maybe_query(("codes", "needs_callback"), table.needs_callback),
            actions=self._in.maybe_query(("codes", "actions"), table.actions),
            children=self._in.maybe_query(("codes", "children"), table.children),
            paging=self._paging(("codes",), table.paging),
        )

    def _do_not_call(self, table: DoNotCallTable) -> DoNotCallPlan:
        request = self._in.request(("do_not_call",), table, known.FIND_NAMES)
        return DoNotCallPlan(request, table.attempts, self._in.query(("do_not_call", "barred"), table.barred))

    def _open_url(self, url: str) -> Template | None:
        return self._in.template(("open", "url"), url, known.OPEN_NAMES) if url else None

    # --- writes -----------------------------------------------------------------------------------------

    def _create(self, table: CreateTable) -> CreatePlan:
        steps = self._steps(("create",), table, known.CREATE_NAMES)
        if not table.record and not (table.remote_id and self._table.record):
            raise self._in.place.wrong(("create",), "needs record, or remote_id together with [record]")
        return CreatePlan(
            steps, self._in.maybe_query(("create", "record"), table.record), table.kind, table.required
        )

    def _update(self, table: UpdateTable) -> UpdatePlan:
        fields = tuple(
            EditPlan(
                edit.name,
                tuple((edit.key or edit.name).split(".")),
                self._in.at(
                    ("update", "fields", index, "json"),
                    compile_json,
                    edit.json,
                    frozenset({"value"}),
                    self._in.maps,
                ),
            )
            for index, edit in enumerate(table.fields)
        )
        return UpdatePlan(self._in.request(("update",), table, known.UPDATE_NAMES), fields)

    def _edits(self, table: UpdateTable) -> tuple[EditMapping, ...]:
        return tuple(
            EditMapping(
                edit.name,
                clean_line(edit.label),
                self._in.query(("update", "fields", index, "value"), edit.value),
                edit.kinds,
            )
            for index, edit in enumerate(table.fields)
        )

    def _log(self, table: LogTable) -> LogPlan:
        create = self._steps(("log",), table, known.CALL_NAMES)
        update = None
        if table.update is not None:
            if not table.remote_id:
                raise self._in.place.wrong(("log", "update"), "needs remote_id in [log]")
            names = known.CALL_UPDATE_NAMES | _saved(table)
            update = self._steps(("log", "update"), table.update, names)
        return LogPlan(create, update)

    def _steps(self, path: Path, table: StepsTable, names: frozenset[str]) -> StepsPlan:
        first = self._write(path, table, names)
        names |= _saved(table) | {"remote_id"}
        then = []
        for index, step in enumerate(table.then):
            then.append(self._write((*path, "then", index), step, names))
            names |= _saved(step)
        return StepsPlan(first, tuple(then))

    def _write(self, path: Path, table: WriteTable, names: frozenset[str]) -> WritePlan:
        return WritePlan(
            request=self._in.request(path, table, names),
            remote_id=self._in.maybe_query((*path, "remote_id"), table.remote_id),
            save=self._saves(path, table.save),
            idempotency_header=table.idempotency_header,
            existing=self._lookup((*path, "existing"), table.existing, names),
            when=self._condition(path, "when", table.when, names) if isinstance(table, StepTable) else "",
            needs=self._condition(path, "needs", table.needs, names),
        )

    def _lookup(self, path: Path, table: LookupTable | None, names: frozenset[str]) -> LookupPlan | None:
        if table is None:
            return None
        request = self._in.request(path, table, names)
        return LookupPlan(
            request=request,
            remote_id=self._in.query((*path, "remote_id"), table.remote_id),
            save=self._saves(path, table.save),
            among=self._in.maybe_query((*path, "among"), table.among),
            marked=self._in.query((*path, "marked"), table.marked),
        )

    def _saves(self, path: Path, save: Mapping[str, str]) -> Saves:
        return tuple((name, self._in.query((*path, "save", name), text)) for name, text in save.items())

    def _condition(self, path: Path, key: str, name: str, names: frozenset[str]) -> str:
        if name and name not in names | self._in.everywhere:
            raise self._in.place.wrong((*path, key), f"unknown value {name!r}")
        return name

    def _error(self, table: ErrorTable) -> ErrorPlan:
        kinds = [
            (kind, self._in.query(("error", kind), getattr(table, kind)))
            for kind in _TROUBLES
            if getattr(table, kind)
        ]
        return ErrorPlan(
            detail=self._in.query(("error", "detail"), table.detail),
            inside_success=self._in.maybe_query(("error", "inside_success"), table.inside_success),
            kinds=tuple(kinds),
            credentials_status=frozenset(table.credentials_status),
            duplicate=self._in.maybe_query(("error", "duplicate"), table.duplicate),
        )


def _has_kinds(table: PackTable) -> bool:
    searches = (*table.find.requests, *(table.search.requests if table.search else ()))
    kinds = (table.customer.kind, table.customer.default_kind, *(find.kind for find in searches))
    return any(kinds) or bool(table.create and table.create.kind)


def _saved(table: WriteTable) -> frozenset[str]:
    return frozenset(table.save) | frozenset(table.existing.save if table.existing else ())
