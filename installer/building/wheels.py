"""Gets the wheels of a target platform: exactly the locked versions, each checked against its hash.

`pip download --platform` evaluates environment markers for the machine that it runs on, so the markers are
evaluated here and pip is given what is left over.
"""

from __future__ import annotations

import re
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker, default_environment
from packaging.utils import canonicalize_name

from installer.building.product import ROOT
from installer.building.tools import BuildError, run

LOCK = ROOT / "requirements.txt"
_ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ \\;]+)(?: ; (?P<marker>[^\\]+?))?(?= \\| *$)"
)


@dataclass(frozen=True)
class Target:
    """A platform that is built for. `platforms` are pip's tags, best first."""

    name: str
    python: str
    platforms: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True)
class Pin:
    """One locked package as it stands in the lock file, hashes and all."""

    name: str
    version: str
    hashes: tuple[str, ...]


def _environment(python: str, **fields: str) -> dict[str, str]:
    """What markers ask about (PEP 508): of this machine, but for what the target is known by."""
    here = {name: str(value) for name, value in default_environment().items()}
    return {**here, "python_version": python, "python_full_version": f"{python}.0", **fields}


def windows(python: str) -> Target:
    """64-bit Windows."""
    environment = _environment(
        python, sys_platform="win32", platform_system="Windows", os_name="nt", platform_machine="AMD64"
    )
    return Target("windows-x64", python, ("win_amd64",), environment)


def linux(python: str) -> Target:
    """64-bit Linux with glibc 2.34 or newer."""
    environment = _environment(
        python, sys_platform="linux", platform_system="Linux", os_name="posix", platform_machine="x86_64"
    )
    tags = [f"manylinux_2_{minor}_x86_64" for minor in range(34, 16, -1)]
    return Target("linux-x64", python, (*tags, "manylinux2014_x86_64"), environment)


def macos(python: str) -> Target:
    """macOS 14 or newer on Apple's processors."""
    environment = _environment(
        python, sys_platform="darwin", platform_system="Darwin", os_name="posix", platform_machine="arm64"
    )
    tags = [f"macosx_{major}_0_{kind}" for major in range(14, 10, -1) for kind in ("arm64", "universal2")]
    return Target("macos-arm64", python, tuple(tags), environment)


def pins(target: Target, lock: Path = LOCK) -> list[Pin]:
    """What the lock file has for `target`; raises `BuildError` for a line nobody understands."""
    found = []
    for block in re.split(r"^(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        entry = _ENTRY.match(block)
        hashes = tuple(re.findall(r"--hash=(sha256:[0-9a-f]{64})", block))
        if entry is None or not hashes:
            raise BuildError(f"{lock.name}: not a locked requirement: {block.splitlines()[0]}")
        marker = entry["marker"]
        if marker is None or Marker(marker).evaluate(target.environment):
            found.append(Pin(str(canonicalize_name(entry["name"])), entry["version"], hashes))
    return found


def fetch(target: Target, folder: Path) -> list[Path]:
    """Download the target's wheels into `folder` and return them; what is there already is only checked."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "requirements.txt"
    lines = [
        " \\\n    ".join([f"{pin.name}=={pin.version}", *(f"--hash={value}" for value in pin.hashes)])
        for pin in pins(target)
    ]
    wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--find-links", str(folder)]
    command += ["--python-version", target.python, "--implementation", "cp", "--dest", str(folder)]
    for platform in target.platforms:
        command += ["--platform", platform]
    run([*command, "--requirement", str(wanted)])
    return _chosen(target, folder)


def unpack(wheels: list[Path], site: Path) -> None:
    """Lay the wheels out as site-packages: their content, without scripts and without records of ours."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith("/") or ".." in Path(name).parts:
                    continue
                destination = site / _where(name)
                destination.parent.mkdir(parents=True, exist_ok=True)
                destination.write_bytes(archive.read(name))


def _where(name: str) -> Path:
    """A wheel's `.data` folder says where else its content belongs."""
    parts = Path(name).parts
    if parts[0].endswith(".data") and len(parts) > 2:
        return Path(*parts[2:]) if parts[1] in ("purelib", "platlib") else Path("wheel-data", *parts[1:])
    return Path(name)


def _chosen(target: Target, folder: Path) -> list[Path]:
    by_name: dict[str, Path] = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        by_name[f"{canonicalize_name(name)}=={version}"] = wheel
    wheels = [by_name.get(f"{pin.name}=={pin.version}") for pin in pins(target)]
    if None in wheels:
        raise BuildError(f"pip has not brought every wheel into {folder}")
    return [wheel for wheel in wheels if wheel is not None]
