"""The settings as a flat table: one typed value per dotted key, so that layers can be laid over each other.

Accounts, campaigns and CRM connections are addressed by their name, not by their place in a list:
`accounts.main.server`. So one layer can set a single field of an entry that another layer brings.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from softphone.domain.account import Account
from softphone.domain.campaign import Campaign
from softphone.domain.script import ScriptStep, flaw_in
from softphone.domain.settings import CrmConnection, Settings
from softphone.domain.toml_lines import Path

Key = tuple[str, ...]
"""A dotted key, split: `("accounts", "main", "server")`."""

NAMED: dict[type, str] = {Account: "id", Campaign: "id", CrmConnection: "name"}
"""What stands in a list of entries, and the field that names each entry."""


class BadValue(Exception):
    """Something in one layer that cannot be used; `path` is its place in the file.

    `unknown`: the key itself, which another version may know.
    """

    def __init__(self, path: Path, problem: str, *, unknown: bool = False) -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem
        self.unknown = unknown


class MissingField(Exception):
    """No layer gives a field that has no default."""

    def __init__(self, key: Key) -> None:
        super().__init__(".".join(key))
        self.key = key


def read_table(table: Mapping[str, object]) -> tuple[dict[Key, object], dict[Key, Path]]:
    """Return the typed values of one parsed layer, and where in the file each stands; raise `BadValue`."""
    values: dict[Key, object] = {}
    places: dict[Key, Path] = {}
    for key, place, value in _leaves(table, Settings, (), ()):
        values[key] = value
        places[key] = place
    return values, places


def settings_from(values: Mapping[Key, object]) -> Settings:
    """Build the settings from merged values; what is not there has its default. Raise `MissingField`."""
    built = _build(Settings, (), values)
    assert isinstance(built, Settings)  # noqa: S101 - narrows the type
    return built


def values_of(settings: Settings) -> dict[Key, object]:
    """The flat table of complete settings; fields that are None are left out."""
    return dict(_facts(settings, ()))


def default_of(key: Key) -> object:
    """The default of one key, or None when it has none (also for the name of an entry)."""
    kind: Any = Settings
    names = list(key)
    while names:
        field_type = field_types(kind)[names[0]]
        entry = entry_type(field_type)
        if entry is not None:
            if len(names) < 3:
                return None
            kind, names = entry, names[2:]
        elif dataclasses.is_dataclass(field_type):
            kind, names = field_type, names[1:]
        else:
            return _default(kind, names[0])
    return None


def is_indispensable(key: Key) -> bool:
    """The key of an entry's field that has no default, the entry's name aside."""
    entry = entry_type(field_types(Settings)[key[0]])
    return entry is not None and key[2] != NAMED[entry] and default_of(key) is dataclasses.MISSING


def plain(value: object) -> Any:
    """`value` as TOML can hold it, without the fields that have their default."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind: type[object] = type(value)
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {n: plain(v) for n, v in pairs if v is not None and v != _default(kind, n)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return msgspec.to_builtins(value)


def field_types(kind: type) -> dict[str, Any]:
    """The fields of a dataclass and their resolved types."""
    return _field_types(kind)


@cache
def _field_types(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def entry_type(field_type: Any) -> type | None:
    """The class of the named entries that a field of this type lists, or None."""
    arguments = get_args(field_type)
    if get_origin(field_type) is tuple and arguments and arguments[0] in NAMED:
        return arguments[0]  # type: ignore[no-any-return]  # one of NAMED's classes
    return None


def _leaves(
    table: Mapping[str, object], kind: type, key: Key, place: Path
) -> Iterator[tuple[Key, Path, object]]:
    known = field_types(kind)
    for name, value in table.items():
        here = (*place, name)
        if name not in known:
            raise BadValue(here, f"unknown key; known here are {', '.join(known)}", unknown=True)
        field_type = known[name]
        entry = entry_type(field_type)
        if entry is not None:
            yield from _entries(value, entry, (*key, name), here)
        elif dataclasses.is_dataclass(field_type) and isinstance(field_type, type):
            if not isinstance(value, dict):
                raise BadValue(here, "a table is expected")
            yield from _leaves(value, field_type, (*key, name), here)
        else:
            yield (*key, name), here, _converted(value, field_type, here)


def _entries(value: object, entry: type, key: Key, place: Path) -> Iterator[tuple[Key, Path, object]]:
    if not isinstance(value, list):
        raise BadValue(place, "a list of tables is expected, [[…]]")
    seen: set[str] = set()
    for index, item in enumerate(value):
        here = (*place, index)
        if not isinstance(item, dict):
            raise BadValue(here, "a table is expected")
        name = item.get(NAMED[entry])
        if not isinstance(name, str) or not name:
            raise BadValue((*here, NAMED[entry]), "is missing, empty or no text")
        if name in seen:
            raise BadValue((*here, NAMED[entry]), f"{name!r} is there twice")
        seen.add(name)
        yield from _leaves(item, entry, (*key, name), here)


def _converted(value: object, field_type: Any, place: Path) -> object:
    _refuse_unknown(value, field_type, place)
    try:
        converted = msgspec.convert(value, field_type)
    except msgspec.ValidationError as exc:
        problem, _, inside = str(exc).partition(" - at `$")
        text = problem.replace("`", "").replace("object", "table")
        raise BadValue((*place, *_steps(inside)), text) from exc
    if field_type == tuple[ScriptStep, ...]:
        flaw = flaw_in(converted)
        if flaw:
            raise BadValue((*place, *flaw.path), flaw.problem)
    return converted


def _steps(inside: str) -> Path:
    """The way from a key into its value, as msgspec tells it: `[1].code`."""
    found = re.findall(r"\[(\d+)\]|\.([A-Za-z0-9_]+)", inside)
    return tuple(int(index) if index else name for index, name in found)


def _refuse_unknown(value: object, field_type: Any, place: Path) -> None:
    """Name unknown keys in lists of tables; msgspec ignores them in dataclasses."""
    if dataclasses.is_dataclass(field_type) and isinstance(field_type, type) and isinstance(value, dict):
        known = field_types(field_type)
        for name, inner in value.items():
            if name not in known:
                raise BadValue(
                    (*place, name), f"unknown key; known here are {', '.join(known)}", unknown=True
                )
            _refuse_unknown(inner, known[name], (*place, name))
    elif get_origin(field_type) is tuple and isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_unknown(inner, get_args(field_type)[0], (*place, index))
    elif get_origin(field_type) in (Union, types.UnionType) and isinstance(value, dict):
        tables = [kind for kind in get_args(field_type) if dataclasses.is_dataclass(kind)]
        if not tables:
            raise BadValue(place, "no table is expected here")
        _refuse_unknown(value, tables[0], place)


def _build(kind: type, prefix: Key, values: Mapping[Key, object]) -> object:
    arguments: dict[str, object] = {}
    for name, field_type in field_types(kind).items():
        key = (*prefix, name)
        entry = entry_type(field_type)
        if entry is not None:
            names = dict.fromkeys(k[len(key)] for k in values if k[: len(key)] == key and len(k) > len(key))
            arguments[name] = tuple(_build(entry, (*key, each), values) for each in names)
        elif dataclasses.is_dataclass(field_type) and isinstance(field_type, type):
            arguments[name] = _build(field_type, key, values)
        elif key in values:
            arguments[name] = values[key]
        elif _default(kind, name) is dataclasses.MISSING:
            raise MissingField(key)
    return kind(**arguments)


def _facts(value: Any, prefix: Key) -> Iterator[tuple[Key, object]]:
    kind: type[object] = type(value)
    for name, field_type in field_types(kind).items():
        inner = getattr(value, name)
        key = (*prefix, name)
        entry = entry_type(field_type)
        if entry is not None:
            for item in inner:
                yield from _facts(item, (*key, getattr(item, NAMED[entry])))
        elif dataclasses.is_dataclass(inner):
            yield from _facts(inner, key)
        elif inner is not None:
            yield key, inner


def _default(kind: type, name: str) -> object:
    field = next(f for f in dataclasses.fields(kind) if f.name == name)
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
