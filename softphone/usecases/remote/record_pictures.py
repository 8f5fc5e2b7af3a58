"""Records, callbacks and the script as JSON-able values. Field names are a promise (docs/ctl.md)."""

from __future__ import annotations

from typing import TypedDict

from softphone.domain.callback import Callback
from softphone.domain.line_quality import LineSummary
from softphone.domain.wrap_up import HistoryEntry
from softphone.usecases.remote.pictures import moment
from softphone.usecases.wrap_up.following_script import ScriptPage


class LinePicture(TypedDict):
    intervals: int
    codec: str
    mos: float
    worst_mos: float
    rx_loss_percent: float
    tx_loss_percent: float
    rx_jitter_ms: float
    tx_jitter_ms: float
    round_trip_ms: float
    fault: str
    fault_intervals: int


class HistoryPicture(TypedDict):
    call: str
    direction: str
    number: str
    name: str
    customer: str
    campaign: str
    started_at: str
    talk_s: float
    end_cause: str | None
    status: str
    code: str
    notes: str
    error: str
    correction: bool
    correction_begun: bool
    line: LinePicture | None


class CallbackPicture(TypedDict):
    call: str
    at: str
    number: str
    customer: str
    campaign: str
    notes: str
    due: bool


class ScriptPicture(TypedDict):
    """`answers` are to choose from, `field` is the name of what is asked instead; both may be empty."""

    step: str
    text: str
    answers: list[str]
    chosen: int
    field: str
    answer: str
    trouble: str
    steps_done: int
    at_end: bool


def callback_picture(promise: Callback, due: bool) -> CallbackPicture:
    return {
        "call": promise.call_id,
        "at": moment(promise.at),
        "number": promise.number,
        "customer": promise.customer_name,
        "campaign": promise.campaign_name,
        "notes": promise.notes,
        "due": due,
    }


def script_picture(page: ScriptPage) -> ScriptPicture:
    return {
        "step": page.step,
        "text": page.text,
        "answers": list(page.answers),
        "chosen": page.chosen,
        "field": page.field.name if page.field else "",
        "answer": page.answer,
        "trouble": page.trouble.value if page.trouble else "",
        "steps_done": page.steps_done,
        "at_end": page.at_end,
    }


def history_picture(entry: HistoryEntry) -> HistoryPicture:
    call = entry.record.call
    return {
        "call": call.id,
        "direction": call.direction.value,
        "number": entry.record.number,
        "name": call.party.display_name,
        "customer": entry.draft.customer_name,
        "campaign": entry.record.campaign_name,
        "started_at": moment(call.started_at),
        "talk_s": round(call.talk_seconds(call.ended_at or call.started_at), 3),
        "end_cause": call.end_cause.value if call.end_cause else None,
        "status": entry.status.value,
        "code": entry.outcome.code,
        "notes": entry.outcome.notes,
        "error": entry.last_error,
        "correction": entry.correction,
        "correction_begun": entry.saved is not None,
        "line": line_picture(entry.record.line) if entry.record.line else None,
    }


def line_picture(line: LineSummary) -> LinePicture:
    return {
        "intervals": line.intervals,
        "codec": line.codec,
        "mos": line.mos,
        "worst_mos": line.worst_mos,
        "rx_loss_percent": line.rx_loss_percent,
        "tx_loss_percent": line.tx_loss_percent,
        "rx_jitter_ms": line.rx_jitter_ms,
        "tx_jitter_ms": line.tx_jitter_ms,
        "round_trip_ms": line.round_trip_ms,
        "fault": line.fault.value,
        "fault_intervals": line.fault_intervals,
    }
