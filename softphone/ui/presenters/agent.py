"""The agent's state: what it is, since when, what comes next, and what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from softphone.domain.agent_state import MISSED_OFFER_REASON, AgentState, AgentStatus
from softphone.domain.facts import dataclass
from softphone.domain.settings import NotReadyReason
from softphone.ui.formats import duration
from softphone.ui.presenters.phrases import AGENT_STATE, reason_words
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone

_TONE = {
    AgentState.OFFLINE: Tone.NEUTRAL,
    AgentState.READY: Tone.GOOD,
    AgentState.NOT_READY: Tone.WARNING,
    AgentState.ON_CALL: Tone.ACCENT,
    AgentState.AFTER_CALL_WORK: Tone.ACCENT,
}


@dataclass(frozen=True, slots=True)
class StateChoice:
    """One line of the menu. `reason` None means Ready."""

    label: str
    reason: str | None
    chosen: bool
    tone: Tone


@dataclass(frozen=True, slots=True)
class AgentView:
    tone: Tone
    label: str
    detail: str
    timer: str
    choices: tuple[StateChoice, ...]
    spoken: str
    """The whole in one sentence, for screen readers."""


def present_agent(
    wording: Wording,
    status: AgentStatus,
    since: datetime,
    reasons: Sequence[NotReadyReason],
    now: datetime,
) -> AgentView:
    t = wording.words.t
    label, detail = t(AGENT_STATE[status.state]), ""
    if status.state is AgentState.NOT_READY and status.reason:
        detail = reason_words(wording.words, status.reason)
    elif status.next_is_queued:
        detail = t("then: {state}", state=_choice_words(wording, status))
    timer = duration((now - since).total_seconds()) if status.state is not AgentState.OFFLINE else ""
    return AgentView(
        _TONE[status.state],
        label,
        detail,
        timer,
        _choices(wording, status, reasons),
        wording.words.join((t("Your state: {state}", state=label), detail)),
    )


def _choice_words(wording: Wording, status: AgentStatus) -> str:
    if status.chosen is AgentState.NOT_READY and status.reason:
        return reason_words(wording.words, status.reason)
    return wording.words.t(AGENT_STATE[status.chosen])


def _choices(
    wording: Wording, status: AgentStatus, reasons: Sequence[NotReadyReason]
) -> tuple[StateChoice, ...]:
    t = wording.words.t
    ready = StateChoice(t("Ready"), None, status.chosen is AgentState.READY, Tone.GOOD)
    names = [r.name for r in reasons] or [""]
    away = status.chosen is AgentState.NOT_READY
    rest = [
        StateChoice(
            reason_words(wording.words, name) or t("Not ready"),
            name,
            away and status.reason == name and name != MISSED_OFFER_REASON,
            Tone.WARNING,
        )
        for name in names
    ]
    return (ready, *rest)
