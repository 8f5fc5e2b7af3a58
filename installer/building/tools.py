"""Programs of the build machine: found, run, and named with their Debian package when they are not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PACKAGES = {
    "wixl": "wixl",
    "msibuild": "msitools",
    "msiinfo": "msitools",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
    "x86_64-w64-mingw32-windres": "binutils-mingw-w64-x86-64",
    "osslsigncode": "osslsigncode",
    "gcc": "gcc",
    "readelf": "binutils",
    "strip": "binutils",
    "dpkg-deb": "dpkg",
    "lintian": "lintian",
    "mmdebstrap": "mmdebstrap",
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
    "wine": "wine wine64",
    "xz": "xz-utils",
}


class BuildError(Exception):
    """The build cannot go on; the text says what to do about it."""


def need(*names: str) -> None:
    """Raise `BuildError` with the line to run when one of these programs is not installed."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        packages = " ".join(dict.fromkeys(PACKAGES.get(name, name) for name in missing))
        raise BuildError(
            f"needed and not installed: {', '.join(missing)}. On Debian or Ubuntu:\n"
            f"  sudo apt-get install -y --no-install-recommends {packages}"
        )


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run a program and return what it printed; raise `BuildError` with its last words when it fails."""
    line = [str(part) for part in command]
    try:
        done = subprocess.run(
            line,
            cwd=cwd,
            env={**os.environ, **env} if env else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as exc:
        need(line[0])
        raise BuildError(f"{line[0]} cannot be started: {exc}") from exc
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-2_000:]
        raise BuildError(f"{' '.join(line[:6])} … ended with {done.returncode}:\n{said}")
    return done.stdout
