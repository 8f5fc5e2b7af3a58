"""A team lead on an agent's call: modes, who hears whom, what the agent is told, and what both sides know.

Two ways lead there: feature codes of the telephone system (`FeatureCodes`, data), or directly, when the
lead's phone calls the agent's and the agent's engine mixes. The rules are the same, and one is above all
others: the customer hears the lead only in `BARGE` and `TAKE_OVER`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.call import Party
from softphone.domain.errors import WrongState
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId, CallId


class SupervisionMode(StrEnum):
    """What a lead does on an agent's call."""

    LISTEN = "listen"
    """The lead hears both; nobody hears the lead."""
    WHISPER = "whisper"
    """The agent alone hears the lead as well."""
    BARGE = "barge"
    """All hear all."""
    TAKE_OVER = "take_over"
    """Lead and customer talk; the agent is released: neither heard nor hearing."""

    @property
    def lead_speaks(self) -> bool:
        """Whether anybody hears the lead; the lead's microphone is off otherwise."""
        return self is not SupervisionMode.LISTEN


class Voice(StrEnum):
    """Who takes part in a supervised call."""

    CUSTOMER = "customer"
    AGENT = "agent"
    LEAD = "lead"


_C, _A, _L = Voice.CUSTOMER, Voice.AGENT, Voice.LEAD
_TALK = frozenset({(_C, _A), (_A, _C)})
_LISTEN = _TALK | {(_C, _L), (_A, _L)}

HEARD: Mapping[SupervisionMode, frozenset[tuple[Voice, Voice]]] = {
    SupervisionMode.LISTEN: _LISTEN,
    SupervisionMode.WHISPER: _LISTEN | {(_L, _A)},
    SupervisionMode.BARGE: _LISTEN | {(_L, _A), (_L, _C)},
    SupervisionMode.TAKE_OVER: frozenset({(_C, _L), (_L, _C)}),
}
"""Speaker and listener of every pair that is connected."""


def hears(mode: SupervisionMode, listener: Voice, speaker: Voice) -> bool:
    """Whether `listener` hears `speaker` in that mode."""
    return (speaker, listener) in HEARD[mode]


class Notice(StrEnum):
    """What the agent is told when a lead comes in; policy decides, where the law allows it."""

    BADGE = "badge"
    BADGE_AND_TONE = "badge_and_tone"
    ASK = "ask"
    """The agent must allow it first."""
    SILENT = "silent"


class Role(StrEnum):
    """Who sits at this desk."""

    AGENT = "agent"
    LEAD = "lead"


DIRECT = "direct"
"""Name of the way without feature codes."""


@dataclass(frozen=True, slots=True)
class SupervisionPolicy:
    """What a phone allows: `leads` are user parts, or user@domain, that the server must assert.

    While its use could not be recorded (`recordable`) nobody supervises, whoever they are.
    """

    leads: tuple[str, ...] = ()
    notice: Notice = Notice.BADGE
    modes: tuple[SupervisionMode, ...] = tuple(SupervisionMode)
    recordable: bool = True

    def names(self, lead: Party, own_hosts: frozenset[str]) -> bool:
        """Whether `lead`, as asserted by our server, is one; anonymous or only claimed names never are.

        A bare user part means one of our own server's domains, `own_hosts`.
        """
        if not lead.asserted or lead.anonymous or not lead.user:
            return False
        known = {name.strip().lower() for name in self.leads}
        user, host = lead.user.lower(), lead.host.lower()
        return f"{user}@{host}" in known or (user in known and host in {h.lower() for h in own_hosts})


class SupervisionRefusal(StrEnum):
    """Why a phone let nobody in. The ui has words for each."""

    NOT_ASSERTED = "not_asserted"
    """The server did not say who calls."""
    NOT_A_LEAD = "not_a_lead"
    MODE_FORBIDDEN = "mode_forbidden"
    UNRECORDED = "unrecorded"
    """The audit log cannot be written now."""
    NO_CALL = "no_call"
    """The agent is on no call."""
    DECLINED = "declined"
    """The agent did not allow it."""
    BUSY = "busy"
    """The phone carries as many calls as it can."""
    MALFORMED = "malformed"
    NOT_SUPERVISED = "not_supervised"
    """A change of mode inside a call that is no supervision."""


