"""The lead's live list: one line for each agent, alarms in words, queues and sums."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from softphone.domain.agent_state import AgentState
from softphone.domain.facts import dataclass
from softphone.domain.supervision import HelpRequest
from softphone.domain.team import Activity, Alarm, CurrentCall, QueueRow, TeamRow
from softphone.ui.formats import duration
from softphone.ui.presenters.notices import Notice, NoticeKind
from softphone.ui.presenters.phrases import AGENT_STATE, reason_words
from softphone.ui.presenters.team_words import ALARM, ALARM_ICON
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import ltr, mark

UNKNOWN = mark("Not known")
STATE_TONE: dict[AgentState | None, Tone] = {
    AgentState.READY: Tone.GOOD,
    AgentState.NOT_READY: Tone.WARNING,
    AgentState.ON_CALL: Tone.ACCENT,
    AgentState.AFTER_CALL_WORK: Tone.ACCENT,
    AgentState.OFFLINE: Tone.NEUTRAL,
    None: Tone.NEUTRAL,
}
STATE_ICON: dict[AgentState | None, str] = {
    AgentState.READY: "done",
    AgentState.NOT_READY: "break",
    AgentState.ON_CALL: "call",
    AgentState.AFTER_CALL_WORK: "note",
    AgentState.OFFLINE: "sign-out",
    None: "unknown",
}
STATES: tuple[AgentState | None, ...] = (
    AgentState.ON_CALL,
    AgentState.AFTER_CALL_WORK,
    AgentState.READY,
    AgentState.NOT_READY,
    AgentState.OFFLINE,
    None,
)
"""In the order in which filters and sums show them."""


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One agent as drawn. Times are counted while drawing: `since` and `call_since` are moments."""

    extension: str
    name: str
    state: str
    icon: str
    tone: Tone
    reason: str
    since: datetime | None
    call: str
    call_detail: str
    call_icon: str
    call_since: datetime | None
    help: str
    can_listen: bool

    @property
    def title(self) -> str:
        return self.name or self.extension


@dataclass(frozen=True, slots=True)
class AlarmSign:
    alarm: Alarm
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class TeamSum:
    """How many are in one state; `state` None are those of whom nothing is known."""

    state: AgentState | None
    text: str
    count: int
    tone: Tone
    icon: str


def state_words(wording: Wording, state: AgentState | None) -> str:
    return wording.words.t(AGENT_STATE[state] if state is not None else UNKNOWN)


def present_row(wording: Wording, row: TeamRow) -> AgentLine:
    call, detail, icon = _call(wording, row)
    return AgentLine(
        row.member.extension,
        row.member.name,
        state_words(wording, row.state),
        STATE_ICON[row.state],
        STATE_TONE[row.state],
        reason_words(wording.words, row.reason) if row.reason else "",
        row.since,
        call,
        detail,
        icon,
        row.call.since if row.on_call and row.call else None,
        row.help.reason if row.help else "",
        row.on_call,
    )


_ACTIVITY = {
    Activity.IDLE: mark("No call"),
    Activity.RINGING: mark("Ringing"),
    Activity.TALKING: mark("Talking"),
    Activity.HELD: mark("On hold"),
}


def _call(wording: Wording, row: TeamRow) -> tuple[str, str, str]:
    """What is said of the call, what stands below it, and its icon."""
    t, call = wording.words.t, row.call
    if not row.on_call or call is None:
        known = row.line_known or row.state is not None
        return (t("No call") if known else t("Call: not known")), "", ""
    number = ltr(call.number) if wording.words.right_to_left else call.number
    title = wording.words.join((t(_ACTIVITY[call.activity]), call.campaign))
    return title, number or t("Number not shown"), _direction(call)


def _direction(call: CurrentCall) -> str:
    if call.activity is Activity.HELD:
        return "hold"
    if call.activity is Activity.RINGING:
        return "ringing"
    return {True: "incoming", False: "outgoing", None: "call"}[call.inbound]


def present_alarms(wording: Wording, found: frozenset[Alarm]) -> tuple[AlarmSign, ...]:
    """The gravest first."""
    return tuple(
        AlarmSign(alarm, ALARM_ICON[alarm], wording.words.t(ALARM[alarm]))
        for alarm in Alarm
        if alarm in found
    )


def spoken(wording: Wording, line: AgentLine, alarms: Iterable[AlarmSign], now: datetime) -> str:
    """The whole row for screen readers and as tool tip."""
    since = duration((now - line.since).total_seconds()) if line.since else ""
    state = wording.words.join((line.state, line.reason, since))
    called = duration((now - line.call_since).total_seconds()) if line.call_since else ""
    signs = (sign.text for sign in alarms)
    facts = (line.title, *signs, line.help, state, line.call, line.call_detail, called)
    return ", ".join(fact for fact in facts if fact)


def running(moment: datetime | None, now: datetime) -> str:
    """How long since `moment`; empty where that is not known."""
    return duration((now - moment).total_seconds()) if moment is not None else ""


def present_sums(wording: Wording, rows: Iterable[TeamRow]) -> tuple[TeamSum, ...]:
    counts: dict[AgentState | None, int] = dict.fromkeys(STATES, 0)
    for row in rows:
        counts[row.state] += 1
    return tuple(
        TeamSum(state, state_words(wording, state), count, STATE_TONE[state], STATE_ICON[state])
        for state, count in counts.items()
    )


def present_queues(wording: Wording, queues: Iterable[QueueRow]) -> tuple[tuple[str, Tone], ...]:
    """A sentence for each queue and how grave it is."""
    return tuple(_queue(wording, row) for row in queues)


def _queue(wording: Wording, row: QueueRow) -> tuple[str, Tone]:
    name, n = row.queue.name, wording.words.n
    if row.waiting is None:
        return wording.words.t("{queue}: not known", queue=name), Tone.NEUTRAL
    if row.waiting == 0:
        return wording.words.t("{queue}: nobody waits", queue=name), Tone.GOOD
    if row.at_least:
        return wording.words.t("{queue}: callers wait", queue=name), Tone.WARNING
    return n("{queue}: {count} waits", "{queue}: {count} wait", row.waiting, queue=name), Tone.WARNING


def present_help_notices(
    wording: Wording, requests: Iterable[HelpRequest], now: datetime
) -> tuple[Notice, ...]:
    """A banner for each call for help, with one click to listen."""
    t = wording.words.t
    return tuple(
        Notice(
            NoticeKind.HELP,
            Tone.DANGER,
            "help",
            t(
                "{agent} asks for help: {reason}",
                agent=request.name or request.extension,
                reason=request.reason,
            ),
            wording.ago(request.at, now),
            t("Listen"),
            dismissable=True,
            subject=request.extension,
        )
        for request in requests
    )
