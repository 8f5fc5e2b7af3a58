"""What correcting a saved outcome would mean: for the CRM, and whether it can be done at all."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.wrap_up import HistoryEntry, RecordStatus


class Correction(StrEnum):
    """What saving a correction does."""

    SEND_AGAIN = "send_again"
    """The CRM has refused the record, or was never told of it: it is sent, corrected."""
    CHANGE = "change"
    """The CRM has the record, or is about to: that one is changed, none is added."""
    CRM_CANNOT = "crm_cannot"
    """The CRM has it, or may have, and its connection cannot change what it has."""
    NONE = "none"
    """There is nothing to correct, or the company's codes are not known any more."""

    @property
    def possible(self) -> bool:
        return self in (Correction.SEND_AGAIN, Correction.CHANGE)


def correction_of(entry: HistoryEntry, crm_changes: bool, campaign_known: bool = True) -> Correction:
    """`crm_changes`: the record's connection can change calls that its CRM has; `campaign_known`: the company
    of the call is still in the settings."""
    if entry.delivery_id is None or entry.status is RecordStatus.WRITTEN_OFF:
        return Correction.NONE
    if entry.status is RecordStatus.REFUSED:
        return Correction.CHANGE if entry.correction else Correction.SEND_AGAIN
    if entry.status not in (RecordStatus.DELIVERED, RecordStatus.SAVED) or not campaign_known:
        return Correction.NONE
    delivered = entry.status is RecordStatus.DELIVERED
    if crm_changes and (entry.remote_id or not delivered):
        return Correction.CHANGE
    never_tried = not (delivered or entry.remote_id or entry.attempts)
    return Correction.SEND_AGAIN if never_tried else Correction.CRM_CANNOT