class SupervisionState(StrEnum):
    """A supervision as the lead's desk sees it."""

    CALLING = "calling"
    ACTIVE = "active"
    CHANGING = "changing"
    """Another mode was asked for and is not confirmed yet."""
    ENDED = "ended"


_NEXT: dict[SupervisionState, frozenset[SupervisionState]] = {
    SupervisionState.CALLING: frozenset({SupervisionState.ACTIVE, SupervisionState.ENDED}),
    SupervisionState.ACTIVE: frozenset({SupervisionState.CHANGING, SupervisionState.ENDED}),
    SupervisionState.CHANGING: frozenset({SupervisionState.ACTIVE, SupervisionState.ENDED}),
    SupervisionState.ENDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Supervision:
    """What a lead's desk knows of its own listening. `extension` is the agent's.

    `mode` is in force, `wanted` the one asked for; they differ while it is being changed. `trouble` says why
    the last attempt or change failed: a refusal's name or a SIP status.
    """

    call_id: CallId
    extension: str
    mode: SupervisionMode
    wanted: SupervisionMode
    since: datetime
    way: str = DIRECT
    state: SupervisionState = SupervisionState.CALLING
    trouble: str = ""

    def advance(self, state: SupervisionState, **facts: object) -> Supervision:
        """Move to `state`; news of one that has ended changes nothing; the impossible raises."""
        if self.state is SupervisionState.ENDED:
            return self
        if state is not self.state and state not in _NEXT[self.state]:
            raise WrongState("supervision", f"{self.state} cannot become {state}")
        return replace(self, state=state, **facts)  # type: ignore[arg-type]  # fields by name

    @property
    def live(self) -> bool:
        return self.state is not SupervisionState.ENDED

    def lead_is_heard_by(self) -> frozenset[Voice]:
        """Who can hear the lead right now: while a change is under way, by either mode (never too few)."""
        if self.state in (SupervisionState.CALLING, SupervisionState.ENDED):
            return frozenset()
        modes = {self.mode, self.wanted}
        return frozenset(voice for mode in modes for voice in (_A, _C) if hears(mode, voice, _L))


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A lead on this agent's call, as the agent's desk sees it. `call_id` names the lead's own leg.

    `asks` until the agent has allowed it (`Notice.ASK`); nothing is heard before.
    """

    call_id: CallId
    account_id: AccountId
    lead: Party
    mode: SupervisionMode
    since: datetime
    notice: Notice = Notice.BADGE
    asks: bool = False

    @property
    def shown(self) -> bool:
        """Whether the agent may see it."""
        return self.notice is not Notice.SILENT


@dataclass(frozen=True, slots=True)
class FeatureCodes:
    """How a telephone system is told to let a lead in: what to dial, and what to press meanwhile.

    `{extension}` in a code stands for the agent's. A mode that is in neither map is not offered. With
    `switch` all modes of that map are reached by digits inside one call; a mode that only `start` has needs a
    new call, which is placed before the old one ends.
    """

    name: str
    start: Mapping[SupervisionMode, str] = field(default_factory=dict)
    switch: Mapping[SupervisionMode, str] = field(default_factory=dict)

    @property
    def modes(self) -> tuple[SupervisionMode, ...]:
        return tuple(m for m in SupervisionMode if m in self.start or m in self.switch)

    def number(self, mode: SupervisionMode, extension: str) -> str:
        """What to dial for `mode`; empty when no code begins with it."""
        return self.start.get(mode, "").replace("{extension}", extension)

    def opening(self, mode: SupervisionMode) -> SupervisionMode | None:
        """With which mode a session that is to reach `mode` begins, None when it cannot be reached."""
        if mode in self.start:
            return mode
        if mode in self.switch:
            return next(iter(self.start), None)
        return None

    def reached_by_key(self, now: SupervisionMode, wanted: SupervisionMode) -> bool:
        """Whether a digit inside the call that is in mode `now` leads to `wanted`. A mode that has a code of
        its own and no digit is another kind of call, which would hear the digit as a noise."""
        return now in self.switch and wanted in self.switch

    def is_one(self, number: str) -> bool:
        """Whether somebody who dials `number` asks to supervise: it begins like a code."""
        heads = (code.partition("{extension}")[0] for code in self.start.values())
        return any(head and number.startswith(head) and number != head for head in heads)


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """An agent asks for a lead."""

    extension: str
    name: str
    reason: str
    at: datetime
    account_id: AccountId | None = None


REASON_LIMIT = 200
"""Characters of a help request's reason."""
