"""What has to hold before a commit counts: format, lint, types, import contracts, tests with real peers."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from installer.environment import Environment

WINDOWS_TYPES = (
    *("--platform", "win32", "--cache-dir", ".mypy_cache/windows"),
    *("--no-warn-unreachable", "softphone", "installer"),
)
"""What is for Windows only is checked wherever the tests run; half of the rest is unreachable there."""

STATIC = (
    ("lint", ("ruff", "check", ".")),
    ("format", ("ruff", "format", "--check", ".")),
    ("types", ("mypy",)),
    ("types on Windows", ("mypy", *WINDOWS_TYPES)),
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command as lint; lint()")),
)
TESTS_FAILED = 1
"""pytest's exit code; a crash or an interruption has another one."""
FORGIVEN = 8


def run_static(environment: Environment) -> list[str]:
    """Run each check, all of them even when one fails. Returns the names of those that failed."""
    failed = []
    for name, module in STATIC:
        started = time.monotonic()
        print(f"== {name} ...", flush=True)
        code = _run_module(environment, *module)
        print(
            f"== {name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)", flush=True
        )
        if code != 0:
            failed.append(name)
    return failed


def run_everything(environment: Environment, arguments: list[str]) -> int:
    """Static checks, then the tests. Everything runs; the exit code tells whether all of it held."""
    failed = run_static(environment)
    if not _fetch_peers(environment, required="--require-peers" in arguments):
        failed.append("fetching the peers")
    if failed:
        print(f"== FAILED before the tests: {', '.join(failed)}; the tests run all the same", flush=True)
    print("== tests ...", flush=True)
    code = _run_module(environment, "pytest", *_parallel(arguments), *arguments)
    if code == TESTS_FAILED and _parallel(arguments):
        code = _once_more_alone(environment, arguments)
    return code or (1 if failed else 0)


def _once_more_alone(environment: Environment, arguments: list[str]) -> int:
    """Run what failed beside others again by itself, and say so: real telephone systems and sound cards are
    starved on a busy machine. What fails alone too is broken; many failures are never an accident."""
    print(f"== what failed runs once more, alone; at most {FORGIVEN} tests may need it ...", flush=True)
    counted = _collect_failed(environment)
    if counted > FORGIVEN:
        print(f"== {counted} tests failed: no second chance", flush=True)
        return TESTS_FAILED
    code = _run_module(
        environment, "pytest", "--last-failed", "--last-failed-no-failures", "none", *arguments
    )
    if code == 0:
        print(f"== UNSTEADY: {counted} tests failed beside others and passed alone; see above", flush=True)
    return code


def _collect_failed(environment: Environment) -> int:
    """How many tests the last run left failed (pytest's own cache)."""
    cache = environment.root / ".pytest_cache" / "v" / "cache" / "lastfailed"
    try:
        return len(json.loads(cache.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return FORGIVEN + 1


def _parallel(arguments: list[str]) -> list[str]:
    """Two workers unless the caller chose: each has its own servers on its own ports.

    A worker that crashes ends the run at once: replaced, it would leave xdist waiting for ever.
    """
    if any(argument.startswith(("-n", "--pdb")) for argument in arguments):
        return []
    return ["-n", "2", "--dist", "loadgroup", "--max-worker-restart", "0"]


def _fetch_peers(environment: Environment, *, required: bool) -> bool:
    print("== fetching the peers of the tests ...", flush=True)
    started = time.monotonic()
    code = _run_module(environment, "tests.peers.fetch")
    print(
        f"== peers: {'ok' if code == 0 else 'some are missing'} ({time.monotonic() - started:.0f} s)",
        flush=True,
    )
    return code == 0 or not (required or os.environ.get("CI") == "true")


def _run_module(environment: Environment, module: str, *arguments: str) -> int:
    root: Path = environment.root
    how = [module] if module == "-c" else ["-m", module]
    command = [str(environment.python), *how, *arguments]
    return subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, check=False).returncode
