"""What can be asked of a running desk from outside: `softphone ctl`, a second start, tests.

The names on the wire and the fields are a promise (docs/ctl.md). Empty `call` means the call that a person
would mean; otherwise a call's id or the unique beginning of one.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from softphone.domain.facts import dataclass
from softphone.domain.recording import RecordingOrder
from softphone.domain.sip_trace import TraceFormat
from softphone.usecases.remote import record_requests as record
from softphone.usecases.remote import team_requests as team
from softphone.usecases.remote.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Request):
    """How everything stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events(Request):
    """How everything stands, and from then on every change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCall(Request):
    """Dial; answered when the call exists here. `account` and `campaign` empty: the usual ones."""

    number: str
    account: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCall(Request):
    """Take a ringing call; answered when it is established, or over."""

    call: str = ""


class RejectHow(StrEnum):
    BUSY = "busy"
    DECLINE = "decline"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCall(Request):
    """Refuse a ringing call (486 or 603), or only stop its ringing here."""

    call: str = ""
    how: RejectHow = RejectHow.BUSY


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Request):
    """End a call in whatever state it is; answered when it is over."""

    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Request):
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Request):
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Request):
    """Mute or un-mute; without `muted` the other way round than now."""

    call: str = ""
    muted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigits(Request):
    """Keypad digits 0-9 A-D * #."""

    digits: str
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Request):
    """Blind transfer to `target`, or attended: connect the call with the other call `to_call`."""

    target: str = ""
    to_call: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Request):
    """Conference of the named calls, or of all established ones."""

    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BeReady(Request):
    """Ready now, or after the call and its wrap-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeNotReady(Request):
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp(Request):
    """Record the outcome and finish; answered when it is committed to the database.

    Empty `code` and `codes`, None and absent answers leave what is there already. `codes` are all outcomes
    where the campaign allows several. `save` False only writes the draft down.
    """

    code: str = ""
    codes: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    note: str | None = None
    callback: datetime | None = None
    callback_number: str = ""
    call: str = ""
    save: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Request):
    """The newest calls and how their outcomes stand."""

    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForRecording(Request):
    """Send the campaign's code for pausing, resuming, starting or stopping the recording of a call."""

    order: RecordingOrder
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink(Request):
    """A second start hands over its tel:, sip: or callto: link, or only asks to show the window."""

    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings(Request):
    """Settings were changed from outside (`softphone provision`): use them as soon as no call is going on.

    `renewed` are accounts whose password has changed.
    """

    renewed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AddAccount(Request):
    """Remember an account, its password in the key store, and register.

    An account of that name is changed: what is empty stays as it was, or has its default.
    """

    account: str
    server: str
    user: str
    password: str
    auth_user: str = ""
    display_name: str = ""
    transport: str = ""
    port: int | None = None
    domain: str = ""
    media_encryption: str = ""
    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    refuse_md5: bool | None = None
    outbound: bool | None = None
    ws_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAccount(Request):
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain(Request):
    """Register at once instead of waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTrace(Request):
    """Write the SIP trace into `file` (the whole path); answered when it is written."""

    file: str
    format: TraceFormat = TraceFormat.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Quit(Request):
    """Un-register and end the softphone."""


REQUESTS: dict[str, type[Request]] = {
    "status": Status,
    "events": Events,
    "call": PlaceCall,
    "answer": AnswerCall,
    "reject": RejectCall,
    "hangup": HangUp,
    "hold": Hold,
    "resume": Resume,
    "mute": Mute,
    "dtmf": SendDigits,
    "recording": AskForRecording,
    "transfer": Transfer,
    "join": Join,
    "ready": BeReady,
    "not-ready": BeNotReady,
    "wrap-up": WrapUp,
    "history": History,
    "records-describe": record.DescribeRecords,
    "records-export": record.ExportRecords,
    "records-purge": record.PurgeRecords,
    "records-rekey": record.RekeyRecords,
    "records-close": record.CloseRecord,
    "records-retry": record.RetryRecord,
    "records-correct": record.CorrectRecord,
    "records-leave": record.LeaveRecord,
    "callbacks": record.Callbacks,
    "callback-done": record.FinishCallback,
    "script": record.ScriptMove,
    "open": OpenLink,
    "read-settings": ReadSettings,
    "account-add": AddAccount,
    "account-remove": RemoveAccount,
    "register": TryAgain,
    "team": team.Team,
    "supervise": team.Supervise,
    "supervise-stop": team.StopSupervising,
    "let-in": team.LetSupervisorIn,
    "help": team.Help,
    "trace-export": ExportTrace,
    "quit": Quit,
}
"""The command's name on the wire."""
