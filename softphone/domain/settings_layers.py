"""Who has set a setting: the layers, the lowest first. A higher one outranks a lower one key by key."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.facts import dataclass


class SettingsLayer(StrEnum):
    DEFAULT = "default"
    USER = "user"
    PROVISIONED = "provisioned"
    """The company's profile, fetched from its provisioning address."""
    INSTALL = "install"
    """Properties given when the softphone was installed on this computer."""
    POLICY = "policy"
    """Group policy, managed preferences, or the administrator's policy file."""


@dataclass(frozen=True, slots=True)
class SetBy:
    """Who has fixed a key. `source` is for IT: a file or a registry key."""

    layer: SettingsLayer
    source: str = ""


@dataclass(frozen=True, slots=True)
class SettingsFault:
    """Something in a layer above the user's that cannot be used; it is left out, everything else holds.

    `line` is 0 where the source has none (registry, managed preferences).
    """

    layer: SettingsLayer
    source: str
    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        key = f", key {self.key}" if self.key else ""
        return f"{self.layer}: {self.source}{line}{key}: {self.problem}"
