"""The properties that `msiexec` takes, how they are checked, and how an upgrade remembers them."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from installer.windows import identity

LANGUAGES = ("en", "de", "it", "el", "he")


@dataclass(frozen=True)
class Property:
    """One public property; without a `condition` every text will do.

    `key` and `value` say where the registry has it from the last installation.
    """

    name: str
    default: str
    key: str
    value: str
    condition: str
    message: str


PUBLIC = (
    Property(
        "PROVISIONING_URL",
        "",
        rf"{identity.INSTALL_KEY}\provisioning",
        "url",
        'NOT PROVISIONING_URL OR PROVISIONING_URL = "none" OR PROVISIONING_URL ~<< "https://"',
        "PROVISIONING_URL must begin with https:// (or be none to forget it).",
    ),
    Property(
        "PROVISIONING_KEY",
        "",
        rf"{identity.INSTALL_KEY}\provisioning",
        "public_key",
        "",
        "",
    ),
    Property(
        "LANGUAGE",
        "",
        rf"{identity.INSTALL_KEY}\window",
        "language",
        "NOT LANGUAGE OR " + " OR ".join(f'LANGUAGE = "{code}"' for code in (*LANGUAGES, "none")),
        f"LANGUAGE must be one of {', '.join(LANGUAGES)} (or none for the language of Windows).",
    ),
    Property(
        "AUTOSTART",
        "1",
        identity.SETUP_KEY,
        "Autostart",
        'NOT AUTOSTART OR AUTOSTART = "0" OR AUTOSTART = "1"',
        "AUTOSTART must be 0 or 1.",
    ),
    Property(
        "TEL_HANDLER",
        "1",
        identity.SETUP_KEY,
        "TelHandler",
        'NOT TEL_HANDLER OR TEL_HANDLER = "0" OR TEL_HANDLER = "1"',
        "TEL_HANDLER must be 0 or 1.",
    ),
)

REMOVE_USER_DATA = "REMOVE_USER_DATA"
"""1 at uninstallation: what the softphone keeps for the user who uninstalls goes too."""

SECURE = (*(each.name for each in PUBLIC), REMOVE_USER_DATA)

_OLD_WINDOWS = "Softphone needs 64-bit Windows 10 or newer."


def describe(package: Element) -> None:
    """Put properties, searches, conditions and the actions that remember into the product."""
    SubElement(package, "Property", Id="ARPPRODUCTICON", Value="softphone.ico")
    SubElement(package, "Property", Id="ARPNOMODIFY", Value="1")
    # Every file is written, whatever version it has: the old version is removed only after Windows Installer
    # has decided what to copy, and a library that went back by a version would be missing afterwards.
    SubElement(package, "Property", Id="REINSTALLMODE", Value="amus")
    _condition(package, "Installed OR (VersionNT64 AND VersionNT >= 603)", _OLD_WINDOWS)
    for each in PUBLIC:
        saved = SubElement(package, "Property", Id=f"SAVED_{each.name}")
        SubElement(
            saved,
            "RegistrySearch",
            Id=f"Search{each.name}",
            Root="HKLM",
            Key=each.key,
            Name=each.value,
            Type="raw",
        )
        if each.condition:
            _condition(package, f"Installed OR ({each.condition})", each.message)
    _remember(package)


def _condition(package: Element, expression: str, message: str) -> None:
    SubElement(package, "Condition", Message=message).text = expression


@dataclass(frozen=True)
class Step:
    """An action that gives a property its value when nobody has said one."""

    action: str
    name: str
    value: str
    condition: str


def steps() -> list[Step]:
    """What is not said is what it was; what never was said is the default. In the order of the actions."""
    found = []
    for each in PUBLIC:
        saved = f"SAVED_{each.name}"
        found.append(Step(f"Keep{each.name}", each.name, f"[{saved}]", f"NOT {each.name} AND {saved}"))
        if each.default:
            found.append(Step(f"Default{each.name}", each.name, each.default, f"NOT {each.name}"))
    return found


def _remember(package: Element) -> None:
    sequence = SubElement(package, "InstallExecuteSequence")
    for step in steps():
        SubElement(package, "CustomAction", Id=step.action, Property=step.name, Value=step.value)
        SubElement(sequence, "Custom", Action=step.action, After="AppSearch").text = step.condition
