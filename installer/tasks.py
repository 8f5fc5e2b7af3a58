"""The commands of bootstrap.py, once a supported Python runs them."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from installer import system_packages
from installer.environment import (
    BENCH_LOCK,
    DEVELOPMENT_LOCK,
    RUNTIME_LOCK,
    BrokenEnvironmentError,
    Environment,
)

USAGE = """\
demo   start the embedded telephone system, CRM and caller, then the softphone (--auto plays a call by itself)
run    start the softphone itself
test   checks and the whole test suite, with real peers (--require-peers: a missing peer is a failure)
check  format, lint, types and import contracts only
bench  add what measurements need, then run one: bench tests.bench.audio.quality --seeds 5
lock   resolve the dependencies and write the lock files (--upgrade: to the newest versions allowed)
"""


_PACKAGES = {
    RUNTIME_LOCK: system_packages.DEMO,
    DEVELOPMENT_LOCK: system_packages.TEST,
    BENCH_LOCK: system_packages.BENCH,
}


def main(root: Path, arguments: list[str]) -> int:
    """Parse the command line and do the task. Returns the exit code for the shell."""
    options, rest = _parse(arguments)
    environment = Environment(root, _environment_folder(root, options.venv))
    tasks: dict[str, Callable[[], int]] = {
        "demo": lambda: _start(environment, options, "softphone.demo", rest),
        "run": lambda: _start(environment, options, "softphone", rest),
        "test": lambda: _test(environment, options, rest),
        "check": lambda: _check(environment, options),
        "bench": lambda: _bench(environment, options, rest),
        "lock": lambda: _lock(environment, rest),
    }
    try:
        return tasks[options.task]()
    except BrokenEnvironmentError as broken:
        print(broken, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def build(root: Path, arguments: list[str]) -> int:
    """Build packages (`installer.building`) inside the environment. Returns the exit code for the shell."""
    environment = Environment(root, _environment_folder(root, None))
    try:
        if "macos" not in arguments:
            _prepare_system(system_packages.PACKAGING, venv_needed=not environment.python.exists())
        if not environment.is_current(DEVELOPMENT_LOCK):
            environment.prepare(DEVELOPMENT_LOCK)
    except BrokenEnvironmentError as broken:
        print(broken, file=sys.stderr)
        return 2
    command = [str(environment.python), "-m", "installer.building", *arguments]
    return subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, check=False).returncode


def _parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--venv", type=Path, help="virtual environment to use (or SOFTPHONE_VENV); default: .venv"
    )
    parser.add_argument("--skip-system-packages", action="store_true", help="do not look for system packages")
    parser.add_argument("task", choices=["demo", "run", "test", "check", "bench", "lock"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="handed on to the task")
    options = parser.parse_args(arguments)
    return options, list(options.rest)


def _environment_folder(root: Path, named: Path | None) -> Path:
    folder = named or os.environ.get("SOFTPHONE_VENV") or root / ".venv"
    return Path(folder).absolute()


def _prepare(environment: Environment, options: argparse.Namespace, lock: str) -> None:
    packages = _PACKAGES[lock]
    current = environment.is_current(lock)
    if not options.skip_system_packages:
        _prepare_system(packages, venv_needed=not environment.python.exists())
    if not current:
        environment.prepare(lock)


def _prepare_system(packages: tuple[str, ...], *, venv_needed: bool) -> None:
    lacking = system_packages.missing(packages)
    if venv_needed:
        lacking = system_packages.Missing((*lacking.names, *system_packages.ensure_venv_module().names))
    if lacking.names and not system_packages.install(lacking):
        raise BrokenEnvironmentError(
            f"These system packages are needed. Please run:\n  sudo {lacking.command}\n"
            "then the same command again (or go on without them: --skip-system-packages)."
        )


def _start(environment: Environment, options: argparse.Namespace, module: str, rest: list[str]) -> int:
    _prepare(environment, options, RUNTIME_LOCK)
    command = [str(environment.python), "-m", module, *rest]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.call(command)  # Windows has no real exec: the shell would not wait for us


def _test(environment: Environment, options: argparse.Namespace, rest: list[str]) -> int:
    from installer import checks

    _prepare(environment, options, DEVELOPMENT_LOCK)
    return checks.run_everything(environment, rest)


def _check(environment: Environment, options: argparse.Namespace) -> int:
    from installer import checks

    _prepare(environment, options, DEVELOPMENT_LOCK)
    return 1 if checks.run_static(environment) else 0


def _bench(environment: Environment, options: argparse.Namespace, rest: list[str]) -> int:
    if not environment.is_current(DEVELOPMENT_LOCK):
        _prepare(environment, options, DEVELOPMENT_LOCK)
    _prepare(environment, options, BENCH_LOCK)
    if not rest:
        return 0
    command = [str(environment.python), "-m", *rest]
    return subprocess.run(command, cwd=environment.root, check=False).returncode


def _lock(environment: Environment, rest: list[str]) -> int:
    from installer import lock

    return lock.write_lock_files(environment, upgrade="--upgrade" in rest)
