"""What has to hold before a commit counts: format, lint, types, import contracts, tests with real peers."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from installer.environment import Environment


def _types_on(platform: str) -> tuple[str, ...]:
    """What is for that system only is checked wherever the tests run; half of the rest is unreachable."""
    where = ("--platform", platform, "--cache-dir", f".mypy_cache/{platform}")
    return ("mypy", *where, "--no-warn-unreachable", "softphone", "installer")


STATIC = (
    ("lint", ("ruff", "check", ".")),
    ("format", ("ruff", "format", "--check", ".")),
    ("types", ("mypy",)),
    ("types on Windows", _types_on("win32")),
    ("types on macOS", _types_on("darwin")),
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command as lint; lint()")),
)
BESIDE_OTHERS = ("-m", "not alone", "-n", "2", "--dist", "load", "--max-worker-restart", "0")
"""Two workers, each with its own servers on its own ports. One that crashes ends the run at once: replaced,
it would leave xdist waiting for ever."""
ALONE = ("-m", "alone")
FORGIVEN = 4
"""So many failed tests run once more. More are never an accident."""
_CRASHED = "crashed while running"
"""xdist's words in the report for a worker that died: what it would have run after that never ran."""
TESTS_FAILED = 1
"""pytest's exit code when tests failed; an interruption or a fault of pytest's own has another one."""
NONE_CHOSEN = 5
"""pytest's exit code where the caller's own choice left nothing to run."""


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
    _compile(environment)
    return run_tests(environment, arguments) or (1 if failed else 0)


def run_tests(environment: Environment, arguments: list[str]) -> int:
    """First everything that bears company, then, one at a time, the tests that need the machine to
    themselves: real sound cards and conversations in real time starve on two cores beside anything else.
    Returns pytest's exit code of the first part that failed.

    Whoever chooses workers or tests by `-n`, `-m` or `--pdb` gets one run with just that.
    """
    if any(argument.startswith(("-n", "-m", "--pdb")) for argument in arguments):
        return _run_part(environment, "tests", arguments)
    report = environment.root / "build" / "tests.xml"
    beside = ["--cache-clear", f"--junitxml={report}", *BESIDE_OTHERS, *arguments]
    codes = [
        _run_part(environment, "tests", beside),
        _run_part(environment, "tests that need the machine alone", [*ALONE, *arguments]),
    ]
    if TESTS_FAILED in codes and set(codes) <= {0, TESTS_FAILED, NONE_CHOSEN} and not _crashed(report):
        codes = [_once_more(environment, arguments)]
    chosen = any(not argument.startswith("--") for argument in arguments)
    if not chosen or codes == [NONE_CHOSEN, NONE_CHOSEN]:
        return next((code for code in codes if code), 0)
    return next((code for code in codes if code not in (0, NONE_CHOSEN)), 0)


def _once_more(environment: Environment, arguments: list[str]) -> int:
    """Run the few tests that failed once more, one at a time, and name them: a telephone system of the tests
    that got no processor for seconds says nothing about the softphone. What fails again is broken."""
    failed = _failed_tests(environment)
    if not 0 < len(failed) <= FORGIVEN:
        return TESTS_FAILED
    code = _run_part(environment, "what failed, once more", ["--last-failed", *arguments])
    if code == 0:
        print(f"== UNSTEADY, failed first and passed alone: {', '.join(failed)}", flush=True)
    return code


def _failed_tests(environment: Environment) -> list[str]:
    """Names of the tests that failed in the last runs (pytest's own cache)."""
    cache = environment.root / ".pytest_cache" / "v" / "cache" / "lastfailed"
    try:
        return sorted(json.loads(cache.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def _crashed(report: Path) -> bool:
    """A worker died, so not everything has run; also without a report."""
    try:
        return _CRASHED in report.read_text(encoding="utf-8")
    except OSError:
        return True


def _run_part(environment: Environment, name: str, arguments: list[str]) -> int:
    print(f"== {name} ...", flush=True)
    started = time.monotonic()
    code = _run_module(environment, "pytest", *arguments)
    held = {0: "ok", NONE_CHOSEN: "none chosen"}.get(code, "FAILED")
    print(f"== {name}: {held} ({time.monotonic() - started:.0f} s)", flush=True)
    return code


def _compile(environment: Environment) -> None:
    """Once, as installations are: where PYTHONDONTWRITEBYTECODE is set no process keeps what it compiled, and
    tests start hundreds of desks and engines, which would take 0.3 s more each. What cannot be compiled fails
    where it is imported."""
    _run_module(environment, "compileall", "-q", "softphone", "tests")


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
