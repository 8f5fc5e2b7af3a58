"""Closing records that the CRM does not take: by who may, with a reason, leaving a trace."""

from __future__ import annotations

from softphone.domain.audit import AuditAction, Side
from softphone.domain.errors import BadInput, Refused
from softphone.domain.record_settings import CloseStuck
from softphone.domain.text import clean_line
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Records
from softphone.usecases.team.auditing import Auditing

REASON_LIMIT = 300
SHORTEST_REASON = 3


class ClosingRecords:
    """The right to do it is the company's to give: what an agent has set in their own file gives none."""

    def __init__(self, records: Records, configuring: Configuring, auditing: Auditing) -> None:
        self._records = records
        self._configuring = configuring
        self._auditing = auditing

    @property
    def allowed(self) -> bool:
        """Whoever sits at this desk may close stuck records."""
        settings, fixed = self._configuring.settings, self._configuring.locked()
        match settings.records.close_stuck:
            case CloseStuck.AGENT:
                return "records.close_stuck" in fixed
            case CloseStuck.LEAD:
                return settings.team.is_lead and "team.role" in fixed
            case _:
                return False

    def can_close(self, entry: HistoryEntry) -> bool:
        """This record is stuck, and whoever sits here may close it.

        A correction of what the CRM has anyway is the agent's own to give up.
        """
        return is_stuck(entry) and (self.allowed or entry.correction)

    def close(self, entry: HistoryEntry, reason: str) -> None:
        """Close a stuck record for good; `WrittenOff` follows.

        Raises `Refused` (`not_allowed`, `not_stuck`) or `BadInput` when the reason is missing.
        """
        if not self.allowed and not entry.correction:
            raise Refused("not_allowed", "the company lets only leads close records")
        self._close(entry, reason, Side.LEAD if self._configuring.settings.team.is_lead else Side.AGENT)

    def close_for(self, entry: HistoryEntry, reason: str, lead: str) -> None:
        """Close a stuck record at the word of `lead`, of whose right the caller is sure; as `close`."""
        if self._configuring.settings.records.close_stuck is not CloseStuck.LEAD:
            raise Refused("not_allowed", "the company lets no lead close records")
        self._close(entry, reason, Side.AGENT, lead)

    def _close(self, entry: HistoryEntry, reason: str, side: Side, actor: str = "") -> None:
        words = clean_line(reason, REASON_LIMIT)
        if not is_stuck(entry) or entry.delivery_id is None:
            raise Refused("not_stuck", "only a record that the CRM does not take can be closed")
        if len(words) < SHORTEST_REASON:
            raise BadInput("reason", "a reason is required")
        self._auditing.note(
            AuditAction.RECORD_CLOSED,
            side,
            actor=actor,
            subject=entry.delivery_id,
            detail=f"{entry.last_trouble.value}: {words}",
            call_id=entry.record.call.id,
        )
        self._records.write_off(entry.delivery_id, words)


def is_stuck(entry: HistoryEntry) -> bool:
    """The CRM has refused it, or attempts have failed so far."""
    failed = entry.status is RecordStatus.SAVED and entry.attempts > 0
    return entry.delivery_id is not None and (entry.status is RecordStatus.REFUSED or failed)
