"""The Linux packages from a small tree, the macOS definitions, the bill of materials, the checksums."""

from __future__ import annotations

import configparser
import plistlib
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from installer.building import checksums, native, product, sbom, wheels
from installer.building.native import Library
from installer.building.tools import BuildError, run
from installer.linux import archive, deb, libraries
from installer.macos import definition
from installer.windows import detection
from softphone.system.settings_sources import PREFERENCES_DOMAIN, PlistSource

INSTALLER = product.ROOT / "installer"
DATE = 1_790_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both packages, twice, each time from another folder."""
    made = []
    for number in (1, 2):
        folder = tmp_path_factory.mktemp(f"build{number}")
        (folder / "tree" / "bin").mkdir(parents=True)
        (folder / "tree" / "bin" / "softphone").write_text("#!/bin/sh\n", encoding="ascii")
        (folder / "tree" / "lib").mkdir()
        (folder / "tree" / "lib" / "module.py").write_text("print('ü')\n", encoding="utf-8")
        packages = [folder / "softphone.deb", folder / "softphone.tar.xz"]
        deb.build(folder / "tree", folder, "1.2.3", ["libc6 (>= 2.35)"], packages[0], DATE, 0)
        archive.build(folder / "tree", folder, "1.2.3", packages[1], DATE, 0)
        made += packages
    return made


def test_the_same_content_makes_the_same_bytes_wherever_it_is_built(built: list[Path]) -> None:
    assert checksums.digest(built[0]) == checksums.digest(built[2])
    assert checksums.digest(built[1]) == checksums.digest(built[3])


def test_the_debian_package_says_what_it_needs_and_belongs_to_root(built: list[Path]) -> None:
    control = run(["dpkg-deb", "--field", built[0]])
    assert "Version: 1.2.3\n" in control
    assert "libc6 (>= 2.35)" in control
    listing = run(["dpkg-deb", "--contents", built[0]])
    assert all(" root/root " in line for line in listing.splitlines())
    for wanted in (
        "./opt/softphone/bin/softphone",
        "./usr/bin/softphone -> /opt/softphone/bin/softphone",
        "./usr/share/applications/softphone.desktop",
        "./usr/share/softphone/autostart.desktop",
        "./usr/share/icons/hicolor/256x256/apps/softphone.png",
        "./usr/share/doc/softphone/copyright",
    ):
        assert wanted in listing


def test_the_menu_entry_takes_every_link_and_nothing_goes_through_a_shell() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(INSTALLER / "linux" / "debian" / "softphone.desktop", encoding="utf-8")
    main = entry["Desktop Entry"]
    types = {f"x-scheme-handler/{scheme}" for scheme in product.SCHEMES}
    assert set(main["MimeType"].strip(";").split(";")) == types
    assert main["Exec"] == "softphone %u"


SCRIPTS = (
    *(f"linux/debian/{name}" for name in deb.SCRIPTS),
    "linux/install-for-me.sh",
    "macos/sign-and-notarise.sh",
)


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_shell_scripts_are_shell(script: str) -> None:
    done = subprocess.run(["sh", "-n", str(INSTALLER / script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_library_that_nobody_has_looked_at_stops_the_build() -> None:
    assert "libssl3t64 | libssl3" in libraries.depends({"libssl.so.3": ["_ssl.so"]}, (2, 35))
    with pytest.raises(BuildError, match=r"libsurprise\.so\.1, needed by plugin\.so"):
        libraries.depends({"libsurprise.so.1": ["plugin.so"]}, (2, 35))


def test_the_bill_of_materials_lists_packages_native_libraries_and_the_interpreter() -> None:
    pins = wheels.pins(wheels.windows("3.12"))
    native = [
        Library("OpenSSL", "3.6.0", "Apache-2.0", "sqlcipher3/x.pyd", "pkg:generic/openssl@3.6.0"),
        Library("OpenSSL", "4.0.3", "Apache-2.0", "cryptography/y.pyd", "pkg:generic/openssl@4.0.3"),
    ]
    document = sbom.compose("windows-x64", pins, native, ("3.12.9", "embeddable"), DATE)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    parts: list[dict[str, Any]] = document["components"]
    references = [part["bom-ref"] for part in parts]
    assert len(set(references)) == len(references) == len(pins) + 3
    assert [part for part in parts if not part["licenses"]] == []
    assert {"pyside6-essentials", "pjsua2-python", "CPython", "OpenSSL"} <= {part["name"] for part in parts}
    assert document["dependencies"][0]["dependsOn"] == references


def test_native_code_that_nobody_has_looked_into_is_in_the_bill_all_the_same(tmp_path: Path) -> None:
    for name in ("soxr-1.1.0-cp312-cp312-win_amd64.whl", "httpx-0.28.1-py3-none-any.whl", "jmespath-9-x.whl"):
        with zipfile.ZipFile(tmp_path / name, "w") as wheel:
            folder = name.partition("-")[0]
            wheel.writestr(f"{folder}/__init__.py", "")
            if folder != "httpx":
                wheel.writestr(f"{folder}/_core.pyd", "MZ")
    found = native.not_looked_at(sorted(tmp_path.glob("*.whl")))
    assert [(library.name, library.version) for library in found] == [("native code of jmespath", "9")]
    assert "_core.pyd" in found[0].inside
    assert found[0].licence


def test_checksums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "a b.admx").write_text("x", encoding="ascii")
    (tmp_path / "softphone.msi").write_text("y", encoding="ascii")
    checksums.write(tmp_path)
    checksums.write(tmp_path)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", checksums.NAME], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.count(b": OK") == 2


def test_the_mac_is_told_about_microphone_links_and_age() -> None:
    told = definition.information("1.2.3")
    assert told["NSMicrophoneUsageDescription"]
    assert told["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == list(product.SCHEMES)
    assert told["CFBundleIdentifier"] == product.IDENTIFIER == PREFERENCES_DOMAIN
    assert plistlib.loads(plistlib.dumps(told)) == told


def test_the_hardened_mac_program_may_use_the_microphone() -> None:
    text = (INSTALLER / "macos" / "entitlements.plist").read_bytes()
    assert plistlib.loads(text)["com.apple.security.device.audio-input"] is True


def test_what_a_configuration_profile_fixes_is_what_the_softphone_reads(tmp_path: Path) -> None:
    profile = definition.configuration_profile(definition.example_settings())
    (content,) = profile["PayloadContent"]
    managed = tmp_path / f"{content['PayloadType']}.plist"
    managed.write_bytes(plistlib.dumps(content))
    assert PlistSource(managed).read().table == definition.example_settings()
    assert content["PayloadType"] == PREFERENCES_DOMAIN


def test_the_detection_script_asks_where_the_installer_writes(tmp_path: Path) -> None:
    detection.write(tmp_path, "1.2.3")
    text = (tmp_path / detection.NAME).read_text(encoding="ascii")
    assert r"HKLM:\SOFTWARE\Softphone\Setup" in text
    assert "[version]'1.2.3'" in text
    assert "{{" not in text
