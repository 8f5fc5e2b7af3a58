"""The steps of a package's life: run one after the other, told as they go, summed up as JSON."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from installer import system_packages
from installer.building.tools import BuildError


class Failed(Exception):
    """A step did not hold."""


def prepare() -> None:
    """Have everything installed that the long runs use; raise `BuildError` if we may not install it."""
    lacking = system_packages.missing(system_packages.PACKAGING_CHECKS)
    if lacking.names and not system_packages.install(lacking):
        raise BuildError(f"please run: {lacking.command}")


def hold(condition: object, what: str) -> None:
    """Go on only if `condition` is true."""
    if not condition:
        raise Failed(what)


@functools.cache
def ahead() -> tuple[str, ...]:
    """What to put before a command that goes ahead of all ordinary programs; nothing where that is forbidden.

    For what is judged by ear. Not `nice`, which counts within one session only (sched_autogroup).
    """
    command = ("chrt", "--rr", "1")
    allowed = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if allowed else ()


def run_steps(steps: Mapping[str, Callable[[], str]], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run every step; one that fails is told and the next is tried, unless nothing can go on without it."""
    done: dict[str, Any] = {}
    for name, step in steps.items():
        began = time.monotonic()
        try:
            done[name] = {"ok": True, "detail": step()}
        except (Failed, BuildError) as exc:
            done[name] = {"ok": False, "detail": str(exc)}
        done[name]["s"] = round(time.monotonic() - began, 1)
        word = "ok" if done[name]["ok"] else "FAILED"
        print(f"{word:6} {name}: {done[name]['detail']}", file=sys.stderr, flush=True)
        if name in needed and not done[name]["ok"]:
            break
    return {"ok": all(step["ok"] for step in done.values()), "steps": done}
