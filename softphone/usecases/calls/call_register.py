"""All calls of this desk, live ones and those that have ended lately; every change is told on the bus."""

from __future__ import annotations

from softphone.domain.call import Call, CallState, CallView, Direction, EndCause
from softphone.domain.events import CallChanged
from softphone.domain.ids import CallId
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Clock


class CallRegister:
    """A call that is not there, or a step that came too late, is no error: news and commands cross."""

    def __init__(self, clock: Clock, bus: Bus) -> None:
        self._clock = clock
        self._bus = bus
        self._calls: dict[CallId, Call] = {}

    @property
    def live(self) -> tuple[CallView, ...]:
        """Oldest first."""
        return tuple(c.view for c in self._calls.values() if c.view.live)

    def call(self, call_id: CallId | None) -> CallView | None:
        known = self._calls.get(call_id) if call_id else None
        return known.view if known else None

    def ringing(self) -> CallView | None:
        """The oldest call that rings here."""
        return next((c for c in self.live if c.state is CallState.INCOMING), None)

    def current(self) -> CallView | None:
        """The call that keys act on: the one being talked to, else one on hold, else one being dialled."""
        established = [c for c in self.live if c.state is CallState.ESTABLISHED]
        talking = [c for c in established if not c.local_hold]
        dialled = [c for c in self.live if c.direction is Direction.OUTBOUND]
        return next(iter(talking + established + dialled), None)

    def lives(self, call_id: CallId) -> bool:
        call = self._calls.get(call_id)
        return call is not None and call.view.live

    def is_in(self, call_id: CallId, state: CallState) -> bool:
        call = self._calls.get(call_id)
        return call is not None and call.view.state is state

    def add(self, view: CallView) -> None:
        self._calls[view.id] = Call(view)
        self._bus.publish(CallChanged(view))

    def advance(self, call_id: CallId, state: CallState, **facts: object) -> None:
        call = self._calls.get(call_id)
        if call and call.advance(state, **facts):
            self._bus.publish(CallChanged(call.view))

    def note(self, call_id: CallId, **facts: object) -> None:
        call = self._calls.get(call_id)
        if call and call.note(**facts):
            self._bus.publish(CallChanged(call.view))

    def end_here(self, call_id: CallId, cause: EndCause) -> None:
        """Over, without a word from the engine."""
        now = self._clock.now()
        self.advance(
            call_id, CallState.TERMINATED, ended_at=now, end_cause=cause, answering=False, ending=False
        )

    def remember(self, call: CallView) -> None:
        """A call of an earlier desk that is over, and is worked on again."""
        if not call.live:
            self._calls.setdefault(call.id, Call(call))

    def forget(self, call_id: CallId) -> None:
        """A call that is over is not asked for any more; one that lives stays."""
        known = self._calls.get(call_id)
        if known and not known.view.live:
            del self._calls[call_id]
