"""What macOS is told about us: the bundle's Info.plist and the configuration profile for managed Macs."""

from __future__ import annotations

import uuid
from typing import Any

from installer.building import product
from softphone.system.settings_catalogue import SettingFact, SettingKind, settings_catalogue
from softphone.system.settings_sources import PREFERENCES_DOMAIN

_SPACE = uuid.UUID("a7a86a5e-1d5b-4ac5-8f87-b4f2f3a0c3d8")
OLDEST_MACOS = "14.0"
"""The oldest that pjsua2's wheel runs on."""


def information(version: str) -> dict[str, Any]:
    """The bundle's Info.plist."""
    return {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleExecutable": product.NAME,
        "CFBundleIconFile": "softphone.icns",
        "CFBundleIdentifier": product.IDENTIFIER,
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleLocalizations": ["en", "de", "it", "el", "he"],
        "CFBundleName": product.NAME,
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundleURLTypes": [
            {
                "CFBundleTypeRole": "Viewer",
                "CFBundleURLName": f"{product.IDENTIFIER}.link",
                "CFBundleURLSchemes": list(product.SCHEMES),
            }
        ],
        "LSApplicationCategoryType": "public.app-category.business",
        "LSMinimumSystemVersion": OLDEST_MACOS,
        "LSMultipleInstancesProhibited": True,
        "NSHighResolutionCapable": True,
        "NSLocalNetworkUsageDescription": "To reach a telephone system in your own network.",
        "NSMicrophoneUsageDescription": "Your voice in calls comes from the microphone.",
        "NSPrincipalClass": "NSApplication",
        "NSSupportsAutomaticTermination": False,
        "NSSupportsSuddenTermination": False,
    }


def configuration_profile(settings: dict[str, Any]) -> dict[str, Any]:
    """A profile that fixes `settings`, a dictionary that looks like the settings file."""
    return {
        "PayloadContent": [
            {
                **settings,
                "PayloadDisplayName": product.NAME,
                "PayloadIdentifier": f"{PREFERENCES_DOMAIN}.settings",
                "PayloadType": PREFERENCES_DOMAIN,
                "PayloadUUID": _code("settings"),
                "PayloadVersion": 1,
            }
        ],
        "PayloadDescription": f"Settings of {product.NAME} that are fixed by IT",
        "PayloadDisplayName": f"{product.NAME} settings",
        "PayloadIdentifier": f"{PREFERENCES_DOMAIN}.managed",
        "PayloadOrganization": product.MANUFACTURER,
        "PayloadScope": "System",
        "PayloadType": "Configuration",
        "PayloadUUID": _code("profile"),
        "PayloadVersion": 1,
    }


def example_settings() -> dict[str, Any]:
    """What the example profile fixes: where the company's profile is, and nothing else."""
    return {"provisioning": {"url": "https://phones.example.com/profile.toml"}}


def manifest() -> dict[str, Any]:
    """Every setting that a configuration profile can fix, for editors of such profiles (ProfileCreator's
    manifest): key, type, default, choices, description."""
    return {
        "pfm_domain": PREFERENCES_DOMAIN,
        "pfm_format_version": 1,
        "pfm_platforms": ["macOS"],
        "pfm_title": product.NAME,
        "pfm_description": f"Settings of {product.NAME}",
        "pfm_unique": True,
        "pfm_version": 1,
        "pfm_targets": ["system", "user"],
        "pfm_subkeys": [_section(name) for name in _sections()],
    }


_TYPES = {
    SettingKind.FLAG: "boolean",
    SettingKind.INTEGER: "integer",
    SettingKind.NUMBER: "real",
    SettingKind.TEXTS: "array",
    SettingKind.JSON: "array",
}


def _sections() -> list[str]:
    return sorted({fact.section for fact in settings_catalogue() if not fact.of_entry})


def _section(name: str) -> dict[str, Any]:
    facts = [fact for fact in settings_catalogue() if fact.section == name and not fact.of_entry]
    return {
        "pfm_name": name,
        "pfm_title": name.replace("_", " ").capitalize(),
        "pfm_type": "dictionary",
        "pfm_subkeys": [_subkey(fact) for fact in facts],
    }


def _subkey(fact: SettingFact) -> dict[str, Any]:
    key: dict[str, Any] = {
        "pfm_name": fact.name,
        "pfm_title": fact.name.replace("_", " ").capitalize(),
        "pfm_description": fact.description,
        "pfm_type": _TYPES.get(fact.kind, "string"),
    }
    if fact.choices:
        key["pfm_range_list"] = list(fact.choices)
    if isinstance(fact.default, (bool, int, float)) or (isinstance(fact.default, str) and fact.default):
        key["pfm_default"] = (
            fact.default if isinstance(fact.default, (bool, int, float)) else str(fact.default)
        )
    return key


def _code(name: str) -> str:
    return str(uuid.uuid5(_SPACE, name)).upper()
