"""Calls of an earlier desk of which nothing reached the database: it was killed before that was open.

The engine still tells of them when the next desk comes. What the database has is not asked for again: its
outcome may be saved and in the CRM.
"""

from __future__ import annotations

from softphone.domain.call import CallView
from softphone.domain.events import EngineAttached
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import HistoryLoaded, StoreOpened
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling


class UnwrittenCalls:
    """Waits once for both sides: which calls the engine saw ending, and what the database has."""

    def __init__(self, calling: Calling, bus: Bus) -> None:
        self._calling = calling
        self._ended: tuple[CallView, ...] | None = None
        self._written: frozenset[CallId] | None = None
        self._readable = False
        bus.subscribe(EngineAttached, self._on_attached)
        bus.subscribe(StoreOpened, self._on_opened)
        bus.subscribe(HistoryLoaded, self._on_loaded)

    def _on_attached(self, event: EngineAttached) -> None:
        if self._ended is None:  # what ends later ends under this desk's eyes
            self._ended = tuple(call for call in event.calls if not call.live and not call.supervision)
            self._take_over()

    def _on_opened(self, event: StoreOpened) -> None:
        self._readable = not event.in_memory

    def _on_loaded(self, event: HistoryLoaded) -> None:
        if self._readable and self._written is None:
            self._written = frozenset(entry.record.call.id for entry in event.entries)
            self._take_over()

    def _take_over(self) -> None:
        if self._ended is None or self._written is None:
            return
        for call in self._ended:
            if call.id not in self._written:
                self._calling.take_over(call)
        self._ended = ()
