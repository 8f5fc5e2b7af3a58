"""Lifts a measurement above whatever else runs on the machine, so that it measures telephones only."""

from __future__ import annotations

import os
import sys

_NICENESS = -12


def keep_neighbours_out() -> None:
    """Raise the priority of this process and all that it starts; needs root, and says so without it."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    except PermissionError:
        print("not root: what else runs on this machine disturbs the measurement", file=sys.stderr)


def step_down() -> None:
    """In a process that plays the disturbance: ordinary priority."""
    if os.getpriority(os.PRIO_PROCESS, 0) < 0:
        os.setpriority(os.PRIO_PROCESS, 0, 0)
