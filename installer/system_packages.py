"""System libraries that wheels cannot carry: found missing quickly, installed by apt where we may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Several names: the same library before and after Debian's 64-bit time_t renaming.
DEMO = (
    "libportaudio2",
    "libegl1",
    "libgl1",
    "libdbus-1-3",
    "libglib2.0-0t64|libglib2.0-0",
    "libfontconfig1",
    "libfreetype6",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "fontconfig",
    "fonts-dejavu-core",
    "fonts-noto-core",
)
TEST = (
    *DEMO,
    "xvfb",
    "xauth",
    "xdotool",
    "jackd2",
    "dbus",
    "gnome-keyring",
    "dnsmasq-base",
    "iproute2",
    "wixl",
    "msitools",
    "osslsigncode",
)
BENCH = (*TEST, "gcc", "libc6-dev", "python3-dev", "linphone-cli")
"""What the measurements need beside the tests: a compiler for PESQ, and a rival."""

PACKAGING = (
    "wixl",
    "msitools",
    "osslsigncode",
    "gcc",
    "binutils",
    "gcc-mingw-w64-x86-64",
    "binutils-mingw-w64-x86-64",
    "xz-utils",
)
"""What `installer/build.py windows` and `linux` need."""

PACKAGING_CHECKS = (*PACKAGING, "wine", "wine64", "lintian", "mmdebstrap")
"""What the two long runs need beside it: `tests.installer.msi_cycle` and `tests.installer.deb_cycle`."""
STATUS = Path("/var/lib/dpkg/status")


@dataclass(frozen=True)
class Missing:
    """Packages that are not installed, by the name that apt knows here."""

    names: tuple[str, ...]

    @property
    def command(self) -> str:
        """The line that an administrator runs."""
        return "apt-get install -y --no-install-recommends " + " ".join(self.names)


def missing(wanted: tuple[str, ...]) -> Missing:
    """Which of ``wanted`` is not installed. Nothing is missing where there is no dpkg to ask."""
    if not STATUS.exists():
        return Missing(())
    installed = _installed()
    lacking = [entry for entry in wanted if not installed.intersection(entry.split("|"))]
    return Missing(tuple(_available_name(entry) for entry in lacking))


def install(lacking: Missing) -> bool:
    """Install the packages as root or through a sudo that asks nothing. False when we may not."""
    prefix = _root_prefix()
    if prefix is None:
        return False
    print("Installing system packages:", " ".join(lacking.names), flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    keep_environment = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"] if prefix else []
    apt = [*keep_environment, "apt-get", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    subprocess.run([*apt, "update"], env=environment, check=False)
    arguments = ["install", "-y", "--no-install-recommends", *lacking.names]
    done = subprocess.run(
        [*apt, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0


def ensure_venv_module() -> Missing:
    """Debian splits ``venv`` from Python: the package that brings it, if it is needed and lacking."""
    if not STATUS.exists() or sys.prefix != sys.base_prefix or _has_ensurepip():
        return Missing(())
    return Missing((f"python{sys.version_info[0]}.{sys.version_info[1]}-venv",))


def _has_ensurepip() -> bool:
    from importlib.util import find_spec

    return find_spec("ensurepip") is not None


def _installed() -> set[str]:
    """Names of the fully installed packages, read straight from dpkg's database (30 ms, no process)."""
    names: set[str] = set()
    name = ""
    with STATUS.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("Package: "):
                name = line[9:].strip()
            elif line.startswith("Status: ") and line.rstrip().endswith(" ok installed"):
                names.add(name)
    return names


def _available_name(entry: str) -> str:
    names = entry.split("|")
    for name in names[:-1]:
        known = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        if known.returncode == 0 and known.stdout:
            return name
    return names[-1]


def _root_prefix() -> list[str] | None:
    if sys.platform == "win32" or shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None
