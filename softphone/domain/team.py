"""A team as its lead sees it: who is there, in which state and since when, on which call, who needs help.

Facts come from several sources (the telephone system's dialog events, the agents' own published state, help
requests); what no source tells stays unknown and is shown as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from softphone.domain.agent_state import AgentState
from softphone.domain.facts import dataclass
from softphone.domain.supervision import HelpRequest
from softphone.domain.text import mask_number

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One agent of the team; `extension` is the user part of the SIP address, or user@host."""

    extension: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class WatchedQueue:
    """A queue whose waiting calls the telephone system tells by dialog events for `target`."""

    name: str
    target: str


class NumberShown(StrEnum):
    """How much of a customer's number leaves the agent's phone, and is shown to the lead."""

    FULL = "full"
    MASKED = "masked"
    HIDDEN = "hidden"


def shown_number(number: str, how: NumberShown) -> str:
    """`number` as policy lets it be seen; empty when hidden or anonymous."""
    if not number or how is NumberShown.HIDDEN:
        return ""
    return number if how is NumberShown.FULL else mask_number(number)


class Activity(StrEnum):
    """What an agent's line does, as the telephone system sees it."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class CurrentCall:
    """What is known of the call that an agent is on; what is not known is empty or None."""

    activity: Activity = Activity.TALKING
    since: datetime | None = None
    number: str = ""
    campaign: str = ""
    inbound: bool | None = None


@dataclass(frozen=True, slots=True)
class AgentPresence:
    """What an agent's own phone publishes (RFC 3863 with our extension).

    `state` None: the body said nothing of it that we understand. `help` is the reason of an open help
    request.
    """

    state: AgentState | None = None
    reason: str = ""
    since: datetime | None = None
    call: CurrentCall | None = None
    help: str = ""


class Alarm(StrEnum):
    HELP = "help"
    LONG_CALL = "long_call"
    LONG_WRAP_UP = "long_wrap_up"


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """Seconds; 0 switches an alarm off."""

    long_call_s: int = 600
    long_wrap_up_s: int = 180


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One agent as shown. `state` None is an honest "not known"; `call` None with `line_known` is no call."""

    member: TeamMember
    state: AgentState | None = None
    reason: str = ""
    since: datetime | None = None
    call: CurrentCall | None = None
    line_known: bool = False
    help: HelpRequest | None = None

    @property
    def on_call(self) -> bool:
        return self.call is not None and self.call.activity is not Activity.IDLE

    def alarms(self, now: datetime, limits: AlarmLimits) -> frozenset[Alarm]:
        found = {Alarm.HELP} if self.help is not None else set()
        if self.call is not None and _longer(self.call.since, now, limits.long_call_s):
            found.add(Alarm.LONG_CALL)
        if self.state is AgentState.AFTER_CALL_WORK and _longer(self.since, now, limits.long_wrap_up_s):
            found.add(Alarm.LONG_WRAP_UP)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """`waiting` None: no source tells; `at_least` when the source only says that somebody waits."""

    queue: WatchedQueue
    waiting: int | None = None
    at_least: bool = False


class TeamOrder(StrEnum):
    """How rows are sorted; alarms always come first in `URGENCY`."""

    URGENCY = "urgency"
    NAME = "name"
    STATE = "state"
    SINCE = "since"


_STATE_RANK: dict[AgentState | None, int] = {
    AgentState.ON_CALL: 0,
    AgentState.AFTER_CALL_WORK: 1,
    AgentState.READY: 2,
    AgentState.NOT_READY: 3,
    AgentState.OFFLINE: 4,
    None: 5,
}


