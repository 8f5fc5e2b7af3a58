"""The macOS build. On a Mac it makes the bundle; elsewhere what describes it, to be read."""

from __future__ import annotations

import plistlib
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

from installer.building import icons, native, product, sbom, wheels
from installer.building.tools import run
from installer.macos import definition

HERE = Path(__file__).parent
PYTHON = "3.12"
PYINSTALLER = "pyinstaller>=6.11,<7"
_ICON_TYPES = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09"}


def build(output: Path, work: Path, version: str = "") -> list[Path]:
    """Write into `output`; returns what was made, on a Mac with the bundle."""
    version = version or product.version()
    output.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    plist, icon = output / "Info.plist", output / "softphone.icns"
    _write(plist, definition.information(version))
    _write(output / "softphone.mobileconfig", definition.configuration_profile(definition.example_settings()))
    _write(output / f"{product.IDENTIFIER}.manifest.plist", definition.manifest())
    icon.write_bytes(icns(icons.draw(work / "icons")))
    shutil.copyfile(HERE / "entitlements.plist", output / "entitlements.plist")
    _write_bill(output / f"softphone-{version}-macos-arm64.cdx.json", output)
    if sys.platform == "darwin":
        _bundle(output, work, plist, icon)
    else:
        print("This is no Mac: the bundle itself was not built, only what describes it.")
    return [plist]


def icns(pictures: dict[int, bytes]) -> bytes:
    """An Apple icon that holds the PNG pictures."""
    body = b"".join(
        kind + struct.pack(">I", 8 + len(pictures[size])) + pictures[size]
        for size, kind in _ICON_TYPES.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def _bundle(output: Path, work: Path, plist: Path, icon: Path) -> None:
    run([sys.executable, "-m", "pip", "install", "--quiet", PYINSTALLER])
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--distpath", str(work / "made")]
    run(
        [*command, "--workpath", str(work / "pyinstaller"), str(HERE / "softphone.spec")],
        cwd=work,
        env={
            "SOFTPHONE_ROOT": str(product.ROOT),
            "SOFTPHONE_PLIST": str(plist),
            "SOFTPHONE_ICON": str(icon),
            "PYTHONHASHSEED": "0",
        },
    )
    shutil.rmtree(output / "Softphone.app", ignore_errors=True)
    shutil.copytree(work / "made" / "Softphone.app", output / "Softphone.app", symlinks=True)


def _write_bill(path: Path, payload: Path) -> None:
    target = wheels.macos(PYTHON)
    pins = wheels.pins(target)
    python = (PYTHON, "the build machine's")
    document = sbom.compose(target.name, pins, native.libraries(payload, pins), python, product.source_date())
    sbom.write(path, document)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_bytes(plistlib.dumps(content, sort_keys=False))
