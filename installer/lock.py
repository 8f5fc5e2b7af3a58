"""Resolves the dependencies for every supported platform and writes the lock files with hashes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

from installer.environment import BENCH_LOCK, DEVELOPMENT_LOCK, RUNTIME_LOCK, Environment

RESOLVER = "uv>=0.9,<1"
PYTHONS = ("3.11", "3.12")
PLATFORMS = ("x86_64-manylinux_2_34", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
OLDEST_MACOS = "14.0"  # the oldest that pjsua2's wheel runs on
HEADER = "# Made by `python3 installer/bootstrap.py lock` from pyproject.toml. Do not edit.\n"


def write_lock_files(environment: Environment, *, upgrade: bool) -> int:
    """Write the lock files, valid for Python 3.11 and 3.12 on every platform.

    Versions already locked stay unless ``upgrade`` asks for the newest that pyproject.toml allows.
    """
    more = ["--upgrade"] if upgrade else []
    with tempfile.TemporaryDirectory(prefix="softphone-lock-") as folder:
        uv = _resolver(Path(folder))
        _compile(uv, environment.root, RUNTIME_LOCK, more)
        # The same versions for tests as for users: the runtime lock constrains the development one.
        _compile(
            uv, environment.root, DEVELOPMENT_LOCK, ["--extra", "dev", "--constraint", RUNTIME_LOCK, *more]
        )
        _compile(
            uv,
            environment.root,
            BENCH_LOCK,
            ["--extra", "bench", "--constraint", DEVELOPMENT_LOCK, *more],
            building=True,
        )
        print(f"Wrote {RUNTIME_LOCK}, {DEVELOPMENT_LOCK} and {BENCH_LOCK}.", flush=True)
        missing = _without_wheels(uv, environment.root, Path(folder))
    for line in missing:
        print(line, file=sys.stderr)
    environment.prepare(DEVELOPMENT_LOCK)
    notices = [str(environment.python), "-m", "installer.notices"]
    subprocess.run(notices, cwd=environment.root, check=True)
    return 1 if missing else 0


def _without_wheels(uv: Path, root: Path, folder: Path) -> list[str]:
    """Resolve both lock files for each supported Python and platform without building; what has no wheel."""
    problems = []
    for version, platform, lock in product(PYTHONS, PLATFORMS, (RUNTIME_LOCK, DEVELOPMENT_LOCK)):
        command = [str(uv), "pip", "install", "--dry-run", "--no-build", "--require-hashes", "--quiet"]
        command += ["--python-version", version, "--python-platform", platform]
        command += ["--target", str(folder / "target"), "--requirement", lock]
        environment = dict(os.environ, MACOSX_DEPLOYMENT_TARGET=OLDEST_MACOS)
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            problems.append(f"{lock} on Python {version}, {platform}: {done.stderr.strip()[-600:]}")
    return problems


def _resolver(folder: Path) -> Path:
    """uv in a throw-away environment: it is a tool of this command only."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([str(scripts / "python"), "-m", "pip", "install", "--quiet", RESOLVER], check=True)
    return scripts / "uv"


def _compile(uv: Path, root: Path, target: str, arguments: list[str], *, building: bool = False) -> None:
    command = [str(uv), "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
    command += [
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    command += [] if building else ["--no-build"]
    command += ["--quiet", "--output-file", target, *arguments]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    path = root / target
    path.write_text(HEADER + path.read_text(encoding="utf-8"), encoding="utf-8")
