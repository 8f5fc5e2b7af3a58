"""Templates of a CRM pack: `{name}` in a path, a query value or a JSON body, encoded for where it stands.

`{name|%Y-%m-%d}` formats a time (strftime); `{{` and `}}` are literal braces. In a JSON body a string that is
one placeholder and nothing else keeps the value's type, so `"{talk_s}"` becomes a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote

Value: TypeAlias = str | int | float | bool | datetime | dict[str, str] | tuple[str, ...] | None
Values: TypeAlias = Mapping[str, Value]
Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_PIECE = re.compile(r"\{\{|\}\}|\{([a-z_][a-z0-9_]*)(?:\|([^{}]{1,60}))?\}|[{}]|[^{}]+")


class TemplateError(ValueError):
    """A template inside a structure does not compile."""

    def __init__(self, problem: str, key_path: tuple[str | int, ...]) -> None:
        super().__init__(problem)
        self.key_path = key_path


@dataclass(frozen=True, slots=True)
class _Placeholder:
    name: str
    time_format: str = ""

    def of(self, values: Values) -> Value:
        value = values.get(self.name)
        if isinstance(value, datetime):
            return _time(value, self.time_format)
        return value


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template. Make it with `compile_template`, which checks the names."""

    parts: tuple[str | _Placeholder, ...]

    def text(self, values: Values, encode: Callable[[str], str] = str) -> str:
        """The filled-in text; `encode` is applied to values, not to the literal parts."""
        return "".join(
            part if isinstance(part, str) else encode(_as_text(part.of(values))) for part in self.parts
        )

    def json(self, values: Values) -> Json:
        """The filled-in text, or the value itself when the template is one placeholder alone."""
        if len(self.parts) == 1 and isinstance(self.parts[0], _Placeholder):
            value = self.parts[0].of(values)
            if isinstance(value, tuple):
                return list(value)
            return dict(value) if isinstance(value, dict) else _plain(value)
        return self.text(values)


def compile_template(text: str, names: frozenset[str]) -> Template:
    """Compile `text`; raise `ValueError` that says what is wrong, e.g. a name that is not among `names`."""
    return Template(tuple(_parts(text, names)))


def path_segment(text: str) -> str:
    """Encode a value as one segment of a URL path: it can neither add a segment nor climb out of one."""
    return quote(text, safe="") if text.strip(".") else "".join(f"%{ord(c):02X}" for c in text)


def query_value(text: str) -> str:
    """Encode a value for the query of a URL."""
    return quote(text, safe="")


def compile_json(node: object, names: frozenset[str], path: tuple[str | int, ...] = ()) -> object:
    """Compile every string of a nested structure; keys are taken as they are.

    Raises `TemplateError`, whose `key_path` leads to the string.
    """
    if isinstance(node, str):
        try:
            return compile_template(node, names)
        except ValueError as exc:
            raise TemplateError(str(exc), path) from exc
    if isinstance(node, dict):
        return {str(key): compile_json(value, names, (*path, key)) for key, value in node.items()}
    if isinstance(node, list):
        return [compile_json(item, names, (*path, index)) for index, item in enumerate(node)]
    return node


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


def _parts(text: str, names: frozenset[str]) -> Iterator[str | _Placeholder]:
    for match in _PIECE.finditer(text):
        piece, name = match[0], match[1]
        if piece in ("{", "}"):
            raise ValueError(f"a single {piece!r}: write {piece * 2!r} for a literal brace")
        if not name:
            yield piece[0] if piece in ("{{", "}}") else piece
        elif name not in names:
            raise ValueError(f"unknown placeholder {{{name}}}; known are {', '.join(sorted(names))}")
        else:
            yield _Placeholder(name, match[2] or "")


def _time(value: datetime, time_format: str) -> str:
    utc = value.astimezone(UTC)
    return utc.strftime(time_format) if time_format else utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def _plain(value: Value) -> Json:
    return value if value is None or isinstance(value, str | int | float | bool) else _as_text(value)
