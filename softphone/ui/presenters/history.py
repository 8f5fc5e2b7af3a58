"""The call list: what was, who it was, and where its outcome stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from softphone.domain.address import PhoneNumber
from softphone.domain.call import CallView, Direction, EndCause
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import HistoryLoaded
from softphone.domain.wrap_up import HistoryEntry, RecordsShown, RecordStatus
from softphone.ui.formats import duration
from softphone.ui.presenters.line_quality import present_kept
from softphone.ui.presenters.phrases import CRM_TROUBLE, END_CAUSE
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import mark

_STATUS = {
    RecordStatus.LIVE: (mark("In progress"), Tone.ACCENT, "call"),
    RecordStatus.OPEN: (mark("Outcome missing"), Tone.WARNING, "note"),
    RecordStatus.SAVED: (mark("Waits for the CRM"), Tone.NEUTRAL, "waiting"),
    RecordStatus.DELIVERED: (mark("In the CRM"), Tone.GOOD, "sent"),
    RecordStatus.REFUSED: (mark("Refused by the CRM"), Tone.DANGER, "refused"),
    RecordStatus.CLOSED: ("", Tone.NEUTRAL, ""),
    RecordStatus.WRITTEN_OFF: (mark("Closed, not in the CRM"), Tone.NEUTRAL, "refused"),
}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    call_id: CallId
    icon: str
    missed: bool
    name: str
    detail: str
    when: str
    status: str
    status_tone: Tone
    status_icon: str
    dial: str
    """What calling back dials; empty if nobody can be called."""
    delivery_id: DeliveryId | None
    """What can be sent again now; None when there is nothing to send."""
    spoken: str
    correctable: bool = False
    """The CRM refused it; it can be corrected and sent again."""
    why: str = ""
    """Why the outcome is not in the CRM yet, as far as an attempt has told."""
    closable: bool = False
    """It is stuck, and whoever sits here may close it."""
    askable: bool = False
    """It is stuck, and a lead can be asked to close it."""
    promised: bool = False
    """The line is a promise to call back, not a call."""


@dataclass(frozen=True, slots=True)
class HistoryView:
    rows: tuple[HistoryRow, ...]
    summary: str
    summary_tone: Tone
    empty: str


CALLBACKS = "callbacks"
"""The part of the list that shows promises instead of calls."""

_PARTS = {
    RecordsShown.ALL.value: mark("All calls"),
    RecordsShown.OPEN.value: mark("Outcome missing"),
    RecordsShown.WAITING.value: mark("Waiting"),
    RecordsShown.REFUSED.value: mark("Refused"),
    RecordsShown.SENT.value: mark("In the CRM"),
    RecordsShown.CLOSED.value: mark("Closed"),
    CALLBACKS: mark("Callbacks"),
}


def list_parts(wording: Wording) -> tuple[tuple[str, str], ...]:
    """The parts of the list that can be chosen: value and words."""
    return tuple((part, wording.words.t(text)) for part, text in _PARTS.items())


def present_history(
    wording: Wording,
    loaded: HistoryLoaded,
    searched: str,
    now: datetime,
    may_close: Callable[[HistoryEntry], bool] = lambda _entry: False,
    narrowed: bool = False,
) -> HistoryView:
    """`narrowed`: only a part of the list is shown; `may_close` tells which records can be closed here."""
    t, n = wording.words.t, wording.words.n
    refused = n("{count} outcome was refused", "{count} outcomes were refused", loaded.refused)
    waiting = n("{count} outcome waits for the CRM", "{count} outcomes wait for the CRM", loaded.waiting)
    summary = wording.words.join((refused if loaded.refused else "", waiting if loaded.waiting else ""))
    tone = Tone.DANGER if loaded.refused else Tone.NEUTRAL
    empty = t("No calls yet. They appear here.")
    if searched or narrowed:
        empty = t("No call matches your search.") if searched else t("Nothing here.")
    rows = tuple(replace(_row(wording, e, now), closable=may_close(e)) for e in loaded.entries)
    return HistoryView(rows, summary, tone, empty)


def _row(wording: Wording, entry: HistoryEntry, now: datetime) -> HistoryRow:
    call = entry.record.call
    number = PhoneNumber(call.party.user, international=entry.record.number)
    name, shown = wording.party(call.party, number, entry.draft.customer_name)
    label, tone, icon = _STATUS[entry.status]
    status = wording.words.t(label) if label else ""
    outcome = entry.code_label or _ending(wording, call)
    detail = wording.words.join((outcome, entry.record.campaign_name, _length(call)))
    when = wording.when(call.started_at, now)
    trouble = CRM_TROUBLE[entry.last_trouble]
    why = wording.words.join((wording.words.t(trouble) if trouble else "", entry.last_error))
    if entry.status is RecordStatus.WRITTEN_OFF:
        why = wording.words.t("Closed: {reason}", reason=entry.last_error)
    return HistoryRow(
        call.id,
        _icon(call),
        call.end_cause in (EndCause.MISSED, EndCause.ABANDONED),
        name,
        detail,
        when,
        status,
        tone,
        icon,
        "" if call.party.anonymous else call.party.user,
        entry.delivery_id if entry.status in (RecordStatus.REFUSED, RecordStatus.SAVED) else None,
        wording.words.join(
            (
                _kind(wording, call),
                name,
                shown,
                detail,
                when,
                status,
                why,
                present_kept(wording, entry.record.line),
            )
        ),
        entry.status is RecordStatus.REFUSED and entry.delivery_id is not None,
        why,
    )


def _length(call: CallView) -> str:
    if not call.talked or call.ended_at is None:
        return ""
    return duration(call.talk_seconds(call.ended_at))


def _ending(wording: Wording, call: CallView) -> str:
    if call.end_cause in (None, EndCause.NORMAL, EndCause.UNKNOWN):
        return ""
    return wording.words.t(END_CAUSE[call.end_cause])


def _icon(call: CallView) -> str:
    if call.direction is Direction.OUTBOUND:
        return "outgoing"
    return "incoming" if call.talked else "missed"


def _kind(wording: Wording, call: CallView) -> str:
    t = wording.words.t
    if call.direction is Direction.OUTBOUND:
        return t("Outgoing call")
    return t("Incoming call") if call.talked else t("Missed call")
