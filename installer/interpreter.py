"""Finds a Python that the wheels exist for (CPython 3.11 or 3.12, 64 bit). Old-Python syntax only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

SUPPORTED = ((3, 11), (3, 12))
ADVICE = """\
The softphone needs Python 3.11 or 3.12 (64 bit), and none was found on this machine.
  Debian 12:     sudo apt-get install python3 python3-venv
  Ubuntu 24.04:  sudo apt-get install python3.12 python3.12-venv
  Fedora:        sudo dnf install python3.12
  macOS:         install Python 3.12 from python.org, or: brew install python@3.12
  Windows:       install Python 3.12 (64 bit) from python.org or the Microsoft Store
Then run the same command again, or name the interpreter: SOFTPHONE_PYTHON=/path/to/python3.12
"""
PROBE = "import sys; print(sys.version_info[0], sys.version_info[1], int(sys.maxsize > 2**32))"


def is_supported() -> bool:
    """Whether the running interpreter itself will do (and the user did not name another one)."""
    named = os.environ.get("SOFTPHONE_PYTHON")
    if named and os.path.realpath(named) != os.path.realpath(sys.executable):
        return False
    return tuple(sys.version_info[:2]) in SUPPORTED and sys.maxsize > 2**32


def candidates() -> list[list[str]]:
    """Commands that may be a supported Python, best first."""
    named = os.environ.get("SOFTPHONE_PYTHON")
    if named:
        return [[named]]
    found = [[path] for path in map(shutil.which, ("python3.12", "python3.11", "python3")) if path]
    launcher = shutil.which("py")
    if launcher:
        found += [[launcher, "-3.12"], [launcher, "-3.11"]]
    return found


def works(command: list[str]) -> bool:
    """Whether this command really starts a supported Python (a shim on PATH may lead nowhere)."""
    try:
        out = subprocess.run([*command, "-c", PROBE], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    words = out.stdout.split()
    if out.returncode != 0 or len(words) != 3:
        return False
    return (int(words[0]), int(words[1])) in SUPPORTED and words[2] == "1"


def rerun_with_supported(script: str, arguments: list[str]) -> int:
    """Run ``script`` again under the first supported Python; tell what to install when there is none."""
    for command in candidates():
        if works(command):
            path = _real_path(command)
            environment = dict(os.environ, SOFTPHONE_PYTHON=path)
            return subprocess.call([path, script, *arguments], env=environment)
    sys.stderr.write(ADVICE)
    return 2


def _real_path(command: list[str]) -> str:
    """The interpreter behind a launcher or shim, so that the second start recognises itself."""
    answer = subprocess.run(
        [*command, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()
