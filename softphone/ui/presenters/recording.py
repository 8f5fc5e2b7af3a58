"""Whether a call is recorded: the words, the reminder and the one thing that can be asked for."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.facts import dataclass
from softphone.domain.recording import RecordingOrder, RecordingPolicy, RecordingState
from softphone.ui.formats import duration
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import mark
from softphone.usecases.calls.recording import CallRecording


@dataclass(frozen=True, slots=True)
class RecordingView:
    """`say` is what the agent must announce, empty when there is nothing; `action` the button's words, empty
    when nothing can be asked for."""

    icon: str
    text: str
    tone: Tone
    say: str
    action: str
    action_short: str
    action_icon: str
    paused: bool


_ACTIONS = {
    RecordingOrder.PAUSE: mark("Pause recording"),
    RecordingOrder.RESUME: mark("Resume recording"),
    RecordingOrder.START: mark("Start recording"),
    RecordingOrder.STOP: mark("Stop recording"),
}
_ICONS = {
    RecordingOrder.PAUSE: "hold",
    RecordingOrder.RESUME: "resume",
    RecordingOrder.START: "record",
    RecordingOrder.STOP: "record-off",
}
_AT_FIRST = {
    (RecordingPolicy.NOT_RECORDED, RecordingState.OFF): mark("This call is not recorded"),
    (RecordingPolicy.RECORDED, RecordingState.RUNNING): mark("This call is recorded"),
    (RecordingPolicy.ON_REQUEST, RecordingState.OFF): mark("Not recorded until you start it"),
}
_ASKED = {
    (RecordingPolicy.RECORDED, RecordingState.RUNNING): mark(
        "Recorded again: the telephone system was asked to resume"
    ),
    (RecordingPolicy.ON_REQUEST, RecordingState.RUNNING): mark(
        "Recorded: the telephone system was asked to start"
    ),
    (RecordingPolicy.ON_REQUEST, RecordingState.OFF): mark(
        "Not recorded: the telephone system was asked to stop"
    ),
}


def present_recording(wording: Wording, how: CallRecording | None, now: datetime) -> RecordingView | None:
    """None where nothing is stated about the campaign's calls."""
    if how is None:
        return None
    words, paused = wording.words, how.state is RecordingState.PAUSED
    possible = how.possible
    return RecordingView(
        "hold" if paused else "record" if how.state is RecordingState.RUNNING else "record-off",
        _text(wording, how, now),
        Tone.WARNING if paused else Tone.NEUTRAL,
        "" if how.since else how.rules.say,
        words.t(_ACTIONS[possible]) if possible else "",
        _short(wording, possible),
        _ICONS[possible] if possible else "",
        paused,
    )


def _short(wording: Wording, order: RecordingOrder | None) -> str:
    """For a narrow button beside the text that says what it is about."""
    c = wording.words.c
    match order:
        case RecordingOrder.PAUSE:
            return c("recording", "Pause")
        case RecordingOrder.RESUME:
            return c("recording", "Resume")
        case RecordingOrder.START:
            return c("recording", "Start")
        case RecordingOrder.STOP:
            return c("recording", "Stop")
        case None:
            return ""


def _text(wording: Wording, how: CallRecording, now: datetime) -> str:
    t = wording.words.t
    if how.state is RecordingState.PAUSED and how.since:
        seconds = max((now - how.since).total_seconds(), 0)
        return t(
            "Recording paused for {duration}: the telephone system was asked to pause",
            duration=duration(seconds),
        )
    key = (how.rules.policy, how.state)
    words = _ASKED.get(key, "") if how.since else _AT_FIRST.get(key, "")
    return t(words or _AT_FIRST[how.rules.policy, how.rules.at_first])
