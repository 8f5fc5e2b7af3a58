"""Listens to the events of a telephone and waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from softphone.domain.events import Event
from tests.peers.waiting import wait_for

Kind = TypeVar("Kind", bound=Event)


class Ear:
    """Each event is handed out once by `expect`; `history` keeps all. `post` is for any thread."""

    def __init__(self) -> None:
        self.history: list[Event] = []
        self._fresh: list[Event] = []
        self._lock = threading.Lock()

    def post(self, event: Event) -> None:
        with self._lock:
            self.history.append(event)
            self._fresh.append(event)

    def expect(
        self, kind: type[Kind], where: Callable[[Kind], bool] = lambda _: True, *, timeout_s: float = 10.0
    ) -> Kind:
        """The first event of that kind, not handed out before, for which `where` holds."""

        def found() -> Kind | None:
            with self._lock:
                for event in self._fresh:
                    if isinstance(event, kind) and where(event):
                        self._fresh.remove(event)
                        return event
            return None

        try:
            return wait_for(found, f"{kind.__name__}", timeout_s=timeout_s)
        except AssertionError as exc:
            raise AssertionError(f"{exc}; heard: {self.history[-8:]}") from None

    def heard(self, kind: type[Kind]) -> list[Kind]:
        """All events of that kind so far."""
        return [event for event in list(self.history) if isinstance(event, kind)]
