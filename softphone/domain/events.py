"""What has happened, in the past tense. Adapters post these; the pump delivers them on the main thread.

The first part crosses the pipe from the engine (`engine/protocol.py` lists it) and is all that the engine
loads; the last is published by use cases for presenters and `softphone ctl events`. What concerns customers
is in `customer_events` and `crm_events`, outcomes in `wrap_up_events` and `keeping_events`, the team in
`team_events`.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from softphone.domain.account import Registration
from softphone.domain.agent_state import AgentStatus
from softphone.domain.audio import AudioState, MediaQuality, SoundTrial
from softphone.domain.call import CallState, CallView, Direction, EndCause, Invitation, MediaFacts, Party
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId, CallId
from softphone.domain.line_quality import LineFault
from softphone.domain.lines import LineState


class Event:
    """Root of all events."""

    __slots__ = ()


# --- from the engine -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegistrationChanged(Event):
    registration: Registration


@dataclass(frozen=True, slots=True)
class CallArrived(Event):
    """An INVITE rings. `monotonic_ns` is when the edge read it (`time.monotonic_ns`, for figures)."""

    call_id: CallId
    account_id: AccountId
    party: Party
    invitation: Invitation
    at: datetime
    monotonic_ns: int = 0


@dataclass(frozen=True, slots=True)
class CallProgressed(Event):
    """An outbound call rings there or plays early media."""

    call_id: CallId
    state: CallState
    sip_code: int = 0


@dataclass(frozen=True, slots=True)
class CallEstablished(Event):
    call_id: CallId
    at: datetime
    media: MediaFacts = field(default_factory=MediaFacts)


@dataclass(frozen=True, slots=True)
class CallHoldChanged(Event):
    call_id: CallId
    local: bool
    remote: bool


@dataclass(frozen=True, slots=True)
class CallMuteChanged(Event):
    call_id: CallId
    muted: bool


@dataclass(frozen=True, slots=True)
class CallMediaChanged(Event):
    call_id: CallId
    media: MediaFacts


@dataclass(frozen=True, slots=True)
class CallPartyChanged(Event):
    """The other side is now somebody else (attended transfer, RFC 3891, or a new identity in an UPDATE)."""

    call_id: CallId
    party: Party


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """`detail` is the reason phrase or Reason header, cleaned; the ui uses it only beside its own words."""

    call_id: CallId
    cause: EndCause
    at: datetime
    by_us: bool = False
    sip_code: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallTransferProgressed(Event):
    """Status of a transfer that we asked for (RFC 3515); at `final` with a 2xx the call is over for us."""

    call_id: CallId
    sip_code: int
    final: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DtmfReceived(Event):
    call_id: CallId
    digit: str


@dataclass(frozen=True, slots=True)
class MessageWaitingChanged(Event):
    """RFC 3842."""

    account_id: AccountId
    waiting: bool
    new: int = 0
    old: int = 0


@dataclass(frozen=True, slots=True)
class LineStateChanged(Event):
    """A watched line (`Telephone.watch_line`) is now in `state`; `target` as it was asked for.

    Of several calls the most telling one is described: an answered one beats one that rings. `direction` is
    the line's own, None if the server does not say; `remote_number` and `remote_name` are the other side's,
    cleaned and perhaps empty. `since` is when this phone learnt of the state.
    """

    account_id: AccountId
    target: str
    state: LineState
    since: datetime
    direction: Direction | None = None
    remote_number: str = ""
    remote_name: str = ""
    calls: int = 0


@dataclass(frozen=True, slots=True)
class TraceExported(Event):
    """The SIP trace was written into `path`; or not, and why (`problem`, the system's words)."""

    path: str
    messages: int
    problem: str = ""


class RefusalReason(StrEnum):
    UNKNOWN_CALL = "unknown_call"
    WRONG_STATE = "wrong_state"
    TOO_MANY_CALLS = "too_many_calls"
    NOT_REGISTERED = "not_registered"
    BAD_ADDRESS = "bad_address"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CommandRefused(Event):
    """The engine could not carry out a command; nothing changed by it."""

    command: str
    reason: RefusalReason
    call_id: CallId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AudioChanged(Event):
    state: AudioState


@dataclass(frozen=True, slots=True)
class AudioLevelsMeasured(Event):
    """Peak of the last interval in dBFS, -96 for silence."""

    microphone_dbfs: float
    speaker_dbfs: float


@dataclass(frozen=True, slots=True)
class MediaQualityMeasured(Event):
    quality: MediaQuality


@dataclass(frozen=True, slots=True)
class SoundTestChanged(Event):
    """A test of the sound devices began, went on to its next phase, or ended."""

    trial: SoundTrial


@dataclass(frozen=True, slots=True)
class LineWarned(Event):
    """What is wrong with a call's line has lasted, or has changed; `LineFault.NONE`: it is well again.

    `percent` of the sound is missing, where that is the fault; the round trip is in milliseconds.
    """

    call_id: CallId
    fault: LineFault
    percent: float = 0.0
    round_trip_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class EngineFaulted(Event):
    """A bug inside the engine that it survived; for the log and the diagnostics, not for the agent."""

    where: str
    detail: str


# --- from the desk's side of the pipe --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EngineAttached(Event):
    """The pipe to an engine is open. `calls` and `registrations` are what it holds (empty if it is new).

    `restarted` tells that the engine before it died; calls known to the desk and absent here are lost.
    """

    pid: int
    restarted: bool = False
    calls: tuple[CallView, ...] = ()
    registrations: tuple[Registration, ...] = ()
    audio: AudioState = field(default_factory=AudioState)


@dataclass(frozen=True, slots=True)
class EngineLost(Event):
    """The engine died or hangs; another is being started."""

    detail: str = ""
    will_restart: bool = True


# --- from use cases, for presenters and ctl --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallChanged(Event):
    call: CallView


@dataclass(frozen=True, slots=True)
class AgentStatusChanged(Event):
    status: AgentStatus
    since: datetime
