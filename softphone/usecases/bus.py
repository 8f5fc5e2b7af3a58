"""Delivers events to those who care, one after the other, on the main thread."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from typing import TypeVar

from softphone.domain.errors import WrongState
from softphone.domain.events import Event

E = TypeVar("E", bound=Event)


class Bus:
    """Synchronous publish and subscribe.

    An event published while another is being delivered waits its turn, so every handler sees events in the
    order in which they happened. A handler that raises is reported and the others still run: one broken
    presenter must not cost a call.
    """

    def __init__(self, on_fault: Callable[[Event, Exception], None]) -> None:
        self._on_fault = on_fault
        self._handlers: defaultdict[type[Event], list[Callable[[Event], None]]] = defaultdict(list)
        self._everything: list[Callable[[Event], None]] = []
        self._waiting: deque[Event] = deque()
        self._delivering = False
        self._thread = threading.get_ident()

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> None:
        """Call `handler` with every event that is exactly of class `kind`."""
        self._handlers[kind].append(handler)  # type: ignore[arg-type]  # keyed by the handler's own class

    def subscribe_all(self, handler: Callable[[Event], None]) -> None:
        """Call `handler` with every event, after those who asked for its class."""
        self._everything.append(handler)

    def publish(self, event: Event) -> None:
        """Deliver `event` now, or after the one that is being delivered."""
        if threading.get_ident() != self._thread:
            raise WrongState("bus", "used outside the main thread; post to the pump instead")
        self._waiting.append(event)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._waiting:
                self._deliver(self._waiting.popleft())
        finally:
            self._delivering = False

    def _deliver(self, event: Event) -> None:
        for handler in (*self._handlers[type(event)], *self._everything):
            try:
                handler(event)
            except Exception as exc:  # noqa: BLE001 - the bus is one of the four places (STYLE.md 7)
                self._on_fault(event, exc)
