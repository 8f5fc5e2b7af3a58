"""Finds the interpreter whose bytecode a build needs: the very minor version that is shipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from installer.building.tools import BuildError


def interpreter_for(version: str) -> str:
    """A Python of exactly this minor version, say `3.12`; raises `BuildError` when there is none."""
    for candidate in _candidates(version):
        if _version_of(candidate) == version:
            return candidate
    raise BuildError(
        f"Python {version} is needed to compile the bytecode that is shipped, and none was found.\n"
        f"Install it (Ubuntu 24.04: sudo apt-get install python{version}; others: pyenv install {version}) "
        f"or name it: SOFTPHONE_PYTHON{version.replace('.', '')}=/path/to/python{version}"
    )


def _candidates(version: str) -> Iterator[str]:
    named = os.environ.get(f"SOFTPHONE_PYTHON{version.replace('.', '')}")
    if named:
        yield named
    yield sys.executable
    yield from filter(None, [shutil.which(f"python{version}")])
    pyenv = shutil.which("pyenv")
    if pyenv:  # its shims lead to the versions chosen globally only
        answer = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)
        folder = Path(answer.stdout.strip()) / "versions"
        yield from map(str, sorted(folder.glob(f"{version}.*/bin/python{version}"), reverse=True))


def _version_of(program: str) -> str:
    command = [program, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
