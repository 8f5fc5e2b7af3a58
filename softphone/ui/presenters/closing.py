"""Stuck records that are closed from afar, in words: what a lead is asked, and how it went."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from softphone.domain.record_events import ClosingAnswered, ClosingAsked, Escalated
from softphone.domain.record_requests import RecordMessage
from softphone.ui.presenters.notices import Notice, NoticeKind
from softphone.ui.presenters.phrases import CRM_TROUBLE
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import mark

_AT_THE_AGENTS = {
    "asked": (mark("Your team lead has been asked to close the record."), Tone.GOOD),
    "not_reached": (mark("No team lead can be reached now. Ask again later."), Tone.WARNING),
    "kept": (mark("{who} leaves the record open."), Tone.WARNING),
    "closed": (mark("A team lead has closed the record."), Tone.GOOD),
    "not_escalated": (
        mark("No team lead can be reached now; the outcome is saved all the same. Tell them yourself."),
        Tone.WARNING,
    ),
}
_AT_THE_LEADS = {
    "not_reached": (
        mark("{who} cannot be reached now. The record stays open."),
        Tone.WARNING,
    ),
    "closed": (mark("The record at {who} is closed."), Tone.GOOD),
    "settled": (mark("The record at {who} is not stuck any more; nothing was closed."), Tone.WARNING),
}


def present_closing_notices(
    wording: Wording, asked: Iterable[ClosingAsked], now: datetime
) -> tuple[Notice, ...]:
    """A banner for each record that a lead is asked to close, until it is decided."""
    return tuple(_notice(wording, one, now) for one in asked)


def present_escalations(wording: Wording, heard: Iterable[Escalated], now: datetime) -> tuple[Notice, ...]:
    """A banner for each outcome that agents have escalated, until the lead puts it away."""
    return tuple(_escalation(wording, one, now) for one in heard)


def _escalation(wording: Wording, one: Escalated, now: datetime) -> Notice:
    message = one.message
    called = _call_of(wording, message, now)
    return Notice(
        NoticeKind.ESCALATION,
        Tone.WARNING,
        "help",
        wording.words.t("{agent} escalates a call to you", agent=one.name),
        wording.words.join((message.company, message.outcome, called)),
        dismissable=True,
        subject=message.delivery_id,
    )


def _call_of(wording: Wording, message: RecordMessage, now: datetime) -> str:
    if message.called_at is None:
        return ""
    return wording.words.t("Call of {time}", time=wording.when(message.called_at, now))


def _notice(wording: Wording, one: ClosingAsked, now: datetime) -> Notice:
    t, record = wording.words.t, one.asked
    called = _call_of(wording, record, now)
    trouble = CRM_TROUBLE[record.trouble]
    tries = wording.words.n("{count} attempt", "{count} attempts", record.attempts)
    facts = (record.company, record.outcome, called, t(trouble) if trouble else "", tries)
    return Notice(
        NoticeKind.CLOSING,
        Tone.WARNING,
        "refused",
        t("{agent} asks you to close a record", agent=one.name),
        wording.words.join(facts),
        "" if one.answered else t("Decide …"),
        subject=record.delivery_id,
    )


def closing_words(wording: Wording, event: ClosingAnswered) -> tuple[str, Tone]:
    """How it went; the agent's desk hears of no name but that of a lead who leaves it open."""
    lead_heard = event.outcome != "kept" and bool(event.who)
    text, tone = (_AT_THE_LEADS if lead_heard else _AT_THE_AGENTS)[event.outcome]
    return wording.words.t(text, who=event.who) if event.who else wording.words.t(text), tone


def asked_words(wording: Wording) -> str:
    """Beside a record about which leads have been asked."""
    return wording.words.t("A team lead has been asked to close it.")
