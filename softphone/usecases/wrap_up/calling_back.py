"""Promises to call back: kept at hand, reminded of when it is time, done when somebody has called."""

from __future__ import annotations

from softphone.domain.call import CallState
from softphone.domain.callback import Callback, due_by, next_after
from softphone.domain.events import CallChanged
from softphone.domain.ids import AccountId, CallId
from softphone.domain.keeping_events import CallbacksLoaded, RecordsPurged, StoreOpened, WrapUpSaved
from softphone.domain.wrap_up_events import CallbackDue
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.ports import Clock, Records, Timer

LOOK_AGAIN_S = 3600.0
"""Clocks jump and computers sleep: the list is looked through at least this often."""


class CallingBack:
    """Knows every promise that is not kept yet."""

    def __init__(self, records: Records, calling: Calling, clock: Clock, bus: Bus) -> None:
        self._records = records
        self._calling = calling
        self._clock = clock
        self._bus = bus
        self._timer: Timer | None = None
        self._told: set[CallId] = set()
        self._dialled: dict[CallId, CallId] = {}
        self.promised: tuple[Callback, ...] = ()
        bus.subscribe(StoreOpened, lambda _e: records.load_callbacks())
        bus.subscribe(WrapUpSaved, lambda _e: records.load_callbacks())
        bus.subscribe(RecordsPurged, lambda _e: records.load_callbacks())
        bus.subscribe(CallbacksLoaded, self._on_loaded)
        bus.subscribe(CallChanged, self._on_call)

    @property
    def due(self) -> tuple[Callback, ...]:
        """Those whose time has come, the one that waits longest first."""
        return due_by(self.promised, self._clock.now())

    def promise(self, call_id: CallId) -> Callback | None:
        return next((c for c in self.promised if c.call_id == call_id), None)

    def call(self, promise: Callback, account_id: AccountId | None) -> CallId:
        """Dial it for the campaign of the promise; once they have talked, it is kept. Raises as
        `Calling.place_call`."""
        call_id = self._calling.place_call(promise.number, account_id, promise.campaign_id)
        self._dialled[call_id] = promise.call_id
        return call_id

    def finish(self, call_id: CallId) -> None:
        """The promise made in that call is kept, or nobody wants it kept any more."""
        if self.promise(call_id):
            self._records.finish_callback(call_id, self._clock.now())

    def _on_loaded(self, event: CallbacksLoaded) -> None:
        self.promised = event.callbacks
        self._told &= {promise.call_id for promise in self.promised}
        self._remind()

    def _remind(self) -> None:
        """Tell of what has become due, and wake up for the next."""
        now = self._clock.now()
        for promise in due_by(self.promised, now):
            if promise.call_id not in self._told:
                self._told.add(promise.call_id)
                self._bus.publish(CallbackDue(promise))
        coming = next_after(self.promised, now)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if coming is not None:
            delay = (coming - now).total_seconds()
            self._timer = self._clock.after(min(delay, LOOK_AGAIN_S), self._remind)

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        if call.id in self._dialled and call.state is CallState.ESTABLISHED:
            self.finish(self._dialled[call.id])
        if not call.live:
            self._dialled.pop(call.id, None)