@dataclass(frozen=True, slots=True)
class TeamView:
    """What to show: `search` in name, extension, campaign; `states` empty means all; alarms only if
    wished."""

    search: str = ""
    states: frozenset[AgentState | None] = field(default_factory=frozenset)
    alarms_only: bool = False
    order: TeamOrder = TeamOrder.URGENCY

    def arrange(self, rows: Iterable[TeamRow], now: datetime, limits: AlarmLimits) -> tuple[TeamRow, ...]:
        """The rows that are wanted, sorted."""
        wanted = self.search.strip().casefold()
        ranked: list[tuple[tuple[int | float | str, ...], int, TeamRow]] = []
        for row in rows:
            alarms = row.alarms(now, limits)
            if self._fits(row, alarms, wanted):
                ranked.append((self._rank(row, alarms), len(ranked), row))
        ranked.sort()
        return tuple(row for _rank, _place, row in ranked)

    def _fits(self, row: TeamRow, alarms: frozenset[Alarm], wanted: str) -> bool:
        if (self.states and row.state not in self.states) or (self.alarms_only and not alarms):
            return False
        if not wanted:
            return True
        campaign = row.call.campaign if row.call else ""
        return wanted in f"{row.member.name}\n{row.member.extension}\n{campaign}".casefold()

    def _rank(self, row: TeamRow, alarms: frozenset[Alarm]) -> tuple[int | float | str, ...]:
        name = (row.member.name or row.member.extension).casefold()
        if self.order is TeamOrder.NAME:
            return (name,)
        if self.order is TeamOrder.STATE:
            return (_STATE_RANK[row.state], name)
        if self.order is TeamOrder.SINCE:
            return (row.since.timestamp() if row.since else float("inf"), name)
        urgent = 0 if Alarm.HELP in alarms else 1 if alarms else 2
        return (urgent, _STATE_RANK[row.state], name)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What dialog events say of one line."""

    activity: Activity
    since: datetime | None = None
    number: str = ""
    inbound: bool | None = None


class Team:
    """The rows of one team, brought up to date fact by fact; each fact touches one row."""

    def __init__(self, members: Iterable[TeamMember], shown: NumberShown) -> None:
        self._shown = shown
        self._rows = {member.extension: TeamRow(member) for member in members}
        self._lines: dict[str, LineFacts] = {}
        self._presences: dict[str, AgentPresence] = {}
        self._helps: dict[str, HelpRequest] = {}

    @property
    def rows(self) -> tuple[TeamRow, ...]:
        return tuple(self._rows.values())

    def row(self, extension: str) -> TeamRow | None:
        """The member's row; user@host and its bare user part are the same member."""
        return self._rows.get(self._key(extension))

    def note_line(self, extension: str, facts: LineFacts | None) -> bool:
        """The telephone system told of a line (None: it does not tell any more); True if a row changed."""
        return self._note(self._lines, extension, facts)

    def note_presence(self, extension: str, presence: AgentPresence | None) -> bool:
        return self._note(self._presences, extension, presence)

    def note_help(self, request: HelpRequest) -> bool:
        return self._note(self._helps, request.extension, request)

    def forget_help(self, extension: str) -> bool:
        return self._note(self._helps, extension, None)

    def forget_sources(self) -> None:
        """Nothing tells any more: not registered."""
        self._lines.clear()
        self._presences.clear()
        for extension in self._rows:
            self._compose(extension)

    def _key(self, extension: str) -> str:
        if extension in self._rows:
            return extension
        user = extension.partition("@")[0]
        if user in self._rows:
            return user
        return next((known for known in self._rows if known.partition("@")[0] == user), extension)

    def _note(self, facts: dict[str, Fact], extension: str, fact: Fact | None) -> bool:
        key = self._key(extension)
        if key not in self._rows:
            return False
        if fact is None:
            facts.pop(key, None)
        else:
            facts[key] = fact
        return self._compose(key)

    def _compose(self, key: str) -> bool:
        before = self._rows[key]
        line, presence = self._lines.get(key), self._presences.get(key)
        state, reason, since = _state(line, presence)
        after = replace(
            before,
            state=state,
            reason=reason,
            since=since,
            call=_call(line, presence, self._shown),
            line_known=line is not None,
            help=self._helps.get(key) or _published_help(before.member, presence),
        )
        if after == before:
            return False
        self._rows[key] = after
        return True


def _state(
    line: LineFacts | None, presence: AgentPresence | None
) -> tuple[AgentState | None, str, datetime | None]:
    """The agent's own word; where there is none, a busy line is a call, and an idle one tells nothing."""
    if presence is not None and presence.state is not None:
        return presence.state, presence.reason, presence.since
    if line is not None and line.activity in (Activity.TALKING, Activity.HELD):
        return AgentState.ON_CALL, "", line.since
    return None, "", None


def _call(line: LineFacts | None, presence: AgentPresence | None, shown: NumberShown) -> CurrentCall | None:
    """The telephone system knows whether there is a call; the agent's phone knows whose campaign it is."""
    told = presence.call if presence is not None else None
    if told is not None:
        return replace(told, number=shown_number(told.number, shown))
    if line is None or line.activity is Activity.IDLE:
        return None
    return CurrentCall(line.activity, line.since, shown_number(line.number, shown), "", line.inbound)


def _published_help(member: TeamMember, presence: AgentPresence | None) -> HelpRequest | None:
    if presence is None or not presence.help or presence.since is None:
        return None
    return HelpRequest(member.extension, member.name, presence.help, presence.since)


def _longer(since: datetime | None, now: datetime, limit_s: int) -> bool:
    return bool(limit_s) and since is not None and (now - since).total_seconds() > limit_s
