"""What requests about records, callbacks and the script do, and by what their success is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import singledispatchmethod
from typing import TypeVar

from softphone.domain.correction import Correction
from softphone.domain.errors import BadInput, Refused, TryLater
from softphone.domain.events import Event
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import (
    CallbacksLoaded,
    HistoryLoaded,
    KeyChanged,
    RecordsExported,
    RecordsPurged,
    StoreDescribed,
    StoreFailed,
    WrittenOff,
)
from softphone.domain.record_settings import days_to_keep
from softphone.domain.wrap_up import HistoryEntry
from softphone.usecases.desk import Desk
from softphone.usecases.remote import record_pictures as pictures
from softphone.usecases.remote import record_requests as ask
from softphone.usecases.remote.choice import RemoteChoice
from softphone.usecases.remote.pictures import wrap_up_picture

Message = Mapping[str, object]
Condition = Callable[[], Message | None]
E = TypeVar("E", bound=Event)


class RemoteRecords:
    """Thread: main. `begin` starts the work and returns the condition of the answer."""

    def __init__(self, desk: Desk, choice: RemoteChoice) -> None:
        self._desk = desk
        self._choice = choice
        self._heard: Event | None = None
        for kind in (StoreDescribed, RecordsExported, RecordsPurged, KeyChanged, WrittenOff, CallbacksLoaded):
            desk.bus.subscribe(kind, self._hear)
        desk.bus.subscribe(StoreFailed, self._hear)

    @singledispatchmethod
    def begin(self, request: ask.RecordsRequest) -> Condition:
        raise BadInput("request", f"{type(request).__name__} is not known here")

    @begin.register
    def _describe(self, _request: ask.DescribeRecords) -> Condition:
        self._await()
        self._desk.ports.records.describe()
        return self._when(StoreDescribed, lambda event: {"facts": dict(event.facts)})

    @begin.register
    def _export(self, _request: ask.ExportRecords) -> Condition:
        self._await()
        self._desk.ports.records.export()
        return self._when(RecordsExported, lambda event: {"records": [dict(row) for row in event.rows]})

    @begin.register
    def _purge(self, request: ask.PurgeRecords) -> Condition:
        fixed = "records.keep_days" in self._desk.configuring.locked()
        days = days_to_keep(self._desk.configuring.settings.records, request.days, fixed)
        self._await()
        self._desk.ports.records.purge(self._desk.ports.clock.now() - timedelta(days=days))
        return self._when(RecordsPurged, lambda event: {"purged": event.count})

    @begin.register
    def _rekey(self, _request: ask.RekeyRecords) -> Condition:
        self._await()
        self._desk.ports.records.change_key()
        return self._when(KeyChanged, lambda _event: {})

    @begin.register
    def _close(self, request: ask.CloseRecord) -> Condition:
        entry = self._entry(request.call)
        self._await()
        self._desk.closing_records.close(entry, request.reason)

        def closed(event: WrittenOff) -> Message:
            if not event.done:
                raise Refused("record", "it has been delivered meanwhile")
            return {"call": entry.record.call.id}

        return self._when(WrittenOff, closed)

    @begin.register
    def _retry(self, request: ask.RetryRecord) -> Condition:
        entry = self._entry(request.call)
        if entry.delivery_id is None:
            raise Refused("record", "nothing of that call is to be sent")
        self._desk.delivering.retry(entry.delivery_id)
        return lambda: {"call": entry.record.call.id}

    @begin.register
    def _correct(self, request: ask.CorrectRecord) -> Condition:
        entry = self._entry(request.call)
        work, call_id = self._desk.wrapping_up, entry.record.call.id
        if not work.correct(entry):
            if work.correction(entry) is Correction.CRM_CANNOT:
                raise Refused("crm_cannot", "the connection of this CRM cannot change what the CRM has")
            raise Refused("record", "there is nothing of it to correct now")
        return lambda: {"wrap_up": wrap_up_picture(work.state(call_id))}

    @begin.register
    def _leave(self, request: ask.LeaveRecord) -> Condition:
        call_id = self._entry(request.call).record.call.id
        if not self._desk.wrapping_up.cancel_correction(call_id):
            raise Refused("record", "no correction of it is open")

        def left() -> Message | None:
            listed = self._desk.looking_back.loaded.entries
            begun = any(e.record.call.id == call_id and e.saved is not None for e in listed)
            return None if begun else {"call": call_id}

        return left

    @begin.register
    def _callbacks(self, _request: ask.Callbacks) -> Condition:
        calling_back = self._desk.calling_back
        due = {promise.call_id for promise in calling_back.due}
        pictured = [pictures.callback_picture(p, p.call_id in due) for p in calling_back.promised]
        return lambda: {"callbacks": pictured}

    @begin.register
    def _finish_callback(self, request: ask.FinishCallback) -> Condition:
        promise = next(
            (p for p in self._desk.calling_back.promised if p.call_id.startswith(request.call)), None
        )
        if promise is None or not request.call:
            raise Refused("callback", "no callback was promised in such a call")
        self._await()
        self._desk.calling_back.finish(promise.call_id)
        return self._when(CallbacksLoaded, lambda _event: {"call": promise.call_id})

    @begin.register
    def _script(self, request: ask.ScriptMove) -> Condition:
        call_id = self._choice.to_wrap_up(request.call)
        script = self._desk.following_script
        page = script.page(call_id)
        if page is None:
            raise Refused("script", "the company of this call has no script")
        if request.back:
            script.go_back(call_id)
        elif request.answer is not None:
            self._answer(call_id, request.answer)
        elif request.next and not script.go_on(call_id):
            raise Refused("script", "an answer is needed first" if not page.at_end else "the script is over")
        return lambda: self._page(call_id)

    # --- inside ---

    def _answer(self, call_id: CallId, given: str) -> None:
        page = self._desk.following_script.page(call_id)
        if page is None:
            return
        if page.field:
            self._desk.following_script.answer(call_id, given)
        elif given in page.answers:
            self._desk.following_script.choose(call_id, page.answers.index(given))
        else:
            raise BadInput("answer", f"one of {', '.join(page.answers) or 'none: this step asks nothing'}")

    def _page(self, call_id: CallId) -> Message | None:
        page = self._desk.following_script.page(call_id)
        return {"script": pictures.script_picture(page)} if page else None

    def _entry(self, name: str) -> HistoryEntry:
        loaded: HistoryLoaded = self._desk.looking_back.loaded
        found = [e for e in loaded.entries if name and e.record.call.id.startswith(name)]
        if len(found) != 1:
            raise Refused("call", f"{len(found)} calls of the list begin with {name!r}")
        return found[0]

    def _await(self) -> None:
        self._heard = None

    def _hear(self, event: Event) -> None:
        self._heard = event

    def _when(self, kind: type[E], answer: Callable[[E], Message]) -> Condition:
        """Answered by the next event of that class; a trouble of the database is told instead."""

        def condition() -> Message | None:
            if isinstance(self._heard, kind):
                return answer(self._heard)
            if isinstance(self._heard, StoreFailed):
                raise TryLater("database", self._heard.trouble.value)
            return None

        return condition
