"""The stage: the place of fixed size in which it rings, talks and ends, so that nothing ever jumps."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.address import PhoneNumber
from softphone.domain.agent_state import AgentState, AgentStatus
from softphone.domain.audio import MediaQuality
from softphone.domain.call import CallState, CallView, Direction, EndCause
from softphone.domain.campaign import Campaign
from softphone.domain.customer import Lookup
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.ui.formats import duration
from softphone.ui.presenters.customer import match_line
from softphone.ui.presenters.line_quality import present_level
from softphone.ui.presenters.phrases import BAD_INPUT, END_CAUSE, reason_words
from softphone.ui.presenters.protection import call_protection
from softphone.ui.presenters.recording import RecordingView, present_recording
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import mark
from softphone.usecases.calls.recording import CallRecording


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What presenters need of one call beside its state."""

    call: CallView
    number: PhoneNumber
    campaign: Campaign | None
    lookup: Lookup
    quality: MediaQuality | None = None
    barred: bool = False
    """It rings, but an outcome has to be completed before it may be answered."""
    recording: CallRecording | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """Who is called and who is calling; the same on every card of a call."""

    company: str
    colour: str
    queue: str
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class RingingView:
    call_id: CallId
    heading: Heading
    greeting: str
    match: str
    match_tone: Tone
    match_icon: str
    silenced: bool
    busy: bool
    """Answering or declining is under way; the buttons are off."""
    spoken: str
    recording: RecordingView | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A small fact with an icon: line quality, encryption."""

    icon: str
    text: str
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class TalkingView:
    call_id: CallId
    heading: Heading
    state: str
    state_tone: Tone
    timer: str
    signs: tuple[Sign, ...]
    established: bool
    muted: bool
    held: bool
    keypad: bool
    ending: bool
    recording: RecordingView | None = None


@dataclass(frozen=True, slots=True)
class EndedView:
    """The last call, over. `call_again` is what to dial, empty if there is nothing to dial."""

    call_id: CallId
    heading: Heading
    text: str
    tone: Tone
    detail: str
    call_again: str
    wrap_up_open: bool


@dataclass(frozen=True, slots=True)
class IdleView:
    tone: Tone
    icon: str
    headline: str
    detail: str
    offer_ready: bool


Stage = RingingView | TalkingView | EndedView | IdleView


def heading(wording: Wording, facts: CallFacts) -> Heading:
    customer = facts.lookup.chosen.name if facts.lookup.chosen else ""
    name, number = wording.party(facts.call.party, facts.number, customer)
    company = facts.campaign.name if facts.campaign else _without_campaign(wording, facts.call)
    colour = facts.campaign.colour if facts.campaign else ""
    return Heading(company, colour, facts.call.queue, name, number)


def _without_campaign(wording: Wording, call: CallView) -> str:
    if call.direction is Direction.OUTBOUND:
        return wording.words.t("Outgoing call")
    dnis = call.invitation.dnis or call.invitation.to_user
    return wording.words.t("Call to {number}", number=dnis) if dnis else wording.words.t("Incoming call")


def present_ringing(wording: Wording, facts: CallFacts) -> RingingView:
    call, top = facts.call, heading(wording, facts)
    tone, icon, match = match_line(wording, facts.lookup)
    greeting = facts.campaign.greeting if facts.campaign else ""
    if call.silenced:
        greeting = wording.words.t("Silenced here. The caller still hears it ringing.")
    if facts.barred:
        greeting = wording.words.t(BAD_INPUT["outcome_first"])
    spoken = wording.words.t("Incoming call for {company} from {name}", company=top.company, name=top.name)
    busy = call.answering or call.ending
    recording = present_recording(wording, facts.recording, call.started_at)
    return RingingView(call.id, top, greeting, match, tone, icon, call.silenced, busy, spoken, recording)


def present_talking(wording: Wording, facts: CallFacts, now: datetime) -> TalkingView:
    call = facts.call
    text, tone = _talking_state(wording, call)
    established = call.state is CallState.ESTABLISHED
    return TalkingView(
        call.id,
        heading(wording, facts),
        text,
        tone,
        duration(call.talk_seconds(now)) if established else "",
        _signs(wording, facts) if established else (),
        established and not call.ending,
        call.muted,
        call.local_hold,
        (established or call.state is CallState.EARLY) and not call.ending,
        call.ending,
        present_recording(wording, facts.recording, now),
    )


_PROGRESS = {
    CallState.OUTGOING: mark("Dialling …"),
    CallState.RINGING: mark("It is ringing there …"),
    CallState.EARLY: mark("Announcement of the other side"),
}


def _talking_state(wording: Wording, call: CallView) -> tuple[str, Tone]:
    conditions = (
        (call.ending, mark("Hanging up …"), Tone.NEUTRAL),
        (bool(call.transfer_code), mark("Transferring …"), Tone.ACCENT),
        (call.state in _PROGRESS, _PROGRESS.get(call.state, ""), Tone.NEUTRAL),
        (call.local_hold, mark("On hold: neither of you hears the other"), Tone.WARNING),
        (call.remote_hold, mark("The other side has put you on hold"), Tone.WARNING),
        (call.muted, mark("Muted: the other side cannot hear you"), Tone.WARNING),
        (True, mark("Connected"), Tone.GOOD),
    )
    text, tone = next((text, tone) for holds, text, tone in conditions if holds)
    return wording.words.t(text), tone


def _signs(wording: Wording, facts: CallFacts) -> tuple[Sign, ...]:
    signs = []
    if facts.quality is not None and facts.quality.mos:
        signs.append(Sign(*present_level(wording, facts.quality)))
    protection = call_protection(wording.words, facts.call.media)
    if protection is not None:
        text, tone = protection
        signs.append(Sign("lock" if tone is Tone.GOOD else "lock-open", text, tone))
    return tuple(signs)


_QUIET_ENDS = frozenset({EndCause.NORMAL, EndCause.UNKNOWN, EndCause.TRANSFERRED, EndCause.CANCELLED})


def present_ended(wording: Wording, facts: CallFacts, wrap_up_open: bool) -> EndedView:
    call, words = facts.call, wording.words
    cause = call.end_cause or EndCause.UNKNOWN
    quiet = cause in _QUIET_ENDS
    text = words.t(END_CAUSE[cause])
    if cause is EndCause.NORMAL:
        text = words.t("You hung up") if call.ended_by_us else words.t("The other side hung up")
    code = words.t("Code {code}", code=call.sip_code) if call.sip_code >= 400 and not quiet else ""
    talked = words.t(
        "{duration} talked", duration=duration(call.talk_seconds(call.ended_at or call.started_at))
    )
    dialable = call.party.user if not call.party.anonymous else ""
    return EndedView(
        call.id,
        heading(wording, facts),
        text,
        Tone.NEUTRAL if quiet else Tone.WARNING,
        words.join((talked if call.talked else "", code)),
        dialable,
        wrap_up_open,
    )


def present_idle(wording: Wording, status: AgentStatus) -> IdleView:
    t = wording.words.t
    match status.state:
        case AgentState.READY:
            return IdleView(Tone.GOOD, "headset", t("You are ready"), t("Calls will ring here."), False)
        case AgentState.OFFLINE:
            return IdleView(
                Tone.NEUTRAL,
                "sign-out",
                t("You are offline"),
                t("Calls arrive once the telephone system has let you in."),
                False,
            )
        case _:
            reason = reason_words(wording.words, status.reason) if status.reason else ""
            headline = wording.words.join((t("You are not ready"), reason))
            return IdleView(Tone.WARNING, "break", headline, t("No calls are offered to you."), True)
