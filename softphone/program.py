"""How this program starts itself once more: the engine, a check of the self-test, the demo's desk.

A checkout and an environment have an interpreter with `-m`. An installed build has none: its launcher is the
interpreter and always begins with `softphone.__main__`. Thread: any.
"""

from __future__ import annotations

import sys

ENGINE_FLAG = "--engine-process"
"""By this first argument `softphone` becomes the engine."""

SCOUT_FLAG = "--audio-scout"
"""And by this one the process that lists sound devices."""


def installed() -> bool:
    """Whether this is a build that was installed, not a checkout."""
    return bool(getattr(sys, "frozen", False))


def ourselves() -> tuple[str, ...]:
    """The command that is `softphone`; arguments follow."""
    if installed():
        return (sys.executable,)
    return (sys.executable, "-m", "softphone")


def module_or_flag(module: str, flag: str) -> tuple[str, ...]:
    """The command that runs `module`; where there is no `-m`, `softphone` with `flag` does the same."""
    if installed():
        return (sys.executable, flag)
    return (sys.executable, "-m", module)
