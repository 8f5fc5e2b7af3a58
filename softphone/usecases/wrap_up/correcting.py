"""Correcting a record that the CRM refused: opened again, sent again, or left as it was."""

from __future__ import annotations

from softphone.domain.delivery import DeliveryState
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import DeliveryRecorded
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from softphone.usecases.bus import Bus
from softphone.usecases.wrap_up.sheets import Sheets
from softphone.usecases.wrap_up.wrap_up_sheet import Sheet


class Correcting:
    """Opens refused records as sheets."""

    def __init__(self, sheets: Sheets, bus: Bus) -> None:
        self._sheets = sheets
        bus.subscribe(DeliveryRecorded, self._on_recorded)

    def begin(self, entry: HistoryEntry) -> bool:
        """Open the wrap-up of a refused record again; saving it sends the corrected one. Tell whether it is
        open now."""
        call_id = entry.record.call.id
        sheet = self._sheets.get(call_id)
        if entry.status is RecordStatus.REFUSED and entry.delivery_id and (sheet is None or sheet.done):
            sheet = Sheet(entry.record, entry.draft, open=True, correcting=entry.delivery_id)
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
        """The record was sent again while it was being corrected, and the CRM took it as it was."""
        sheet = self._sheets.get(event.delivery.log.call_id)
        if sheet is None or sheet.correcting != event.delivery.id or sheet.saved:
            return
        if event.delivery.state is DeliveryState.DELIVERED:
            sheet.stop_autosave()
            sheet.saving, sheet.saved, sheet.superseded = False, True, True
            self._sheets.publish(sheet)
        elif event.delivery.state is DeliveryState.REFUSED and sheet.trouble is StoreTrouble.SUPERSEDED:
            sheet.trouble = StoreTrouble.NONE  # refused once more: the correction can be sent after all
            self._sheets.publish(sheet)
