"""How everything stands, for programs: what the use cases hold plus what only events tell."""

from __future__ import annotations

import os

from softphone.domain.call import CallView
from softphone.domain.events import EngineAttached, EngineLost
from softphone.domain.keeping_events import StoreOpened
from softphone.usecases.desk import Desk
from softphone.usecases.remote import pictures

VERSION = 1
"""Of the JSON that goes out. A field may be added; none is renamed or taken away within a version."""


class RemoteStatus:
    """Thread: main. Remembers the state of engine and database, which no use case keeps."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clock = desk.ports.clock
        self._store: StoreOpened | None = None
        self._engine: pictures.EnginePicture = {"running": False, "pid": None, "detail": ""}
        desk.bus.subscribe(StoreOpened, self._on_store)
        desk.bus.subscribe(EngineAttached, self._on_attached)
        desk.bus.subscribe(EngineLost, self._on_lost)

    def picture(self) -> pictures.StatusPicture:
        desk = self._desk
        return {
            "pid": os.getpid(),
            "agent": self.agent_picture(),
            "registrations": [pictures.registration_picture(r) for r in desk.signing_in.registrations],
            "calls": [self.call_picture(call) for call in desk.calling.calls],
            "wrap_ups": [
                pictures.wrap_up_picture(desk.wrapping_up.state(call_id))
                for call_id in desk.wrapping_up.open_calls
            ],
            "outbox": pictures.outbox_picture(desk.looking_back.outbox),
            "audio": pictures.audio_picture(desk.choosing_audio.state),
            "store": pictures.store_picture(self._store),
            "engine": self._engine,
        }

    def agent_picture(self) -> pictures.AgentPicture:
        available = self._desk.being_available
        return pictures.agent_picture(available.status, available.since)

    def call_picture(self, call: CallView) -> pictures.CallPicture:
        return pictures.call_picture(call, self._desk.recognising.lookup(call.id))

    def stamp(self, event: str) -> dict[str, object]:
        """What every line of the stream of events begins with; `monotonic_ms` only grows."""
        return {
            "version": VERSION,
            "event": event,
            "at": pictures.moment(self._clock.now()),
            "monotonic_ms": round(self._clock.monotonic() * 1_000, 3),
        }

    def _on_store(self, event: StoreOpened) -> None:
        self._store = event

    def _on_attached(self, event: EngineAttached) -> None:
        self._engine = {"running": True, "pid": event.pid, "detail": ""}

    def _on_lost(self, event: EngineLost) -> None:
        self._engine = {"running": False, "pid": None, "detail": event.detail}
