"""What the desk can tell the engine: commands one way; domain events go the other way (`wire.py`).

The desk says `Attach` first. The engine answers with `EngineAttached`, which carries every call and
registration that it holds; a desk that finds calls it does not know simply goes on with them. Passwords cross
the pipe in `OpenAccount` and are kept in the engine's memory only.
"""

from __future__ import annotations

from dataclasses import field

from softphone.domain.account import Account
from softphone.domain.audio import AudioChoice, AudioRole, SoundTest
from softphone.domain.call import DtmfMethod
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId, CallId
from softphone.domain.sip_trace import TraceFormat
from softphone.domain.supervision import SupervisionMode, SupervisionPolicy
from softphone.domain.team import AgentPresence

VERSION = 3


class Command:
    """Root of all commands."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Attach(Command):
    """First message of a desk. An engine of another version answers `EngineFaulted` and closes."""

    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Configure(Command):
    """Settings of the engine that are not per account; may be sent again at any time.

    `ringtone` is the path of a WAV file, empty for the built-in one.
    """

    audio: AudioChoice = field(default_factory=AudioChoice)
    dtmf: DtmfMethod = DtmfMethod.RFC4733
    codecs: tuple[str, ...] = ("G722", "PCMA", "PCMU")
    ringtone: str = ""
    user_agent: str = "softphone"


@dataclass(frozen=True, slots=True, repr=False)
class OpenAccount(Command):
    """Register `account` and keep it registered; replaces an account of the same id."""

    account: Account
    password: str

    def __repr__(self) -> str:
        return f"OpenAccount({self.account!r}, password=…)"


@dataclass(frozen=True, slots=True)
class CloseAccount(Command):
    """Un-register (REGISTER with expires 0) and forget the account and its password."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class RegisterNow(Command):
    """Try at once instead of waiting for the back-off (the agent pressed *Try again*, the PC woke up)."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class PlaceCall(Command):
    """INVITE `target` (digits or a sip: URI); `CallProgressed`, `CallEnded` or `CommandRefused` follows."""

    call_id: CallId
    account_id: AccountId
    target: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerCall(Command):
    """200 OK; other established calls are put on hold first."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class RejectCall(Command):
    """Final refusal of a ringing call: 486 busy here, or 603 decline."""

    call_id: CallId
    sip_code: int = 486


@dataclass(frozen=True, slots=True)
class SilenceRinger(Command):
    """Ignore: no more ringing here, the caller goes on hearing ringback."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class HangUp(Command):
    """End the call in whatever state it is; a call that is already over is no error."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class HoldCall(Command):
    call_id: CallId


@dataclass(frozen=True, slots=True)
class ResumeCall(Command):
    call_id: CallId


@dataclass(frozen=True, slots=True)
class MuteCall(Command):
    call_id: CallId
    muted: bool


@dataclass(frozen=True, slots=True)
class SendDtmf(Command):
    """Digits 0-9 A-D * # as RFC 4733 events, or INFO with application/dtmf-relay; None: as configured."""

    call_id: CallId
    digits: str
    method: DtmfMethod | None = None


@dataclass(frozen=True, slots=True)
class TransferCall(Command):
    """Blind transfer: REFER (RFC 3515) to `target`."""

    call_id: CallId
    target: str


@dataclass(frozen=True, slots=True)
class TransferToCall(Command):
    """Attended transfer: connect the other sides of both calls (REFER with Replaces, RFC 3891)."""

    call_id: CallId
    consultation_id: CallId


@dataclass(frozen=True, slots=True)
class JoinCalls(Command):
    """Three-way conference: all named established calls hear each other and us; the engine mixes."""

    call_ids: tuple[CallId, ...]


@dataclass(frozen=True, slots=True)
class ChooseAudio(Command):
    """Use these devices and gains from now on, in a call too."""

    choice: AudioChoice


@dataclass(frozen=True, slots=True)
class RefreshDevices(Command):
    """Look for sound devices again; answered by `AudioChanged`."""


@dataclass(frozen=True, slots=True)
class SetVolume(Command):
    """Gain of one role in dB, -60 (silent) to +20, at once and without a click."""

    role: AudioRole
    gain_db: float


@dataclass(frozen=True, slots=True)
class WatchLevels(Command):
    """Send `AudioLevelsMeasured` ten times a second while `on`."""

    on: bool


@dataclass(frozen=True, slots=True)
class WatchLine(Command):
    """Follow the calls of a colleague's line (digits or a sip: URI) by `LineStateChanged`, whenever the
    account is registered; once more: tell its state again. A target that is none is refused BAD_ADDRESS."""

    account_id: AccountId
    target: str


@dataclass(frozen=True, slots=True)
class StopWatchingLine(Command):
    """No more news of that line."""

    account_id: AccountId
    target: str


@dataclass(frozen=True, slots=True)
class AllowSupervision(Command):
    """Who may listen to this phone and how; `SupervisorArrived` follows for each lead who is on it
    already."""

    policy: SupervisionPolicy


@dataclass(frozen=True, slots=True)
class Supervise(Command):
    """Call a feature code, or (`direct`) an agent's phone asking it to let us in, with the microphone off."""

    call_id: CallId
    account_id: AccountId
    target: str
    mode: SupervisionMode
    direct: bool = True


@dataclass(frozen=True, slots=True)
class ChangeSupervision(Command):
    """Ask the agent's phone for another mode, in the dialog."""

    call_id: CallId
    mode: SupervisionMode


@dataclass(frozen=True, slots=True)
class OpenMicrophone(Command):
    """Let the lead's microphone into a call of `Supervise`, or not."""

    call_id: CallId
    on: bool


@dataclass(frozen=True, slots=True)
class LetSupervisorIn(Command):
    """The agent's answer to `SupervisorArrived` with `asks`."""

    call_id: CallId
    allowed: bool


@dataclass(frozen=True, slots=True)
class AskForHelp(Command):
    """MESSAGE to a lead, or (`over`) take the request back; `MessageAnswered` follows."""

    message_id: str
    account_id: AccountId
    target: str
    reason: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class TellOfRecord(Command):
    """MESSAGE to another phone of the team about a stuck record; `MessageAnswered` follows."""

    message_id: str
    account_id: AccountId
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class PublishPresence(Command):
    """Tell the telephone system this agent's state and keep it there while registered."""

    account_id: AccountId
    presence: AgentPresence


@dataclass(frozen=True, slots=True)
class WatchPresence(Command):
    """Follow what an agent publishes by `PresenceChanged`; once more: tell it again."""

    account_id: AccountId
    target: str


@dataclass(frozen=True, slots=True)
class StopWatchingPresence(Command):
    """No more news of that agent's state."""

    account_id: AccountId
    target: str


@dataclass(frozen=True, slots=True)
class StartSoundTest(Command):
    """Try the devices without a call; `SoundTestChanged` follows. Refused while a call has sound."""

    test: SoundTest


@dataclass(frozen=True, slots=True)
class StopSoundTest(Command):
    """End the test; no error when there is none."""


@dataclass(frozen=True, slots=True)
class ExportTrace(Command):
    """Write the SIP trace into the file `path`, replacing it; `TraceExported` follows."""

    path: str
    form: TraceFormat


@dataclass(frozen=True, slots=True)
class ShutDown(Command):
    """Hang up, un-register, stop; the desk is being quit by its user."""


@dataclass(frozen=True, slots=True)
class Ping(Command):
    """Answered by `Pong`: the supervisor's proof that the engine's loop turns."""

    number: int


@dataclass(frozen=True, slots=True)
class Pong(Event):
    number: int
