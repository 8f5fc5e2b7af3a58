"""What can be asked about records, callbacks and the script. Names and fields are a promise (docs/ctl.md)."""

from __future__ import annotations

from softphone.domain.facts import dataclass
from softphone.usecases.remote.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRequest(Request):
    """Root of what concerns records, callbacks and the script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeRecords(RecordsRequest):
    """Numbers and states of the database, nothing of any customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRecords(RecordsRequest):
    """Every record with its states and times, nothing of any customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeRecords(RecordsRequest):
    """Forget settled records older than `days`; without a number as the settings say."""

    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RekeyRecords(RecordsRequest):
    """Encrypt the database with a new key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRecord(RecordsRequest):
    """Close a record that the CRM does not take, where the company lets this desk; answered when done."""

    call: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRecord(RecordsRequest):
    """Send a record that waits or was refused now."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectRecord(RecordsRequest):
    """Open the outcome of a saved record again; `wrap-up` of that call changes and saves it. What the CRM has
    is changed there, what it has refused is sent again."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRecord(RecordsRequest):
    """Give a correction up; the record is as it was."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks(RecordsRequest):
    """The promises to call back, the earliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishCallback(RecordsRequest):
    """The callback promised in that call is done."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptMove(RecordsRequest):
    """Where the script of a call stands; first take an answer, the next step, or one back."""

    call: str = ""
    answer: str | None = None
    next: bool = False
    back: bool = False
