"""Listening to what a store posts from its own thread: wait for events, never for time."""

from __future__ import annotations

import queue
from typing import TypeVar

from softphone.domain.events import Event

E = TypeVar("E", bound=Event)

PATIENCE_S = 20.0


class Heard:
    """Give `heard.post` to a store; `next` takes the events in order."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.passed_over: list[Event] = []

    def post(self, event: Event) -> None:
        self._events.put(event)

    def next(self, kind: type[E]) -> E:
        """The next event of that class; those before it are passed over, but stay in `passed_over`."""
        while True:
            try:
                event = self._events.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"no {kind.__name__}; heard {self.passed_over}") from None
            if isinstance(event, kind):
                return event
            self.passed_over.append(event)

    def nothing_more(self) -> list[Event]:
        """What is left unheard, for a store that is closed or synchronous."""
        left = []
        while not self._events.empty():
            left.append(self._events.get())
        return left
