"""What outcomes leave behind in the database in memory: promises to call back, numbers that are barred."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.callback import Callback
from softphone.domain.do_not_call import BarredNumber
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import CallRecord, Draft, WrapUp
from tests.fakes.record_rows import Row

Promise = tuple[datetime, str]


class Promises:
    """`open` are those still to be kept, by call."""

    def __init__(self) -> None:
        self.open: dict[CallId, Promise] = {}
        self._kept: dict[CallId, Promise] = {}

    def make(self, wrap_up: WrapUp) -> None:
        promise = _promise_of(wrap_up.record, wrap_up.draft)
        if promise is not None:
            self.open[wrap_up.record.call.id] = promise

    def renew(self, record: CallRecord, draft: Draft) -> None:
        """The outcome was corrected: one that was kept is not made anew."""
        promise, call_id = _promise_of(record, draft), record.call.id
        if promise is None:
            self.forget(call_id)
        elif promise != self._kept.get(call_id):
            self._kept.pop(call_id, None)
            self.open[call_id] = promise

    def keep(self, call_id: CallId) -> None:
        kept = self.open.pop(call_id, None)
        if kept:
            self._kept[call_id] = kept

    def forget(self, call_id: CallId) -> None:
        self.open.pop(call_id, None)
        self._kept.pop(call_id, None)

    def callbacks(self, rows: dict[CallId, Row]) -> tuple[Callback, ...]:
        """The next one first."""
        calls = sorted(self.open.items(), key=lambda pair: pair[1][0])
        return tuple(_callback(rows[call_id], call_id, *promise) for call_id, promise in calls)


class BarredNumbers:
    """Who barred a number alone; nobody where several calls did."""

    def __init__(self) -> None:
        self._by: dict[BarredNumber, CallId | None] = {}

    @property
    def all(self) -> tuple[BarredNumber, ...]:
        return tuple(self._by)

    def bar(self, wrap_up: WrapUp) -> None:
        number, by = wrap_up.record.number, wrap_up.record.call.id
        if "do_not_call" in wrap_up.actions and number:
            entry = BarredNumber(number, wrap_up.campaign_id)
            self._by[entry] = by if self._by.get(entry, by) == by else None

    def free(self, call_id: CallId) -> None:
        """What this call alone has barred may be called again."""
        self._by = {number: by for number, by in self._by.items() if by != call_id}


def _promise_of(record: CallRecord, draft: Draft) -> Promise | None:
    number = draft.callback_number or record.number or record.call.party.user
    return None if draft.callback_at is None else (draft.callback_at, number)


def _callback(row: Row, call_id: CallId, at: datetime, number: str) -> Callback:
    call, draft = row.record.call, row.draft
    name = draft.customer_name or call.party.display_name
    return Callback(call_id, at, number, name, call.campaign_id, row.record.campaign_name, draft.notes)
