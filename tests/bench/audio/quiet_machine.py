"""Keeps a measurement by itself: above whatever else runs on the machine, and alone on standard output."""

from __future__ import annotations

import os
import sys

import structlog

_REAL_TIME = 2
"""A low priority of SCHED_RR: above all ordinary programs, below JACK."""


def keep_neighbours_out() -> None:
    """Let this process and all that it starts run before anything else; needs root, and says so without it.

    The rivals get the same: what differs is what the telephones do, not what they are given.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REAL_TIME))
    except PermissionError:
        print("not root: what else runs on this machine disturbs the measurement", file=sys.stderr)


def keep_logs_out() -> None:
    """What the telephones log goes to standard error: standard output is the report's alone."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
