"""Callbacks that PJSIP calls: an exception in one must never travel into C++.

Measured: pjsua2 prints it, the call goes on, and the process aborts at exit. So every `on…` method is
wrapped: the fault is logged with its traceback, told to whoever collects faults, and nothing is raised.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from softphone.domain.errors import WrongState
from softphone.domain.text import clean_line

_log = structlog.get_logger(__name__)
Given = ParamSpec("Given")
Owner = TypeVar("Owner")


class Survivors:
    """Notices pj objects that something still holds when the library stops.

    Their C++ part must not be deleted after `libDestroy`: that aborts the process. Whoever is left is
    disowned, which leaks a few hundred bytes of a process that is about to end.
    """

    def __init__(self) -> None:
        self._alive: weakref.WeakSet[Any] = weakref.WeakSet()

    def watch(self, pj_object: Any) -> None:
        self._alive.add(pj_object)

    def disown(self) -> None:
        """Make sure that no watched object is deleted any more."""
        for left in list(self._alive):
            _log.warning("pj_object_left", kind=type(left).__name__)
            left.this.disown()


class Faults:
    """Where faults of callbacks go, and which pj objects there are; one per user agent."""

    def __init__(self, report: Callable[[str, str], None]) -> None:
        self._report = report
        self.survivors = Survivors()

    def add(self, where: str, error: Exception) -> None:
        """Log `error` with its traceback and report it in one line."""
        _log.error("callback_failed", where=where, exc_info=error)
        self._report(where, clean_line(f"{type(error).__name__}: {error}", 300))

    def survive(self, where: str, work: Callable[[], None]) -> None:
        """Do one piece of the loop's work; a bug in it must not end the other calls."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the loop's guard, next to the callbacks'
            self.add(where, error)


def guarded(
    method: Callable[Concatenate[Owner, Given], None],
) -> Callable[Concatenate[Owner, Given], None]:
    """Wrap a callback of an object that has `faults`."""

    @functools.wraps(method)
    def callback(self: Owner, /, *args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the callback guard is where this belongs
            owner: Any = self
            owner.faults.add(f"{type(self).__name__}.{method.__name__}", error)

    return callback


class OneThread:
    """Door keeper of objects that belong to one thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ident = threading.get_ident()

    def check(self) -> None:
        """Raise `WrongState` on any other thread than the one that made this object."""
        if threading.get_ident() != self._ident:
            raise WrongState(self._name, f"must be called in the {self._name} thread")
