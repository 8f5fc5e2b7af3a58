"""Which sources stand above the user's settings on this computer, the lowest first.

provisioned < install < policy; within policy: file < this user's < this computer's.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from softphone.domain.settings_layers import SettingsLayer
from softphone.system.folders import NAME, Folders
from softphone.system.settings_file import LayeredSettings
from softphone.system.settings_layers import LayerSource, RawLayer, UnreadableLayer
from softphone.system.settings_registry import (
    INSTALL_KEY,
    POLICY_KEY,
    RegistrySource,
    WindowsRegistry,
)
from softphone.system.settings_toml import TomlSource

PREFERENCES_DOMAIN = "org.softphone.Softphone"
"""The bundle identifier, and with it the payload type of a configuration profile on macOS."""

MANAGED_PREFERENCES = Path("/Library/Managed Preferences")
PROFILE_TABLES = ("profile", "enrolment")
"""What a company's profile holds beside settings."""


class PlistSource:
    """A layer in managed preferences of macOS: a dictionary that looks like the settings file."""

    layer = SettingsLayer.POLICY

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def name(self) -> str:
        return str(self.file)

    def read(self) -> RawLayer:
        if not self.file.exists():
            return RawLayer({})
        import plistlib  # 10 ms that only macOS needs
        from xml.parsers.expat import ExpatError

        try:
            with self.file.open("rb") as stream:
                table = plistlib.load(stream)
        except (OSError, plistlib.InvalidFileException, ValueError, ExpatError) as exc:
            raise UnreadableLayer(f"no property list that can be read: {exc}") from exc
        if not isinstance(table, dict):
            raise UnreadableLayer("a dictionary is expected")
        known = {key: _plain(value) for key, value in table.items() if not _of_apple(key)}
        return RawLayer(known)


def _of_apple(key: str) -> bool:
    """macOS adds keys of its own to managed preferences."""
    return key.startswith(("Payload", "com.apple.", "NS", "Apple"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, (bytes, datetime)) else value


def machine_folder() -> Path:
    """Where administrators, and nobody else, put files for every user of this computer."""
    if sys.platform == "win32":  # not ProgramData: there any user may make folders
        programs = os.environ.get("PROGRAMW6432") or os.environ.get("PROGRAMFILES", "C:/Program Files")
        return Path(programs) / "Softphone"
    if sys.platform == "darwin":
        return Path("/Library/Application Support") / NAME
    return Path("/etc") / NAME


def policy_file() -> Path:
    """Where the administrator of this computer fixes settings."""
    return machine_folder() / "policy.toml"


def install_file() -> Path:
    """What the installation was told: `PROVISIONING_URL`, `LANGUAGE` and the like, as settings."""
    return machine_folder() / "install.toml"


def sources_above(where: Folders) -> tuple[LayerSource, ...]:
    """Every source of this computer that outranks the user, the lowest first."""
    provisioned = (
        TomlSource(SettingsLayer.PROVISIONED, where.provisioned_file, PROFILE_TABLES),
        TomlSource(SettingsLayer.PROVISIONED, where.enrolled_file),
    )
    return (*provisioned, *_installed(), *_policies())


def layered_settings(where: Folders) -> LayeredSettings:
    """The settings of a profile with everything that IT and the company have fixed."""
    return LayeredSettings(where.settings_file, sources_above(where), where.last_good)


def _installed() -> tuple[LayerSource, ...]:
    file = TomlSource(SettingsLayer.INSTALL, install_file())
    if sys.platform == "win32":
        hive = "HKEY_LOCAL_MACHINE"
        return (file, RegistrySource(SettingsLayer.INSTALL, WindowsRegistry(), hive, INSTALL_KEY))
    return (file,)


def _policies() -> tuple[LayerSource, ...]:
    file = TomlSource(SettingsLayer.POLICY, policy_file())
    if sys.platform == "win32":
        registry = WindowsRegistry()
        hives = ("HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE")
        return (file, *(RegistrySource(SettingsLayer.POLICY, registry, hive, POLICY_KEY) for hive in hives))
    if sys.platform == "darwin":
        import getpass  # only there are managed preferences by user

        mine = MANAGED_PREFERENCES / getpass.getuser() / f"{PREFERENCES_DOMAIN}.plist"
        return (file, PlistSource(mine), PlistSource(MANAGED_PREFERENCES / f"{PREFERENCES_DOMAIN}.plist"))
    return (file,)
