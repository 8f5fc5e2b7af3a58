"""The words of supervision and of the team: modes, alarms, and why a lead was not let in."""

from __future__ import annotations

from softphone.domain.facts import dataclass
from softphone.domain.supervision import SupervisionMode
from softphone.domain.team import Alarm, TeamOrder
from softphone.ui.words import Words, mark


@dataclass(frozen=True, slots=True)
class ModeWords:
    """`wish` is what the lead's button says, `hint` what it does, `heard` who hears the lead then
    (`{agent}`), `badge` what the agent's card says (`{lead}`)."""

    wish: str
    hint: str
    heard: str
    badge: str
    icon: str


MODE = {
    SupervisionMode.LISTEN: ModeWords(
        mark("Listen"),
        mark("You hear both; nobody hears you"),
        mark("You hear {agent} and the customer. Nobody hears you."),
        mark("{lead} listens"),
        "headset",
    ),
    SupervisionMode.WHISPER: ModeWords(
        mark("Whisper"),
        mark("Only the agent hears you; the customer does not"),
        mark("{agent} hears you. The customer does not hear you."),
        mark("{lead} whispers to you"),
        "whisper",
    ),
    SupervisionMode.BARGE: ModeWords(
        mark("Barge in"),
        mark("Everybody hears everybody"),
        mark("{agent} and the customer hear you."),
        mark("{lead} is in the call"),
        "join",
    ),
    SupervisionMode.TAKE_OVER: ModeWords(
        mark("Take over"),
        mark("You talk with the customer; the agent neither hears nor is heard"),
        mark("The customer hears you. {agent} is released: neither heard nor hearing."),
        mark("{lead} has taken over"),
        "take-over",
    ),
}

ALARM = {
    Alarm.HELP: mark("Asks for help"),
    Alarm.LONG_CALL: mark("Long call"),
    Alarm.LONG_WRAP_UP: mark("Long after-call work"),
}
ALARM_ICON = {Alarm.HELP: "help", Alarm.LONG_CALL: "clock", Alarm.LONG_WRAP_UP: "hourglass"}

ORDER = {
    TeamOrder.URGENCY: mark("Most urgent first"),
    TeamOrder.NAME: mark("By name"),
    TeamOrder.STATE: mark("By state"),
    TeamOrder.SINCE: mark("Longest in state first"),
}

HELP_REASONS = (
    mark("Angry caller"),
    mark("Complaint: asks for the team lead"),
    mark("I do not know the answer"),
    mark("Technical problem"),
)
"""Offered on the help button; anything else is typed."""

TROUBLE = {
    "403": mark("Refused: {agent}'s phone does not let you in. The attempt has been recorded there."),
    "404": mark("Refused: the telephone system does not know {agent}."),
    "408": mark("{agent}'s phone did not answer in time."),
    "480": mark("Refused: {agent} is on no call."),
    "486": mark("Refused: {agent}'s phone is busy with other calls."),
    "501": mark(
        "This telephone system does not pass your wish on to {agent}'s phone. "
        "Supervision needs the telephone system's feature codes here: ask your IT."
    ),
    "603": mark("Refused: {agent} did not allow it."),
    "connection_lost": mark("The connection was lost. Nobody hears you."),
    "unrecorded": mark("The record of supervision cannot be written now. You have left the call."),
    "not_registered": mark("You are not registered; no call can be placed."),
}
OTHER_TROUBLE = mark("Refused by the telephone system (code {code}).")


def trouble_words(words: Words, trouble: str, agent: str) -> str:
    """Why listening, or the change of mode, did not come about; empty for no trouble."""
    if not trouble:
        return ""
    known = TROUBLE.get(trouble)
    return words.t(known, agent=agent) if known else words.t(OTHER_TROUBLE, code=trouble)
