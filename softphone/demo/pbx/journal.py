"""What happened in the demo's world and when: for the summary, and for tests that wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import field

from softphone.domain.facts import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `at` is seconds since the epoch, `monotonic` since some start (both of this
    computer, so that other processes' times compare)."""

    what: str
    facts: dict[str, object]
    at: float
    monotonic: float

    def fits(self, what: str, facts: dict[str, object]) -> bool:
        return self.what == what and all(self.facts.get(key) == value for key, value in facts.items())


@dataclass(slots=True)
class Journal:
    """Append from the loop, read and wait from anywhere."""

    _entries: list[Entry] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def note(self, what: str, **facts: object) -> None:
        entry = Entry(what, facts, time.time(), time.monotonic())
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def entries(self, what: str | None = None) -> list[Entry]:
        with self._changed:
            return [entry for entry in self._entries if what in (None, entry.what)]

    def wait_for(self, what: str, *, timeout_s: float = 10.0, count: int = 1, **facts: object) -> Entry:
        """The `count`-th entry like this, past or to come; `TimeoutError` tells what there was."""

        def found() -> Entry | None:
            fitting = [entry for entry in self._entries if entry.fits(what, facts)]
            return fitting[count - 1] if len(fitting) >= count else None

        with self._changed:
            self._changed.wait_for(lambda: found() is not None, timeout_s)
            entry = found()
            if entry is None:
                seen = ", ".join(f"{e.what}{e.facts}" for e in self._entries[-20:])
                raise TimeoutError(f"no {what} {facts} within {timeout_s:g} s; last: {seen or 'nothing'}")
            return entry

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Wait for a condition that some entry makes true; raises `TimeoutError`."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout_s):
                raise TimeoutError(f"condition not met within {timeout_s:g} s")
