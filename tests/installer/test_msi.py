"""The MSI's tables, from a small tree through the real wixl: files, registry, properties, sequence."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installer.building.tools import PACKAGES, run
from installer.windows import identity, msi, properties, signing, wxs
from softphone.system.settings_registry import INSTALL_KEY
from softphone.system.settings_rules import LANGUAGES
from tests.peers.availability import find_program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A payload of a few files, packed."""
    for program in ("wixl", "msibuild", "msiinfo"):
        find_program(program, PACKAGES[program])
    folder = tmp_path_factory.mktemp("msi")
    for name in ("Softphone.exe", "softphone-cli.exe", "site/softphone/__init__.py", "python/python312.dll"):
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tree" / name).write_text(name, encoding="ascii")
    (folder / "softphone.ico").write_bytes(b"icon")
    msi.build(folder / "tree", folder / "softphone.ico", folder / "work", "1.2.3", folder / "made.msi")
    return folder


def _rows(folder: Path, table: str) -> list[list[str]]:
    text = run(["msiinfo", "export", folder / "made.msi", table])
    return [line.split("\t") for line in text.replace("\r", "").splitlines()[3:]]


@pytest.mark.peer("msitools")
def test_every_file_is_in_it_under_a_component_of_its_own(folder: Path) -> None:
    assert len(_rows(folder, "File")) == 4
    components = {row[0]: row for row in _rows(folder, "Component")}
    assert len({row[1] for row in components.values()}) == len(components)
    features = {row[1] for row in _rows(folder, "FeatureComponents")}
    assert features == set(components)


@pytest.mark.peer("msitools")
def test_conditional_components_ask_their_property_in_the_64_bit_registry(folder: Path) -> None:
    components = {row[0]: row for row in _rows(folder, "Component")}
    for name, condition in wxs.conditional().items():
        assert components[name][4] == condition
        assert int(components[name][3]) & 256, "the 64-bit registry"
        assert int(components[name][3]) & 64, "asked again at an upgrade"
    assert all(int(row[4]) == 18 for row in _rows(folder, "RegLocator"))


@pytest.mark.peer("msitools")
def test_the_old_version_goes_inside_the_transaction_and_a_newer_one_is_never_replaced(folder: Path) -> None:
    sequence = {row[0]: int(row[2]) for row in _rows(folder, "InstallExecuteSequence")}
    assert sequence["InstallInitialize"] < sequence["RemoveExistingProducts"] < sequence["InstallFiles"]
    assert sequence["AppSearch"] < sequence["KeepPROVISIONING_URL"] < sequence["LaunchConditions"]
    assert sequence["KeepAUTOSTART"] < sequence["DefaultAUTOSTART"]
    refusals = {row[0]: row[1] for row in _rows(folder, "LaunchCondition")}
    assert (
        "newer version of Softphone is already installed. Uninstall it first"
        in (refusals["NOT WIX_DOWNGRADE_DETECTED"])
    )
    for each in properties.PUBLIC:
        assert not each.condition or each.message in refusals.values(), "what Windows writes into its log"


@pytest.mark.peer("msitools")
def test_properties_reach_the_elevated_half_and_are_checked(folder: Path) -> None:
    values = dict(row[:2] for row in _rows(folder, "Property"))
    secure = values["SecureCustomProperties"].split(";")
    assert {each.name for each in properties.PUBLIC} | {"REMOVE_USER_DATA"} <= set(secure)
    assert values["UpgradeCode"] == f"{{{identity.UPGRADE_CODE}}}"
    assert not {each.name for each in properties.PUBLIC} & set(values), "a default would hide what was kept"
    conditions = " ".join(row[0] for row in _rows(folder, "LaunchCondition"))
    assert all(each.name in conditions for each in properties.PUBLIC if each.condition)


@pytest.mark.peer("msitools")
def test_properties_that_are_settings_land_where_the_softphone_reads_them(folder: Path) -> None:
    registry = {(row[2], row[3]): row[4] for row in _rows(folder, "Registry")}
    assert identity.INSTALL_KEY == INSTALL_KEY
    assert registry[rf"{INSTALL_KEY}\provisioning", "url"] == "[PROVISIONING_URL]"
    assert registry[rf"{INSTALL_KEY}\window", "language"] == "[LANGUAGE]"
    assert set(properties.LANGUAGES) == {language for language in LANGUAGES if language}


def test_components_keep_their_codes_from_version_to_version(tmp_path: Path) -> None:
    (tmp_path / "Softphone.exe").touch()
    made = [wxs.source(tmp_path, tmp_path / "x.ico", tmp_path, version) for version in ("1.0.0", "1.0.1")]
    codes = [
        [part.get("Guid") for part in ElementTree.fromstring(text).iter() if part.tag.endswith("}Component")]
        for text in made
    ]
    assert codes[0] == codes[1]
    assert identity.product_code("1.0.0") != identity.product_code("1.0.1")


def _smallest_program() -> bytes:
    """A PE32+ file without sections: just the headers that a signature needs."""
    coff = struct.pack("<HHIIIHH", 0x8664, 0, 0, 0, 0, 240, 0x22)
    optional = struct.pack("<H106xI128x", 0x20B, 16)
    return (b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0" + coff + optional).ljust(1024, b"\0")


@pytest.mark.peer("msitools")
def test_a_program_is_signed_once_and_known_to_be(tmp_path: Path) -> None:
    find_program("osslsigncode", PACKAGES["osslsigncode"])
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "program.exe").write_bytes(_smallest_program())
    signer = signing.for_tests(tmp_path / "signing")
    assert not signing.is_signed(tree / "program.exe")
    assert signing.sign_unsigned(signer, tree) == 1
    assert signing.is_signed(tree / "program.exe")
    assert signing.sign_unsigned(signer, tree) == 0
    assert not signer.trusted
    assert sys.platform == "win32" or (tmp_path / "signing" / "test-key.pem").stat().st_mode & 0o077 == 0
