"""The other calls: held ones, ringing ones beside a conversation, ended ones that still want an outcome."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from softphone.domain.call import CallState
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.ui.formats import duration
from softphone.ui.presenters.stage import CallFacts, heading
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone


@dataclass(frozen=True, slots=True)
class LineView:
    call_id: CallId
    colour: str
    title: str
    state: str
    tone: Tone
    live: bool


def present_lines(wording: Wording, calls: Iterable[CallFacts], now: datetime) -> tuple[LineView, ...]:
    return tuple(_line(wording, facts, now) for facts in calls)


def _line(wording: Wording, facts: CallFacts, now: datetime) -> LineView:
    call, top, t = facts.call, heading(wording, facts), wording.words.t
    timer = duration(call.talk_seconds(now)) if call.talked else ""
    if not call.live:
        state, tone = t("Outcome missing"), Tone.WARNING
    elif call.local_hold:
        state, tone = wording.words.join((t("On hold"), timer)), Tone.WARNING
    elif call.state is CallState.ESTABLISHED:
        state, tone = wording.words.join((t("Connected"), timer)), Tone.GOOD
    else:
        state, tone = t("Dialling …"), Tone.NEUTRAL
    return LineView(call.id, top.colour, wording.words.join((top.name, top.company)), state, tone, call.live)
