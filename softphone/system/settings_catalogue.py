"""Every setting as a fact: key, kind, default, choices, description. Policy templates are made from this."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator
from enum import Enum, StrEnum
from typing import Any, Union, get_args, get_origin

from softphone.domain.facts import dataclass
from softphone.domain.settings import Settings
from softphone.system.settings_rules import LANGUAGES
from softphone.system.settings_values import NAMED, default_of, entry_type, field_types
from softphone.system.settings_words import DESCRIPTIONS


class SettingKind(StrEnum):
    """How a value looks: in TOML, and in the registry (`settings_registry`)."""

    TEXT = "text"
    """A string; REG_SZ."""
    CHOICE = "choice"
    """One of `choices`; REG_SZ."""
    FLAG = "flag"
    """true or false; REG_DWORD 1 or 0."""
    INTEGER = "integer"
    """REG_DWORD."""
    NUMBER = "number"
    """A number with a fraction; REG_SZ."""
    TEXTS = "texts"
    """A list of strings; REG_MULTI_SZ or a subkey with numbered values."""
    JSON = "json"
    """A list of tables; JSON in a REG_SZ."""


@dataclass(frozen=True, slots=True)
class SettingFact:
    """One setting. `key` of an entry's field has `*` for the entry's name: `accounts.*.server`."""

    key: str
    kind: SettingKind
    default: object
    choices: tuple[str, ...]
    description: str

    @property
    def of_entry(self) -> bool:
        """It belongs to a named entry (an account, a campaign, a CRM)."""
        return ".*." in self.key

    @property
    def section(self) -> str:
        return self.key.split(".")[0]

    @property
    def name(self) -> str:
        return self.key.rsplit(".", 1)[-1]

    @property
    def registry_subkey(self) -> str:
        """Below the policy or install key; `*` stands for the name of the entry."""
        return "\\".join(self.key.split(".")[:-1])


def settings_catalogue() -> tuple[SettingFact, ...]:
    """Every setting that a layer can set, in the order of the schema."""
    return tuple(_facts(Settings, ()))


def _facts(kind: type, prefix: tuple[str, ...]) -> Iterator[SettingFact]:
    for name, field_type in field_types(kind).items():
        key = (*prefix, name)
        entry = entry_type(field_type)
        if entry is not None:
            yield from (fact for fact in _facts(entry, (*key, "*")) if fact.name != NAMED[entry])
        elif dataclasses.is_dataclass(field_type) and isinstance(field_type, type):
            yield from _facts(field_type, key)
        else:
            yield _fact(key, field_type)


def _fact(key: tuple[str, ...], field_type: Any) -> SettingFact:
    kind, choices = _kind(field_type)
    default = default_of(key)
    if default is dataclasses.MISSING:
        default = None
    if key == ("window", "language"):
        kind, choices = SettingKind.CHOICE, LANGUAGES[1:]
    dotted = ".".join(key)
    return SettingFact(dotted, kind, default, choices, DESCRIPTIONS.get(dotted) or _read_out(key[-1]))


def _kind(field_type: Any) -> tuple[SettingKind, tuple[str, ...]]:
    if get_origin(field_type) in (Union, types.UnionType):
        field_type = next(each for each in get_args(field_type) if each is not type(None))
    if isinstance(field_type, type) and issubclass(field_type, Enum):
        return SettingKind.CHOICE, tuple(str(each.value) for each in field_type)
    if get_origin(field_type) is tuple:
        return (SettingKind.TEXTS if get_args(field_type)[0] is str else SettingKind.JSON), ()
    simple = {bool: SettingKind.FLAG, int: SettingKind.INTEGER, float: SettingKind.NUMBER}
    return simple.get(field_type, SettingKind.TEXT), ()


def _read_out(name: str) -> str:
    return name.replace("_", " ").capitalize() + "."
