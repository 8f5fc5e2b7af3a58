"""Correcting a saved outcome: one that the CRM refused is sent again, one that it has is changed there.

What was saved stays in the outbox whatever is typed; giving a correction up leaves the record as it was.
"""

from __future__ import annotations

from softphone.domain.correction import Correction, correction_of
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import DeliveryRecorded
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import HistoryEntry
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.wrap_up.sheets import Sheets
from softphone.usecases.wrap_up.wrap_up_sheet import Corrected, Sheet


class Correcting:
    """Opens saved records as sheets."""

    def __init__(self, sheets: Sheets, calling: Calling, bus: Bus) -> None:
        self._sheets = sheets
        self._calling = calling
        bus.subscribe(DeliveryRecorded, self._on_recorded)

    def kind(self, entry: HistoryEntry) -> Correction:
        """What correcting that record would mean."""
        known = self._calling.campaign(entry.record.call) is not None
        return correction_of(entry, self._sheets.crm_changes(entry.crm), known)

    def begin(self, entry: HistoryEntry) -> bool:
        """Open the wrap-up of a saved record again, with what was typed before if it was begun before. Tell
        whether it is open now. What this desk saved last counts where `entry` is older.
        """
        call_id = entry.record.call.id
        sheet = self._sheets.get(call_id)
        kind = self.kind(entry)
        if entry.delivery_id and kind.possible and (sheet is None or sheet.done):
            updates = self._sheets.crm_changes(entry.crm)
            draft, outcome = entry.draft, entry.outcome
            if sheet is not None and not sheet.superseded:
                draft = outcome = sheet.draft
            of = Corrected(entry.delivery_id, entry.crm, outcome, kind is Correction.CHANGE, updates)
            self._calling.remember(entry.record.call)
            sheet = Sheet(entry.record, draft, open=True, corrected=of, told=bool(entry.remote_id))
            self._sheets.publish(self._sheets.put(sheet))
        return sheet is not None and sheet.correcting is not None

    def cancel(self, call_id: CallId) -> bool:
        """Leave the record as it was; what was typed meanwhile is gone. Tell whether there was one to leave.

        A correction that is being saved is not taken back.
        """
        sheet = self._sheets.get(call_id)
        if sheet is None or not sheet.correcting or sheet.saving or sheet.saved:
            return False
        self._sheets.take_back(sheet)
        sheet.left = True
        self._sheets.publish(sheet)
        return True

    def _on_recorded(self, event: DeliveryRecorded) -> None:
        """An attempt with the record as it was has ended while it was being corrected, or completed."""
        delivery = event.delivery
        sheet = self._sheets.get(delivery.log.call_id)
        if sheet is None or not delivery.kind.brings_outcome:
            return
        if sheet.corrected is None and not sheet.saved:
            self._on_told_early(sheet, delivery)
        if sheet.corrected is None or sheet.correcting != delivery.id or sheet.saved:
            return
        if delivery.state is DeliveryState.DELIVERED and not sheet.corrected.updates:
            sheet.stop_autosave()
            sheet.saving, sheet.saved, sheet.superseded = False, True, True
            self._sheets.publish(sheet)
        elif delivery.state in (DeliveryState.DELIVERED, DeliveryState.REFUSED):
            in_crm = delivery.state is DeliveryState.DELIVERED or delivery.kind is DeliveryKind.UPDATE_CALL
            sheet.corrected = sheet.corrected.now(in_crm)
            if in_crm:
                self._sheets.stay_with(sheet, delivery.log)
            if sheet.trouble is StoreTrouble.SUPERSEDED:
                sheet.trouble = StoreTrouble.NONE  # it can be corrected after all
            self._sheets.publish(sheet)

    def _on_told_early(self, sheet: Sheet, delivery: Delivery) -> None:
        """What the CRM refused it does not have: the call may be another customer's then."""
        if delivery.state in (DeliveryState.DELIVERED, DeliveryState.REFUSED):
            sheet.told = delivery.state is DeliveryState.DELIVERED
            if sheet.told:
                self._sheets.stay_with(sheet, delivery.log)
            self._sheets.publish(sheet)
