"""Compiling templates, expressions and requests of a pack at a known place of its file."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any, TypeAlias, TypeVar

from softphone.crm.mapping import Query, compile_query
from softphone.crm.packs.filters import Maps
from softphone.crm.packs.plans import RequestPlan
from softphone.crm.packs.request_schema import AnyRequestTable
from softphone.crm.packs.template import Template, compile_json, compile_template, names_in
from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.domain.toml_lines import line_of, lines_of_keys

Path: TypeAlias = tuple[str | int, ...]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Place:
    """The text of a pack and the name of its file, for errors."""

    text: str
    file: str

    def wrong(self, path: Path, problem: str) -> BadInput:
        """The error at that key."""
        key = ".".join(str(part) for part in path) or "the whole file"
        line = line_of(path, lines_of_keys(self.text))
        return BadInput("crm pack", f"{self.file}:{line}: {key}: {problem}")


@dataclass(frozen=True, slots=True)
class Context:
    """A place, the pack's maps, and the placeholders that stand everywhere in it."""

    place: Place
    maps: Maps
    everywhere: frozenset[str]

    def without(self, names: Set[str]) -> Context:
        return Context(self.place, self.maps, self.everywhere - names)

    def at(self, path: Path, make: Callable[..., _T], *arguments: Any) -> _T:
        """What `make` makes; its `ValueError` becomes the error at `path`, or deeper if it says so."""
        try:
            return make(*arguments)
        except ValueError as exc:
            deeper = getattr(exc, "key_path", ())
            raise self.place.wrong((*path, *deeper), str(exc)) from exc

    def template(self, path: Path, text: str, names: frozenset[str]) -> Template:
        return self.at(path, compile_template, text, names | self.everywhere, self.maps)

    def query(self, path: Path, expression: str) -> Query:
        return self.at(path, compile_query, expression)

    def maybe_query(self, path: Path, expression: str) -> Query | None:
        return self.query(path, expression) if expression else None

    def request(self, path: Path, table: AnyRequestTable, names: frozenset[str]) -> RequestPlan:
        if not table.path.startswith("/"):
            raise self.place.wrong((*path, "path"), "must begin with /")
        if table.json is not None and table.form:
            raise self.place.wrong((*path, "form"), "a request has json or form, not both")
        url = self.template((*path, "path"), table.path, names)
        query = self._pairs((*path, "query"), table.query, names)
        json = self.at((*path, "json"), compile_json, table.json, names | self.everywhere, self.maps)
        form = self._pairs((*path, "form"), table.form, names)
        used = url.names | names_in(json) | names_in([item for _, item in (*query, *form)])
        return RequestPlan(
            method=table.method,
            path=url,
            query=query,
            json=json,
            form=form if table.form else None,
            omit_empty=table.omit_empty,
            needs_agent=bool(used & {"agent_id", "agent_name"}),
        )

    def _pairs(
        self, path: Path, pairs: dict[str, str], names: frozenset[str]
    ) -> tuple[tuple[str, Template], ...]:
        return tuple((key, self.template((*path, key), text, names)) for key, text in pairs.items())
