"""Templates of a CRM pack: `{name}` in a path, a query value or a body, encoded for where it stands.

`{name|filter|filter}` changes the value first (`softphone.crm.packs.filters`), `{name|%Y-%m-%d}` formats a
time; `{{` and `}}` are literal braces. In a JSON body a string that is one placeholder and nothing else keeps
the value's type, so `"{talk_s}"` becomes a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

from softphone.crm.packs.filters import Filter, Maps, compile_filter
from softphone.crm.values import Json, Value, Values, as_json, as_text
from softphone.domain.facts import dataclass

_PIECE = re.compile(r"\{\{|\}\}|\{([a-z_][a-z0-9_]*)(?:\|([^{}]{1,200}))?\}|[{}]|[^{}]+")
_NO_MAPS: Maps = {}


class TemplateError(ValueError):
    """A template inside a structure does not compile."""

    def __init__(self, problem: str, key_path: tuple[str | int, ...]) -> None:
        super().__init__(problem)
        self.key_path = key_path


@dataclass(frozen=True, slots=True)
class _Placeholder:
    name: str
    filters: tuple[Filter, ...] = ()

    def of(self, values: Values) -> Value:
        value = values.get(self.name)
        for change in self.filters:
            value = change(value, values)
        return value


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template. Make it with `compile_template`, which checks the names."""

    parts: tuple[str | _Placeholder, ...]

    @property
    def names(self) -> frozenset[str]:
        """The placeholders in it."""
        return frozenset(part.name for part in self.parts if isinstance(part, _Placeholder))

    def text(self, values: Values, encode: Callable[[str], str] = str) -> str:
        """The filled-in text; `encode` is applied to values, not to the literal parts."""
        return "".join(
            part if isinstance(part, str) else encode(as_text(part.of(values))) for part in self.parts
        )

    def json(self, values: Values) -> Json:
        """The filled-in text, or the value itself when the template is one placeholder alone."""
        if len(self.parts) == 1 and isinstance(self.parts[0], _Placeholder):
            return as_json(self.parts[0].of(values))
        return self.text(values)


def compile_template(text: str, names: frozenset[str], maps: Maps = _NO_MAPS) -> Template:
    """Compile `text`; raise `ValueError` that says what is wrong, e.g. a name that is not among `names`."""
    return Template(tuple(_parts(text, names, maps)))


def path_segment(text: str) -> str:
    """Encode a value as one segment of a URL path: it can neither add a segment nor climb out of one."""
    return quote(text, safe="") if text.strip(".") else "".join(f"%{ord(c):02X}" for c in text)


def query_value(text: str) -> str:
    """Encode a value for the query of a URL or a form."""
    return quote(text, safe="")


def compile_json(
    node: object, names: frozenset[str], maps: Maps = _NO_MAPS, path: tuple[str | int, ...] = ()
) -> object:
    """Compile every string of a nested structure; keys are taken as they are.

    Raises `TemplateError`, whose `key_path` leads to the string.
    """
    if isinstance(node, str):
        try:
            return compile_template(node, names, maps)
        except ValueError as exc:
            raise TemplateError(str(exc), path) from exc
    if isinstance(node, dict):
        return {str(key): compile_json(value, names, maps, (*path, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [compile_json(item, names, maps, (*path, index)) for index, item in enumerate(node)]
    return node


def names_in(node: object) -> frozenset[str]:
    """The placeholders in what `compile_json` made."""
    if isinstance(node, Template):
        return node.names
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return frozenset().union(*map(names_in, inside))


def fill_json(node: object, values: Values, *, omit_empty: bool = False) -> Json:
    """Fill in what `compile_json` made; with `omit_empty`, members that become null or "" are left out."""
    if isinstance(node, Template):
        return node.json(values)
    if isinstance(node, dict):
        filled = {key: fill_json(value, values, omit_empty=omit_empty) for key, value in node.items()}
        return {k: value for k, value in filled.items() if not (omit_empty and value in (None, "", {}, []))}
    if isinstance(node, list):
        return [fill_json(item, values, omit_empty=omit_empty) for item in node]
    if node is None or isinstance(node, str | int | float | bool):
        return node
    return str(node)  # a date or time written in the TOML itself


def _parts(text: str, names: frozenset[str], maps: Maps) -> Iterator[str | _Placeholder]:
    for match in _PIECE.finditer(text):
        piece, name = match[0], match[1]
        if piece in ("{", "}"):
            raise ValueError(f"a single {piece!r}: write {piece * 2!r} for a literal brace")
        if not name:
            yield piece[0] if piece in ("{{", "}}") else piece
        elif name not in names:
            raise ValueError(f"unknown placeholder {{{name}}}; known are {', '.join(sorted(names))}")
        else:
            specs = match[2].split("|") if match[2] else []
            yield _Placeholder(name, tuple(compile_filter(spec.strip(), maps) for spec in specs))
