"""The agent's side: who is on the call and how, a lead who asks to be let in, and the agent's own call for
help."""

from __future__ import annotations

from collections.abc import Sequence

from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.supervision import Supervisor
from softphone.domain.team_events import OwnHelpChanged
from softphone.ui.presenters.stage import Sign
from softphone.ui.presenters.team_words import HELP_REASONS, MODE
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A lead waits for the agent's word; nothing is heard before."""

    call_id: CallId
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class HelpView:
    """`offered` whether there is anybody to ask; `open` whether the agent has asked."""

    offered: bool
    open: bool
    button: str
    title: str
    status: str
    tone: Tone
    reasons: tuple[str, ...]


def lead_name(wording: Wording, supervisor: Supervisor) -> str:
    lead = supervisor.lead
    return lead.display_name or lead.user or wording.words.t("Team lead")


def present_badges(wording: Wording, supervisors: Sequence[Supervisor]) -> tuple[Sign, ...]:
    """Who is on the call, as policy lets the agent know it: silent ones are not among `supervisors`."""
    return tuple(_badge(wording, supervisor) for supervisor in supervisors if not supervisor.asks)


def _badge(wording: Wording, supervisor: Supervisor) -> Sign:
    words = MODE[supervisor.mode]
    tone = Tone.WARNING if supervisor.mode.lead_speaks else Tone.ACCENT
    return Sign(words.icon, wording.words.t(words.badge, lead=lead_name(wording, supervisor)), tone)


def present_question(wording: Wording, asking: Supervisor | None) -> QuestionView | None:
    if asking is None:
        return None
    t, words = wording.words.t, MODE[asking.mode]
    text = t("{lead} wants to join this call: {mode}", lead=lead_name(wording, asking), mode=t(words.wish))
    return QuestionView(asking.call_id, text, t("Nobody hears anything before you allow it."))


def present_help(wording: Wording, own: OwnHelpChanged, *, possible: bool) -> HelpView:
    t, n = wording.words.t, wording.words.n
    reasons = tuple(t(reason) for reason in HELP_REASONS)
    if not own.reason:
        return HelpView(possible, False, t("Help"), t("Ask for help"), "", Tone.NEUTRAL, reasons)
    if own.reached:
        status = n("{count} team lead has it.", "{count} team leads have it.", len(own.reached))
        tone = Tone.GOOD
    elif own.waiting:
        status, tone = t("It is on its way …"), Tone.NEUTRAL
    else:
        status, tone = t("No team lead could be reached."), Tone.DANGER
    title = t("You asked for help: {reason}", reason=own.reason)
    return HelpView(True, True, t("Help asked"), title, status, tone, reasons)
