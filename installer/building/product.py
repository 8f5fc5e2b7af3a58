"""What the product is called everywhere, and its version from the one place that has it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

NAME = "Softphone"
"""Shown to people; the folder under Program Files and the name in the list of programs."""

PACKAGE = "softphone"
"""The command, the Debian package, the .desktop file."""

IDENTIFIER = "org.softphone.Softphone"
"""The macOS bundle and its managed preferences, the AppStream component."""

MANUFACTURER = "Softphone project"
MAINTAINER = "Softphone project <packages@softphone.invalid>"
HOMEPAGE = "https://softphone.invalid/"
SUMMARY = "Softphone for people who work for call centres from home"
LICENCE = "GPL-3.0-or-later"

SCHEMES = ("tel", "callto", "sip", "sips", "softphone")
"""Links that the installed softphone takes; `softphone:` carries provisioning."""

_VERSION = re.compile(r'^__version__ = "(\d+)\.(\d+)\.(\d+)"$', re.MULTILINE)


def version() -> str:
    """The version in `softphone/__init__.py`; three numbers, because Windows compares nothing else."""
    found = _VERSION.search((ROOT / "softphone" / "__init__.py").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("softphone/__init__.py: __version__ must be three numbers like 1.2.3")
    return ".".join(found.groups())


def source_date() -> int:
    """Seconds since 1970 that every file of a build carries: SOURCE_DATE_EPOCH, or the commit's date."""
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    if named:
        return int(named)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise ValueError("not a git checkout: set SOURCE_DATE_EPOCH to the seconds since 1970 to build with")
    return int(done.stdout)
