"""The call list: what was, who it was, and where its outcome stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from softphone.domain.address import PhoneNumber
from softphone.domain.call import CallView, Direction, EndCause
from softphone.domain.correction import Correction, correction_of
from softphone.domain.facts import dataclass
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
_CORRECTION_STATUS = {
    RecordStatus.SAVED: (mark("Change waits for the CRM"), Tone.NEUTRAL, "waiting"),
    RecordStatus.REFUSED: (mark("Change refused by the CRM"), Tone.DANGER, "refused"),
    RecordStatus.WRITTEN_OFF: (mark("Change closed"), Tone.NEUTRAL, "refused"),
}
"""Where the CRM has the record, and a correction of it stands like that."""


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
    """It can be corrected."""
    changes: bool = False
    """A correction changes what the CRM has, or is about to have; else it is sent again."""
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
    correction: Callable[[HistoryEntry], Correction] = lambda entry: correction_of(entry, False),
) -> HistoryView:
    """`narrowed`: only a part of the list is shown; `may_close` tells which records can be closed here,
    `correction` what correcting one would mean."""
    t, n = wording.words.t, wording.words.n
    refused = n("{count} outcome was refused", "{count} outcomes were refused", loaded.refused)
    waiting = n("{count} outcome waits for the CRM", "{count} outcomes wait for the CRM", loaded.waiting)
    summary = wording.words.join((refused if loaded.refused else "", waiting if loaded.waiting else ""))
    tone = Tone.DANGER if loaded.refused else Tone.NEUTRAL
    empty = t("No calls yet. They appear here.")
    if searched or narrowed:
        empty = t("No call matches your search.") if searched else t("Nothing here.")
    rows = tuple(
        replace(_row(wording, entry, now, correction(entry)), closable=may_close(entry))
        for entry in loaded.entries
    )
    return HistoryView(rows, summary, tone, empty)


def _row(wording: Wording, entry: HistoryEntry, now: datetime, correction: Correction) -> HistoryRow:
    call = entry.record.call
    number = PhoneNumber(call.party.user, international=entry.record.number)
    name, shown = wording.party(call.party, number, entry.draft.customer_name)
    known = _CORRECTION_STATUS if entry.correction else _STATUS
    label, tone, icon = known.get(entry.status, _STATUS[entry.status])
    status = wording.words.t(label) if label else ""
    outcome = entry.code_label or _ending(wording, call)
    detail = wording.words.join((outcome, entry.record.campaign_name, _length(call)))
    when = wording.when(call.started_at, now)
    why = _why(wording, entry, correction)
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
        correction.possible,
        correction is Correction.CHANGE,
        why,
    )


def _why(wording: Wording, entry: HistoryEntry, correction: Correction) -> str:
    """What there is to say about the state of a record, beside its state."""
    t = wording.words.t
    if entry.status is RecordStatus.WRITTEN_OFF:
        closed = t("Closed: {reason}", reason=entry.last_error)
        return wording.words.join((closed, t("The CRM keeps what it had."))) if entry.correction else closed
    if entry.status is RecordStatus.DELIVERED and correction is Correction.CRM_CANNOT:
        return t("This CRM does not let a record be changed once it is there.")
    trouble = CRM_TROUBLE[entry.last_trouble]
    begun = t("A correction was begun and is not saved.") if entry.saved else ""
    return wording.words.join((t(trouble) if trouble else "", entry.last_error, begun))


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
