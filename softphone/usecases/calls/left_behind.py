"""What an earlier desk left unfinished, until it is known which of its calls the engine still holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from softphone.domain.call import CallState, CallView, EndCause
from softphone.domain.events import EngineAttached
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import CallRecord, HistoryEntry


class LeftBehind:
    """Waits for both sides: the database tells what was begun, the engine which calls go on."""

    def __init__(self) -> None:
        self._entries: tuple[HistoryEntry, ...] = ()
        self._engine_known = False
        self._held: frozenset[CallId] = frozenset()
        self._ended: dict[CallId, CallView] = {}

    def add(self, entries: tuple[HistoryEntry, ...]) -> None:
        """The database was opened; a second opening does not hide what the first one told."""
        self._entries = (*self._entries, *entries)

    def note_engine(self, event: EngineAttached) -> None:
        self._engine_known = True
        self._held = frozenset(call.id for call in event.calls if call.live)
        self._ended = {call.id: call for call in event.calls if not call.live}

    def take(self) -> tuple[HistoryEntry, ...]:
        """What can be offered again now; nothing before the engine is known."""
        if not self._engine_known:
            return ()
        taken, self._entries = self._entries, ()
        return taken

    def goes_on(self, call_id: CallId) -> bool:
        """The engine still holds this call."""
        return call_id in self._held

    def ended(self, entry: HistoryEntry, now: datetime) -> CallRecord:
        """The call of `entry` as one that is over; the engine may know more than was written down in time."""
        call = entry.record.call
        seen = self._ended.get(call.id, call)
        over = replace(
            call,
            state=CallState.TERMINATED,
            established_at=call.established_at or seen.established_at,
            ended_at=call.ended_at or seen.ended_at or now,
            end_cause=call.end_cause or seen.end_cause or EndCause.UNKNOWN,
            ended_by_us=call.ended_by_us or seen.ended_by_us,
        )
        return replace(entry.record, call=over)
