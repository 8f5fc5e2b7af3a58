"""Promised callbacks as lines of the list, and the reminder when one is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from softphone.domain.callback import Callback
from softphone.ui.presenters.history import HistoryRow, HistoryView
from softphone.ui.presenters.notices import Notice, NoticeKind
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import ltr


def present_callbacks(
    wording: Wording, promised: Iterable[Callback], searched: str, now: datetime
) -> HistoryView:
    """The earliest first; what is searched stands in name, number, company or note."""
    t, n = wording.words.t, wording.words.n
    wanted = searched.strip().casefold()
    shown = [
        c
        for c in promised
        if wanted in f"{c.customer_name} {c.number} {c.campaign_name} {c.notes}".casefold()
    ]
    late = sum(c.at <= now for c in shown)
    summary = n("{count} callback is due", "{count} callbacks are due", late) if late else ""
    empty = t("No call matches your search.") if wanted else t("No callback is promised.")
    return HistoryView(tuple(_row(wording, c, now) for c in shown), summary, Tone.WARNING, empty)


def due_notice(wording: Wording, promise: Callback, now: datetime) -> Notice:
    """It is time to call somebody back."""
    t = wording.words.t
    promised = t("promised for {time}", time=wording.when(promise.at, now))
    about = wording.words.join((promise.campaign_name, promised, _first_line(promise)))
    return Notice(
        NoticeKind.CALLBACK,
        Tone.ACCENT,
        "call",
        t("Call back: {name}", name=_name(promise)),
        about,
        t("Call now"),
        dismissable=True,
        subject=promise.call_id,
    )


def _row(wording: Wording, promise: Callback, now: datetime) -> HistoryRow:
    due = promise.at <= now
    status = wording.words.t("Due") if due else wording.words.t("Promised")
    when = wording.when(promise.at, now)
    detail = wording.words.join((promise.campaign_name, _first_line(promise)))
    spoken = wording.words.join(
        (wording.words.t("Callback"), _name(promise), promise.number, detail, when, status)
    )
    return HistoryRow(
        promise.call_id,
        "outgoing",
        False,
        _name(promise),
        detail,
        when,
        status,
        Tone.WARNING if due else Tone.NEUTRAL,
        "call",
        promise.number,
        None,
        spoken,
        promised=True,
    )


def _searched(promise: Callback) -> str:
    parts = (promise.customer_name, promise.number, promise.campaign_name, promise.notes)
    return "\n".join(parts).casefold()


def _name(promise: Callback) -> str:
    return promise.customer_name or ltr(promise.number)


def _first_line(promise: Callback) -> str:
    return next(iter(promise.notes.strip().splitlines()), "")[:80]
