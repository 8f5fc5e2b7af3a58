"""Faults that a test makes the demo's CRM have, one per request, in order."""

from __future__ import annotations

from collections import deque
from dataclasses import field
from enum import StrEnum

from softphone.domain.facts import dataclass


class Asked(StrEnum):
    """Which kind of request a fault waits for."""

    FIND = "find"
    LOG = "log"
    EXISTING = "existing"
    CREATE = "create"
    UPDATE = "update"
    TASK = "task"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request.

    `delay_s` alone is a slow but right answer. `status` 0 keeps the right answer; otherwise `body` with that
    status and `headers` is sent, with `written` after the work was done. `reset` does the work, then breaks
    the connection without an answer.
    `times` is for how many requests.
    """

    asked: Asked = Asked.ANY
    delay_s: float = 0.0
    status: int = 0
    body: bytes = b'{"error": "scripted"}'
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    reset: bool = False
    written: bool = False
    times: int = 1


def html_page(status: int = 200, asked: Asked = Asked.ANY) -> Fault:
    """Something between us and the CRM answers with a page."""
    return Fault(asked, status=status, body=b"<!doctype html><h1>Gateway</h1>", content_type="text/html")


def huge_answer(size: int, asked: Asked = Asked.ANY) -> Fault:
    """A well-formed answer of `size` bytes and a bit."""
    return Fault(asked, status=200, body=b'{"customers": [], "padding": "' + b"x" * size + b'"}')


@dataclass(slots=True)
class FaultScript:
    """The faults still to come."""

    _waiting: deque[Fault] = field(default_factory=deque)

    def add(self, *faults: Fault) -> None:
        for fault in faults:
            self._waiting.extend([fault] * fault.times)

    def clear(self) -> None:
        self._waiting.clear()

    def next(self, asked: Asked) -> Fault | None:
        """Take the first fault that waits for this kind of request."""
        for fault in self._waiting:
            if fault.asked in (asked, Asked.ANY):
                self._waiting.remove(fault)
                return fault
        return None
