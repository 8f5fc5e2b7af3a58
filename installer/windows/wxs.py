"""Writes the WiX source of the MSI: the payload's files, the registry, the start menu."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from installer.building import product
from installer.windows import identity, programs, properties

_WIX = "http://schemas.microsoft.com/wix/2006/wi"
_LINKS = tuple(scheme for scheme in product.SCHEMES if scheme != product.PACKAGE)

Values = tuple[tuple[str, str, str], ...]
"""Key below HKEY_LOCAL_MACHINE, name of the value (empty: the default one), text."""


def source(tree: Path, icon: Path, work: Path, version: str) -> str:
    """The whole source as text; paths in it are relative to `work`, where wixl must be started."""
    root = Element("Wix", xmlns=_WIX)
    package = _product(root, version)
    properties.describe(package)
    SubElement(package, "Icon", Id="softphone.ico", SourceFile=os.path.relpath(icon, work))
    target = SubElement(package, "Directory", Id="TARGETDIR", Name="SourceDir")
    programs_folder = SubElement(target, "Directory", Id="ProgramFiles64Folder")
    folder = SubElement(programs_folder, "Directory", Id="INSTALLDIR", Name=product.NAME)
    SubElement(target, "Directory", Id="ProgramMenuFolder")
    names = [*_files(folder, tree, tree, os.path.relpath(tree, work)), *_registry(folder, version)]
    feature = SubElement(package, "Feature", Id="Main", Level="1", Title=product.NAME)
    for name in names:
        SubElement(feature, "ComponentRef", Id=name)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def file_id(relative: str) -> str:
    """The key of a file in the File table, known to the custom actions."""
    return "f" + hashlib.sha256(relative.encode()).hexdigest()[:24]


def conditional() -> dict[str, str]:
    """Components that are installed only when a property says so, with the condition."""
    return {
        "cProvisioning": 'PROVISIONING_URL AND PROVISIONING_URL <> "none"',
        "cProvisioningKey": 'PROVISIONING_KEY AND PROVISIONING_KEY <> "none"',
        "cLanguage": 'LANGUAGE AND LANGUAGE <> "none"',
        "cAutostart": 'AUTOSTART = "1"',
        "cLinks": 'TEL_HANDLER = "1"',
    }


def _product(root: Element, version: str) -> Element:
    package = SubElement(
        root,
        "Product",
        Id=identity.product_code(version),
        Name=product.NAME,
        Language="1033",
        Version=version,
        Manufacturer=product.MANUFACTURER,
        UpgradeCode=identity.UPGRADE_CODE,
    )
    SubElement(
        package,
        "Package",
        InstallerVersion="500",
        Compressed="yes",
        InstallScope="perMachine",
        Description=product.SUMMARY,
        Manufacturer=product.MANUFACTURER,
    )
    SubElement(
        package,
        "MajorUpgrade",
        DowngradeErrorMessage=(
            "A newer version of Softphone is already installed. Uninstall it first to go back to this one."
        ),
    )
    SubElement(package, "Media", Id="1", Cabinet="softphone.cab", EmbedCab="yes")
    return package


def _files(parent: Element, folder: Path, tree: Path, place: str) -> list[str]:
    names = []
    for path in sorted(folder.iterdir()):
        relative = path.relative_to(tree).as_posix()
        if path.is_dir():
            inner = SubElement(parent, "Directory", Id=f"d{file_id(relative)}", Name=path.name)
            names += _files(inner, path, tree, place)
            continue
        name = f"c{file_id(relative)}"
        part = SubElement(parent, "Component", Id=name, Guid=identity.component(relative), Win64="yes")
        file = SubElement(
            part, "File", Id=file_id(relative), Name=path.name, Source=f"{place}/{relative}", KeyPath="yes"
        )
        if relative == programs.WINDOWED:
            _shortcut(file)
        names.append(name)
    return names


def _shortcut(file: Element) -> None:
    SubElement(
        file,
        "Shortcut",
        Id="StartMenu",
        Directory="ProgramMenuFolder",
        Name=product.NAME,
        WorkingDirectory="INSTALLDIR",
        Icon="softphone.ico",
        Advertise="no",
    )


def _registry(parent: Element, version: str) -> list[str]:
    program = f"[INSTALLDIR]{programs.WINDOWED}"
    command = f'"{program}" "%1"'
    setup = identity.SETUP_KEY
    components: dict[str, Values] = {
        "cSetup": (
            (setup, "InstallDir", "[INSTALLDIR]"),
            (setup, "Version", version),
            (setup, "Autostart", "[AUTOSTART]"),
            (setup, "TelHandler", "[TEL_HANDLER]"),
        ),
        "cAppPaths": tuple(
            (rf"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\{name}", "", f"[INSTALLDIR]{name}")
            for name in (programs.WINDOWED, programs.CONSOLE)
        ),
        "cProvisionLink": _link_class(rf"SOFTWARE\Classes\{product.PACKAGE}", command, program),
        "cProvisioning": ((rf"{identity.INSTALL_KEY}\provisioning", "url", "[PROVISIONING_URL]"),),
        "cProvisioningKey": ((rf"{identity.INSTALL_KEY}\provisioning", "public_key", "[PROVISIONING_KEY]"),),
        "cLanguage": ((rf"{identity.INSTALL_KEY}\window", "language", "[LANGUAGE]"),),
        "cAutostart": ((identity.RUN_KEY, product.NAME, f'"{program}"'),),
        "cLinks": _capabilities(command, program),
    }
    for name, values in components.items():
        part = SubElement(parent, "Component", Id=name, Guid=identity.component(name), Win64="yes")
        for index, (key, value, text) in enumerate(values):
            entry = SubElement(part, "RegistryValue", Root="HKLM", Key=key, Type="string", Value=text)
            if value:
                entry.set("Name", value)
            if index == 0:
                entry.set("KeyPath", "yes")
    return list(components)


def _link_class(key: str, command: str, program: str) -> Values:
    return (
        (key, "", f"URL:{product.NAME}"),
        (key, "URL Protocol", ""),
        (rf"{key}\DefaultIcon", "", f"{program},0"),
        (rf"{key}\shell\open\command", "", command),
    )


def _capabilities(command: str, program: str) -> Values:
    """Offered to Windows as a program for these links. Which one is used is the user's or IT's choice."""
    place = r"SOFTWARE\Softphone\Capabilities"
    return (
        *_link_class(rf"SOFTWARE\Classes\{identity.PROGRAM_ID}", command, program),
        (place, "ApplicationName", product.NAME),
        (place, "ApplicationDescription", product.SUMMARY),
        (place, "ApplicationIcon", f"{program},0"),
        *((rf"{place}\URLAssociations", scheme, identity.PROGRAM_ID) for scheme in _LINKS),
        (r"SOFTWARE\RegisteredApplications", product.NAME, place),
    )
