"""What has happened around supervision, the team and the audit log; beside `domain.events`.

The first part crosses the pipe from the engine; the second is published by use cases for presenters and
`softphone ctl events`.
"""

from __future__ import annotations

from datetime import datetime

from softphone.domain.audit import AuditEntry
from softphone.domain.call import Party
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import (
    HelpRequest,
    Supervision,
    SupervisionMode,
    SupervisionRefusal,
    Supervisor,
)
from softphone.domain.team import AgentPresence, QueueRow, TeamRow

# --- from the engine: at the agent's phone ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupervisorArrived(Event):
    """A lead is on this phone, or (`asks`) waits to be let in. `call_id` names the lead's own leg, which is
    never announced as a call."""

    call_id: CallId
    account_id: AccountId
    lead: Party
    mode: SupervisionMode
    at: datetime
    asks: bool = False


@dataclass(frozen=True, slots=True)
class SupervisorChangedMode(Event):
    """From this moment the sound goes as `mode` says; also sent when a lead who asked was let in."""

    call_id: CallId
    mode: SupervisionMode
    at: datetime


@dataclass(frozen=True, slots=True)
class SupervisorLeft(Event):
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True)
class SupervisionTurnedAway(Event):
    """Somebody tried and was refused with 403 (or another status); `claimed` is who they say they are, with
    `asserted` as the server has it. `mode` None: what they asked for is not one."""

    account_id: AccountId
    claimed: Party
    reason: SupervisionRefusal
    at: datetime
    mode: SupervisionMode | None = None


# --- from the engine: at the lead's phone ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupervisionModeConfirmed(Event):
    """The agent's phone has changed to `mode`."""

    call_id: CallId
    mode: SupervisionMode


@dataclass(frozen=True, slots=True)
class SupervisionModeDenied(Event):
    """The agent's phone did not; the mode before stays in force."""

    call_id: CallId
    mode: SupervisionMode
    sip_code: int = 0


# --- from the engine: messages and presence --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpSignalled(Event):
    """A MESSAGE asked for help (`reason`) or took the request back (`over`)."""

    account_id: AccountId
    sender: Party
    reason: str
    at: datetime
    over: bool = False


@dataclass(frozen=True, slots=True)
class MessageAnswered(Event):
    """How a MESSAGE of ours ended: the final status, 408 if none came."""

    message_id: str
    sip_code: int


@dataclass(frozen=True, slots=True)
class PresenceChanged(Event):
    """What a watched agent publishes now; None: nothing is known."""

    account_id: AccountId
    target: str
    presence: AgentPresence | None


# --- from use cases --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupervisionChanged(Event):
    """The lead's own listening as it stands."""

    supervision: Supervision


@dataclass(frozen=True, slots=True)
class SupervisorsChanged(Event):
    """Who is on this agent's call, those the agent may see; empty: nobody."""

    supervisors: tuple[Supervisor, ...]


@dataclass(frozen=True, slots=True)
class TeamChanged(Event):
    """These rows of the team changed; `rows` empty: the whole team is another (settings, sources lost)."""

    rows: tuple[TeamRow, ...] = ()
    queues: tuple[QueueRow, ...] = ()


@dataclass(frozen=True, slots=True)
class HelpChanged(Event):
    """The lead's side: requests that are open, newest last."""

    requests: tuple[HelpRequest, ...]


@dataclass(frozen=True, slots=True)
class OwnHelpChanged(Event):
    """The agent's side: the open request (None: none), which leads' phones took it, which did not."""

    reason: str = ""
    reached: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditFailed(Event):
    """The audit log cannot be written now; entries are kept in memory and written when it can."""

    detail: str
    kept: int


@dataclass(frozen=True, slots=True)
class AuditOpened(Event):
    """The audit log is open and its keys are at hand: what is recorded from now on reaches the disk."""


@dataclass(frozen=True, slots=True)
class AuditRecorded(Event):
    """An entry is on disk and sealed."""

    entry: AuditEntry
    number: int
