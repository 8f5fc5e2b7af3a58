"""The audit log: what was supervised, refused, changed or closed, as a chain in which nothing can be altered.

Each entry is sealed by HMAC-SHA256 over its number, its text and the seal before it, with a key from the key
store; number and seal of the last one are kept there too (`Head`), so that cutting off the end is noticed.
Whoever holds that user's key store can write a whole log anew: that is why it can be exported off the
computer and why both sides keep one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from softphone.domain.facts import dataclass


class AuditAction(StrEnum):
    SUPERVISION_STARTED = "supervision_started"
    SUPERVISION_ENDED = "supervision_ended"
    SUPERVISION_REFUSED = "supervision_refused"
    """Somebody tried: here, or at a phone that refused us."""
    MODE_CHANGED = "mode_changed"
    MODE_REFUSED = "mode_refused"
    CONSENT_GIVEN = "consent_given"
    CONSENT_DENIED = "consent_denied"
    POLICY_CHANGED = "policy_changed"
    HELP_ASKED = "help_asked"
    HELP_ENDED = "help_ended"
    RECORD_CLOSED = "record_closed"
    """A lead closed the record of a call without delivering it."""
    CLOSING_REFUSED = "closing_refused"
    """Somebody who is no lead, as far as the server says, told this desk to close one."""
    LOG_DAMAGED = "log_damaged"
    """The log was found altered; what follows is a new beginning, what was there is kept."""


class Side(StrEnum):
    """Where the entry was written."""

    AGENT = "agent"
    LEAD = "lead"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened. `actor` did it, `subject` is whom or what it concerns; no customer data.

    `at` is aware. `detail` is a mode, a refusal's name or a reason somebody typed, cleaned.
    """

    at: datetime
    action: AuditAction
    side: Side
    actor: str
    subject: str = ""
    detail: str = ""
    call_id: str = ""

    def text(self) -> str:
        """The canonical form that is sealed, stored and exported."""
        facts = {
            "at": self.at.isoformat(timespec="milliseconds"),
            "action": self.action.value,
            "side": self.side.value,
            "actor": self.actor,
            "subject": self.subject,
            "detail": self.detail,
            "call_id": self.call_id,
        }
        return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


GENESIS = "0" * 64
"""The seal before the first entry."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry in its place: `number` counts from 1."""

    number: int
    text: str
    seal: str


@dataclass(frozen=True, slots=True)
class Head:
    """Number and seal of the last entry, kept apart from the log."""

    number: int = 0
    seal: str = GENESIS

    def line(self) -> str:
        return f"{self.number}:{self.seal}"

    @classmethod
    def parse(cls, line: str) -> Head:
        """Read `line()` back; raise ValueError for anything else."""
        number, colon, seal = line.partition(":")
        if not colon or len(seal) != len(GENESIS):
            raise ValueError("no head of an audit log")
        return cls(int(number), seal)


def seal(key: bytes, number: int, text: str, before: str) -> str:
    """The seal of an entry, from the seal before it."""
    return hmac.new(key, f"{number}\n{before}\n{text}".encode(), hashlib.sha256).hexdigest()


def append(key: bytes, head: Head, entry: AuditEntry) -> Sealed:
    """The next link after `head`."""
    number, text = head.number + 1, entry.text()
    return Sealed(number, text, seal(key, number, text, head.seal))


class AuditTrouble(StrEnum):
    NONE = "none"
    ALTERED = "altered"
    """An entry's text, number or seal is not what was written."""
    CUT = "cut"
    """Entries are missing at the end."""
    NO_HEAD = "no_head"
    """The log has entries but the key store knows of no log."""
    NO_LOG = "no_log"
    """The key store knows of a log that is not there."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """`entries` that are proven; `first_bad` the number of the first that is not (0: none).

    `unsealed` entries at the end are genuine but newer than the kept head: the desk died in that moment.
    """

    trouble: AuditTrouble = AuditTrouble.NONE
    entries: int = 0
    first_bad: int = 0
    unsealed: int = 0
    detail: str = ""

    @property
    def good(self) -> bool:
        return self.trouble is AuditTrouble.NONE


def verify(key: bytes, head: Head | None, log: Iterable[Sealed]) -> AuditVerdict:
    """Check a whole log, in order, against the head that was kept apart from it."""
    before, proven, passed_head = GENESIS, 0, head is None or head == Head()
    for link in log:
        expected = seal(key, proven + 1, link.text, before)
        if link.number != proven + 1 or not hmac.compare_digest(expected, link.seal):
            return AuditVerdict(AuditTrouble.ALTERED, proven, proven + 1)
        before, proven = link.seal, link.number
        if head is not None and proven == head.number:
            if not hmac.compare_digest(before, head.seal):
                return AuditVerdict(AuditTrouble.ALTERED, proven - 1, proven)
            passed_head = True
    if head is None:
        return AuditVerdict(AuditTrouble.NO_HEAD if proven else AuditTrouble.NONE, proven)
    if not passed_head:
        return AuditVerdict(AuditTrouble.CUT if proven else AuditTrouble.NO_LOG, proven, proven + 1)
    return AuditVerdict(entries=proven, unsealed=proven - head.number)
