"""The lead's own listening: at every moment in words who can hear whom, and what can be chosen next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from softphone.domain.facts import dataclass
from softphone.domain.supervision import HEARD, Supervision, SupervisionMode, SupervisionState, Voice
from softphone.ui.formats import duration
from softphone.ui.presenters.team_words import MODE, trouble_words
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import mark


@dataclass(frozen=True, slots=True)
class HearingView:
    """`pairs` are speaker and listener of every connection; a connection that is being made or ended is in
    `maybe`. `names` are how the three are called."""

    pairs: frozenset[tuple[Voice, Voice]]
    maybe: frozenset[tuple[Voice, Voice]]
    names: tuple[tuple[Voice, str], ...]
    spoken: str


@dataclass(frozen=True, slots=True)
class ModeChoice:
    mode: SupervisionMode
    text: str
    hint: str
    icon: str
    chosen: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class SupervisionView:
    title: str
    timer: str
    sentence: str
    tone: Tone
    microphone: str
    microphone_icon: str
    microphone_tone: Tone
    trouble: str
    hearing: HearingView
    choices: tuple[ModeChoice, ...]
    live: bool


def present_supervision(
    wording: Wording,
    supervision: Supervision,
    agent: str,
    modes: Sequence[SupervisionMode],
    now: datetime,
) -> SupervisionView:
    t = wording.words.t
    heard = bool(supervision.lead_is_heard_by())
    live = supervision.live
    sentence, tone = _sentence(wording, supervision, agent)
    timer = duration((now - supervision.since).total_seconds()) if live else ""
    return SupervisionView(
        t(_TITLE[supervision.state], agent=agent),
        timer,
        sentence,
        tone,
        t("Your microphone is on") if heard else t("Your microphone is off"),
        "microphone" if heard else "mute",
        Tone.DANGER if heard else Tone.NEUTRAL,
        trouble_words(wording.words, supervision.trouble, agent),
        _hearing(wording, supervision, agent, sentence),
        tuple(_choice(wording, supervision, mode) for mode in SupervisionMode if mode in modes),
        live,
    )


_TITLE = {
    SupervisionState.CALLING: mark("Calling {agent}'s phone …"),
    SupervisionState.ACTIVE: mark("On {agent}'s call"),
    SupervisionState.CHANGING: mark("On {agent}'s call"),
    SupervisionState.ENDED: mark("No longer on {agent}'s call"),
}

_TONE = {
    SupervisionMode.LISTEN: Tone.NEUTRAL,
    SupervisionMode.WHISPER: Tone.ACCENT,
    SupervisionMode.BARGE: Tone.WARNING,
    SupervisionMode.TAKE_OVER: Tone.WARNING,
}

_CHANGING = mark("Changing to: {mode}. Until that is confirmed, take it that you may be heard as before.")
_OPENING = mark("Changing to: {mode}. Take it that you are heard already.")


def _sentence(wording: Wording, supervision: Supervision, agent: str) -> tuple[str, Tone]:
    t = wording.words.t
    match supervision.state:
        case SupervisionState.CALLING:
            return t("Nobody hears you, and you hear nobody yet."), Tone.NEUTRAL
        case SupervisionState.ENDED:
            return t("Nobody hears you."), Tone.NEUTRAL
        case SupervisionState.CHANGING:
            wish = t(MODE[supervision.wanted].wish)
            text = _OPENING if supervision.wanted.lead_speaks else _CHANGING
            return t(text, mode=wish), Tone.WARNING
        case _:
            return t(MODE[supervision.mode].heard, agent=agent), _TONE[supervision.mode]


def _hearing(wording: Wording, supervision: Supervision, agent: str, sentence: str) -> HearingView:
    pairs: frozenset[tuple[Voice, Voice]] = frozenset()
    maybe: frozenset[tuple[Voice, Voice]] = frozenset()
    if supervision.state in (SupervisionState.ACTIVE, SupervisionState.CHANGING):
        before, after = HEARD[supervision.mode], HEARD[supervision.wanted]
        pairs, maybe = before & after, before ^ after
    elif supervision.state is SupervisionState.CALLING:
        pairs = HEARD[SupervisionMode.LISTEN] - {(Voice.CUSTOMER, Voice.LEAD), (Voice.AGENT, Voice.LEAD)}
    t = wording.words.t
    names = ((Voice.CUSTOMER, t("Customer")), (Voice.AGENT, agent), (Voice.LEAD, t("You")))
    return HearingView(pairs, maybe, names, t("Who hears whom: {sentence}", sentence=sentence))


def _choice(wording: Wording, supervision: Supervision, mode: SupervisionMode) -> ModeChoice:
    words = MODE[mode]
    at_rest = supervision.state is SupervisionState.ACTIVE
    going_there = supervision.state is SupervisionState.CHANGING and supervision.wanted is mode
    chosen = (at_rest and supervision.mode is mode) or going_there
    can = supervision.state in (SupervisionState.ACTIVE, SupervisionState.CHANGING)
    return ModeChoice(mode, wording.words.t(words.wish), wording.words.t(words.hint), words.icon, chosen, can)
