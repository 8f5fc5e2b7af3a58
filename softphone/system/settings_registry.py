"""Settings from the Windows registry: group policy, and what the installer has written.

`window.theme` is the value `theme` of the subkey `window`. Entries have a subkey of their own:
`accounts\\main`, value `server`. Texts and choices are REG_SZ, yes and no and whole numbers REG_DWORD, lists
of texts REG_MULTI_SZ or a subkey with numbered values (as the list element of an ADMX template writes them),
everything else JSON in a REG_SZ.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import types
from collections.abc import Mapping
from typing import Any, Protocol, Union, get_args, get_origin

from softphone.domain.facts import dataclass
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SettingsLayer
from softphone.system.settings_layers import RawLayer, Table, UnreadableLayer
from softphone.system.settings_values import NAMED, entry_type, field_types

POLICY_KEY = r"SOFTWARE\Policies\Softphone"
"""Under HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER; only administrators may write either."""

INSTALL_KEY = r"SOFTWARE\Softphone\Install"
"""Under HKEY_LOCAL_MACHINE: what the MSI's properties have said. Empty texts count as not given."""

Value = str | int | list[str] | bytes


@dataclass(frozen=True, slots=True)
class RegistryKey:
    """One key as read: its values and the keys below it, names as they stand there."""

    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    keys: Mapping[str, RegistryKey] = dataclasses.field(default_factory=dict)


class Registry(Protocol):
    """The registry of this computer."""

    def read(self, hive: str, path: str) -> RegistryKey | None:
        """The key with everything below it; None when it is not there; raise `OSError`."""


class RegistrySource:
    """A layer in the registry."""

    def __init__(self, layer: SettingsLayer, registry: Registry, hive: str, path: str) -> None:
        self.layer = layer
        self._registry = registry
        self._hive = hive
        self._path = path

    @property
    def name(self) -> str:
        return f"{self._hive}\\{self._path}"

    def read(self) -> RawLayer:
        try:
            key = self._registry.read(self._hive, self._path)
        except OSError as exc:
            raise UnreadableLayer(f"cannot be read: {exc.strerror}") from exc
        return RawLayer(_table(key, Settings) if key is not None else {})


class WindowsRegistry:
    """The real one, its 64-bit view whatever this process is. Empty on other systems."""

    def read(self, hive: str, path: str) -> RegistryKey | None:
        if sys.platform == "win32":
            import winreg  # there is none elsewhere

            try:
                rights = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
                with winreg.OpenKeyEx(getattr(winreg, hive), path, 0, rights) as key:
                    count_of_keys, count_of_values, _ = winreg.QueryInfoKey(key)
                    found = (winreg.EnumValue(key, index) for index in range(count_of_values))
                    values: dict[str, Value] = {name: value for name, value, _kind in found if name}
                    below = [winreg.EnumKey(key, index) for index in range(count_of_keys)]
            except FileNotFoundError:
                return None
            keys = {name: self.read(hive, f"{path}\\{name}") for name in below}
            return RegistryKey(values, {name: inner for name, inner in keys.items() if inner})
        return None


def _table(key: RegistryKey, kind: type) -> Table:
    """The key's content as the table that a file would hold."""
    known = field_types(kind)
    table: Table = {}
    for raw_name, value in key.values.items():
        name = _known_name(raw_name, known)
        if value != "":
            table[name] = _converted(value, known.get(name, str))
    for raw_name, below in key.keys.items():
        name = _known_name(raw_name, known)
        table[name] = _below(below, known.get(name))
    return table


def _below(key: RegistryKey, field_type: Any) -> object:
    entry = entry_type(field_type) if field_type is not None else None
    if entry is not None:
        return [{NAMED[entry]: name, **_table(inner, entry)} for name, inner in key.keys.items()]
    if dataclasses.is_dataclass(field_type) and isinstance(field_type, type):
        return _table(key, field_type)
    if _is_list_of_texts(field_type):
        return [str(value) for _name, value in sorted(key.values.items(), key=_by_number)]
    return {**key.values, **{name: {} for name in key.keys}}


def _by_number(item: tuple[str, Value]) -> tuple[int, str]:
    name = item[0]
    return (int(name) if name.isdecimal() else sys.maxsize, name)


def _known_name(raw: str, known: Mapping[str, Any]) -> str:
    """Registry names are the same in capitals and small letters."""
    return next((name for name in known if name == raw.lower()), raw)


def _converted(value: Value, field_type: Any) -> object:
    """`value` as TOML would have it; what does not fit is left as it is, to be named by the reader."""
    wanted = _without_none(field_type)
    if wanted is bool:
        return {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}.get(
            value.lower() if isinstance(value, str) else value if isinstance(value, int) else "", value
        )
    if wanted in (int, float) and isinstance(value, str):
        return _number(value, wanted)
    if wanted is float and isinstance(value, int):
        return float(value)
    if isinstance(value, str) and get_origin(wanted) is tuple:
        return [value] if _is_list_of_texts(wanted) else _json(value)
    return value


def _without_none(field_type: Any) -> Any:
    if get_origin(field_type) in (Union, types.UnionType):
        return next(each for each in get_args(field_type) if each is not type(None))
    return field_type


def _is_list_of_texts(field_type: Any) -> bool:
    return get_origin(field_type) is tuple and get_args(field_type)[:1] == (str,)


def _number(text: str, kind: type) -> object:
    try:
        return int(text) if kind is int else float(text)
    except ValueError:
        return text


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
