"""Changes single keys of the user's settings file and leaves everything else as the user wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import AoT

from softphone.domain.settings import Settings
from softphone.system.settings_values import (
    NAMED,
    Key,
    default_of,
    entry_type,
    field_types,
    plain,
    values_of,
)


def edited(text: str, changed: Mapping[Key, object], settings: Settings) -> str:
    """Return `text` (valid TOML) with the changed values; None, or a default, takes a key out."""
    document = tomlkit.parse(text)
    present = {key[:2] for key in values_of(settings)}
    for key, value in changed.items():
        if _is_entry(key) and key[:2] not in present:
            _remove_entry(document, key)
        elif value is None or value == default_of(key):
            _remove(document, key)
        else:
            _set(document, key, value)
    _sort_entries(document, settings)
    return tomlkit.dumps(document)


def _is_entry(key: Key) -> bool:
    return entry_type(field_types(Settings)[key[0]]) is not None


def _name_field(key: Key) -> str:
    entry = entry_type(field_types(Settings)[key[0]])
    return NAMED[entry] if entry else ""


def _set(document: Any, key: Key, value: object) -> None:
    table, rest = (_entry(document, key), key[2:]) if _is_entry(key) else (document, key)
    for name in rest[:-1]:
        if name not in table:
            table.add(name, tomlkit.table())
        table = table[name]
    table[rest[-1]] = plain(value)


def _remove(document: Any, key: Key) -> None:
    table = _found(document, key) if _is_entry(key) else document
    rest = key[2:] if _is_entry(key) else key
    for name in rest[:-1]:
        table = table.get(name) if table is not None else None
    if table is not None and rest[-1] in table:
        table.remove(rest[-1])


def _remove_entry(document: Any, key: Key) -> None:
    entries, name = document.get(key[0]), _name_field(key)
    for index, item in enumerate(entries or ()):
        if item.get(name) == key[1]:
            del entries[index]
            break
    if entries is not None and len(entries) == 0:
        document.remove(key[0])


def _entry(document: Any, key: Key) -> Any:
    """The table of the entry, made at the end of its list when it is new."""
    found = _found(document, key)
    if found is not None:
        return found
    entries = document.get(key[0])
    if entries is None:
        document.add(key[0], tomlkit.aot())
        entries = document[key[0]]
    fresh: Any = tomlkit.table() if isinstance(entries, AoT) else tomlkit.inline_table()
    fresh.add(_name_field(key), key[1])
    entries.append(fresh)
    return entries[-1]


def _found(document: Any, key: Key) -> Any:
    name = _name_field(key)
    return next((item for item in document.get(key[0], ()) if item.get(name) == key[1]), None)


def _sort_entries(document: Any, settings: Settings) -> None:
    """Bring the entries into the order of `settings`: the first account and the first campaign matter."""
    for field, field_type in field_types(Settings).items():
        entry = entry_type(field_type)
        entries = document.get(field)
        if entry is None or entries is None:
            continue
        wanted = [getattr(item, NAMED[entry]) for item in getattr(settings, field)]
        there = [item.get(NAMED[entry]) for item in entries]
        ordered = sorted(there, key=lambda name: wanted.index(name) if name in wanted else len(wanted))
        if ordered != there and isinstance(entries, AoT):
            by_name = {item.get(NAMED[entry]): item for item in entries}
            sorted_list = tomlkit.aot()
            for name in ordered:
                sorted_list.append(by_name[name])
            document[field] = sorted_list
