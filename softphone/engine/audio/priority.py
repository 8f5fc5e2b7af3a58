"""Asks the operating system to run the engine before the programs that can wait."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

import structlog

_log = structlog.get_logger(__name__)

_NICENESS = -11
_PATIENT = 5
_HIGH_PRIORITY_CLASS = 0x80


def raise_priority() -> bool:
    """Raise this process's priority, before its threads are made; False where that is not permitted.

    An ordinary user may do so on Windows; on Linux and macOS IT must have raised a limit (RLIMIT_NICE).
    """
    try:
        raised = _raise_on_windows() if sys.platform == "win32" else _raise_on_unix()
    except OSError:
        raised = False
    _log.info("audio_priority", raised=raised)
    return raised


def step_back() -> None:
    """In a child of the engine that can wait: give up the priority that was inherited.

    On Linux for the calling thread and those that it starts; Windows does not hand a raised priority down.
    """
    if sys.platform == "win32":
        return
    if sys.platform == "linux" and os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, _PATIENT)


def _raise_on_unix() -> bool:
    if sys.platform == "win32":
        return False
    if os.getpriority(os.PRIO_PROCESS, 0) > _NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    return True


def _raise_on_windows() -> bool:
    kernel: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore] # Windows only
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    return bool(kernel.SetPriorityClass(process, _HIGH_PRIORITY_CLASS))
