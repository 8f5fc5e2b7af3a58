"""After-call work: notes and outcome of each call, saved while they are typed, never lost.

The record of a call is written when it begins and whenever its facts change, the draft with each pause in
typing, the finished wrap-up together with its outbox entry in one transaction. "Saved" is said after the
commit only. After a crash everything that was begun is offered again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from softphone.domain.call import CallState, CallView
from softphone.domain.campaign import AcwPolicy
from softphone.domain.card_draft import CardDraft
from softphone.domain.correction import Correction
from softphone.domain.customer import Customer
from softphone.domain.customer_events import CustomerCardChanged
from softphone.domain.delivery import FINAL_TROUBLES
from softphone.domain.events import CallChanged, EngineAttached
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import DraftSaved, StoreFailed, StoreOpened, WrapUpSaved
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.text import clean_note
from softphone.domain.wrap_up import (
    CallRecord,
    Draft,
    HistoryEntry,
    RecordStatus,
    filled_up,
    toggled,
)
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.calls.left_behind import LeftBehind
from softphone.usecases.calls.minding_the_line import MindingTheLine
from softphone.usecases.ports import Clock, Identities, Records
from softphone.usecases.wrap_up.after_call_time import AfterCallTime
from softphone.usecases.wrap_up.correcting import Correcting
from softphone.usecases.wrap_up.sheets import Sheets
from softphone.usecases.wrap_up.wrap_up_sheet import Sheet


class WrappingUp:
    """The wrap-ups of this desk, from the first ring to "saved"."""

    def __init__(
        self,
        records: Records,
        calling: Calling,
        clock: Clock,
        identities: Identities,
        bus: Bus,
        line: MindingTheLine,
    ) -> None:
        self._records = records
        self._calling = calling
        self._clock = clock
        self._bus = bus
        self._sheets = Sheets(records, calling, clock, identities, bus, line)
        self._time = AfterCallTime(self._sheets, clock)
        self._correcting = Correcting(self._sheets, calling, bus)
        self._left_behind = LeftBehind()
        self._in_memory = False
        self._restored: dict[CallId, Draft] = {}
        calling.bar_answering(self.bars_answering)
        bus.subscribe(CallChanged, self._on_call)
        bus.subscribe(CustomerCardChanged, self._on_customer)
        bus.subscribe(StoreOpened, self._on_store_opened)
        bus.subscribe(EngineAttached, self._on_engine_attached)
        bus.subscribe(DraftSaved, self._on_draft_saved)
        bus.subscribe(WrapUpSaved, self._on_saved)
        bus.subscribe(StoreFailed, self._on_store_failed)

    def schedule_where(self, rule: Callable[[str], bool]) -> None:
        """Callbacks and tasks are handed to the CRMs that `rule` names."""
        self._sheets.schedules = rule

    def change_where(self, rule: Callable[[str], bool]) -> None:
        """The CRMs that `rule` names can change calls that they have."""
        self._sheets.crm_changes = rule

    def link_recordings(self, link_of: Callable[[CallView], str]) -> None:
        """The CRM is told where the recording is; `link_of` knows it, or answers an empty string."""
        self._sheets.recording_of = link_of

    # --- what is there ---

    @property
    def open_calls(self) -> tuple[CallId, ...]:
        """Ended calls whose wrap-up is not saved yet, oldest first."""
        return tuple(sheet.call.id for sheet in self._sheets if sheet.open and not sheet.saved)

    @property
    def done_calls(self) -> tuple[CallId, ...]:
        """Calls that are over, with nothing left to write, oldest first."""
        return tuple(sheet.call.id for sheet in self._sheets if sheet.done)

    @property
    def busy(self) -> bool:
        """After-call work goes on: something is not saved, or was saved before its fixed time is up."""
        return any(
            sheet.must_wait or (sheet.open and not sheet.saved and not sheet.correcting)
            for sheet in self._sheets
        )

    def bars_answering(self) -> bool:
        """A wrap-up has to be completed before the next call may be answered."""
        return any(
            campaign.code_before_next_call
            and sheet.open
            and not sheet.saved
            and self._sheets.picture(sheet).problems
            for sheet in self._sheets
            if not sheet.correcting and (campaign := self._calling.campaign(sheet.call))
        )

    def forget(self, call_id: CallId) -> None:
        """A call that is done is not asked for any more."""
        self._sheets.drop(call_id)

    @property
    def would_be_lost(self) -> tuple[CallId, ...]:
        """Calls of which something typed or saved is in memory only: whoever leaves now loses it."""
        return tuple(sheet.call.id for sheet in self._sheets if sheet.would_be_lost(self._in_memory))

    def draft(self, call_id: CallId) -> Draft:
        sheet = self._sheets.get(call_id)
        return sheet.draft if sheet else Draft(call_id)

    def record(self, call_id: CallId) -> CallRecord | None:
        """The facts of the call that the wrap-up belongs to; also of calls from before a restart."""
        sheet = self._sheets.get(call_id)
        return sheet.record if sheet else None

    def state(self, call_id: CallId) -> WrapUpChanged:
        """The wrap-up as it stands, in the shape in which its changes are published."""
        sheet = self._sheets.get(call_id)
        return self._sheets.picture(sheet) if sheet else WrapUpChanged(call_id, Draft(call_id))

    # --- what the agent does ---

    def type_notes(self, call_id: CallId, notes: str) -> None:
        self._sheets.edit(call_id, notes=clean_note(notes))

    def choose_code(self, call_id: CallId, code: str) -> None:
        """Choose a disposition code; an empty one takes the choice back.

        Where the campaign allows several, choosing a chosen one again takes that one back.
        """
        sheet = self._sheets.get(call_id)
        if sheet:
            campaign = self._calling.campaign(sheet.call)
            changed = toggled(sheet.draft, code, campaign.max_codes if campaign else 1)
            self._sheets.edit(call_id, code=changed.code, more_codes=changed.more_codes)

    def choose_codes(self, call_id: CallId, codes: tuple[str, ...]) -> None:
        """Choose exactly these disposition codes, the first one being the main one."""
        self._sheets.edit(call_id, code=codes[0] if codes else "", more_codes=codes[1:])

    def answer_field(self, call_id: CallId, name: str, typed: str) -> None:
        """Answer a form field of the campaign or of a chosen code; a field that nobody asks is ignored."""
        sheet = self._sheets.get(call_id)
        if sheet:
            self._sheets.edit(
                call_id, answers=sheet.answered(self._calling.campaign(sheet.call), name, typed)
            )

    def note_script(
        self, call_id: CallId, answers: tuple[tuple[str, str], ...], trail: tuple[str, ...]
    ) -> None:
        """What the script's questions brought, and how far it has come (`following_script`)."""
        self._sheets.edit(call_id, answers=answers, trail=trail)

    def keep_card(self, call_id: CallId, card: CardDraft) -> None:
        """What stands open and half-typed in the customer's card (`ui.customer_stage`)."""
        self._sheets.edit(call_id, card=card)

    def plan_callback(self, call_id: CallId, at: datetime | None, number: str = "") -> None:
        """Promise to call back at `at` (aware), to `number` or to the caller's own."""
        self._sheets.edit(call_id, callback_at=at, callback_number=number)

    def extend(self, call_id: CallId, minutes: int) -> None:
        """More time for this wrap-up, where it has a limit."""
        sheet = self._sheets.get(call_id)
        if sheet:
            self._time.extend(sheet, minutes)

    def request(self, call_id: CallId, wanted: bool) -> None:
        """After-call work is wanted after this call, where there is none without asking."""
        sheet = self._sheets.get(call_id)
        if sheet and sheet.call.live:
            sheet.requested = wanted
            self._sheets.publish(sheet)

    def leave_optional(self) -> None:
        """End after-call work where that is the agent's choice, with what is filled in."""
        for sheet in self._sheets:
            campaign = self._calling.campaign(sheet.call)
            optional = campaign is not None and campaign.acw is AcwPolicy.OPTIONAL
            if optional and sheet.open and not (sheet.saving or sheet.saved):
                self._sheets.commit(sheet, automatic=True)

    def correction(self, entry: HistoryEntry) -> Correction:
        """What correcting that record would mean, and whether it can be."""
        return self._correcting.kind(entry)

    def correct(self, entry: HistoryEntry) -> bool:
        """Open the wrap-up of a saved record again; saving it sends the correction. Tell whether it is open
        now."""
        return self._correcting.begin(entry)

    def cancel_correction(self, call_id: CallId) -> bool:
        """Leave a saved record as it was; what was typed to correct it is gone. Tell whether it was one."""
        return self._correcting.cancel(call_id)

    def save(self, call_id: CallId) -> bool:
        """Finish the wrap-up. Tell whether it is complete; if not, `WrapUpChanged` names what is missing.

        `WrapUpChanged.saved` follows when it is committed.
        """
        sheet = self._sheets.get(call_id)
        if sheet is None or sheet.saving or sheet.saved or sheet.call.live:
            return False
        if self._sheets.picture(sheet).problems:
            self._sheets.publish(sheet)
            return False
        self._sheets.commit(sheet, automatic=False)
        return True

    def write_down(self, call_id: CallId) -> None:
        """Write the draft now instead of after the pause."""
        sheet = self._sheets.get(call_id)
        if sheet and sheet.autosave:
            self._sheets.write_down(sheet)

    def is_written(self, call_id: CallId) -> bool:
        """All that was typed for this call so far is committed."""
        sheet = self._sheets.get(call_id)
        return sheet is None or (sheet.autosave is None and sheet.being_written == 0)

    def flush(self) -> None:
        """Write every draft that is not written yet; before quitting."""
        for sheet in self._sheets:
            if sheet.autosave:
                self._sheets.write_down(sheet)

    # --- what happens ---

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        sheet = self._sheets.get(call.id)
        before = sheet.call if sheet else None
        record = self._sheets.record_of(call)
        if sheet is None:
            sheet = self._sheets.put(Sheet(record, self._restored.pop(call.id, Draft(call.id))))
        elif sheet.saved or (before and not before.live):
            return
        sheet.record = record
        if call.state is CallState.TERMINATED:
            self._call_over(sheet)
        elif before is None or before.state is not call.state or before.party != call.party:
            self._records.record_call(record, RecordStatus.LIVE)

    def _call_over(self, sheet: Sheet) -> None:
        campaign = self._calling.campaign(sheet.call)
        if sheet.needs_work(campaign):
            self._open_sheet(sheet)
        elif sheet.worth_saving(campaign):
            self._records.record_call(sheet.record, RecordStatus.OPEN)
            self._sheets.commit(sheet, automatic=True)
        else:
            self._records.record_call(sheet.record, RecordStatus.CLOSED)
            sheet.saved = True

    def _open_sheet(self, sheet: Sheet) -> None:
        sheet.open = True
        self._records.record_call(sheet.record, RecordStatus.OPEN)
        self._sheets.tell_early(sheet)
        self._time.begin(sheet)
        self._sheets.publish(sheet)

    def _on_customer(self, event: CustomerCardChanged) -> None:
        chosen: Customer | None = event.lookup.chosen
        certain = event.lookup.by_agent or not event.lookup.refreshing  # a kept card may be out of date
        sheet = self._sheets.get(event.call_id)
        if sheet is not None and chosen is not None and certain:
            self._sheets.attach(sheet, chosen)

    def _on_saved(self, event: WrapUpSaved) -> None:
        sheet = self._sheets.get(event.call_id)
        if sheet:
            sheet.saving, sheet.saved, sheet.trouble = False, True, StoreTrouble.NONE
            sheet.in_memory = event.in_memory
            for timer in () if sheet.must_wait else sheet.timers:
                timer.cancel()
            self._sheets.publish(sheet)

    def _on_draft_saved(self, event: DraftSaved) -> None:
        sheet = self._sheets.get(event.call_id)
        if sheet:
            sheet.being_written = max(0, sheet.being_written - 1)

    def _on_store_failed(self, event: StoreFailed) -> None:
        sheet = self._sheets.get(event.call_id) if event.call_id else None
        if sheet and not sheet.saved:
            sheet.saving, sheet.trouble = False, event.trouble
            sheet.open = not sheet.call.live
            self._sheets.publish(sheet)

    # --- after a restart ---

    def _on_store_opened(self, event: StoreOpened) -> None:
        self._in_memory = event.in_memory
        self._left_behind.add(event.unfinished)
        self._resume()

    def _on_engine_attached(self, event: EngineAttached) -> None:
        self._left_behind.note_engine(event)
        self._resume()

    def _resume(self) -> None:
        """Offer what an earlier desk left unfinished. Calls that the engine still holds simply go on."""
        for entry in self._left_behind.take():
            call_id = entry.record.call.id
            sheet = self._sheets.get(call_id)
            if sheet is not None:
                sheet.draft = filled_up(sheet.draft, entry.draft)
                self._sheets.publish(sheet)
            elif self._left_behind.goes_on(call_id):
                self._restored[call_id] = entry.draft  # its `CallChanged` is on the way
            else:
                self._offer_again(entry)

    def _offer_again(self, entry: HistoryEntry) -> None:
        record = self._left_behind.ended(entry, self._clock.now())
        self._calling.remember(record.call)
        sheet = self._sheets.put(Sheet(record, entry.draft))
        sheet.requested = entry.status is RecordStatus.OPEN
        sheet.told = entry.delivery_id is not None and entry.last_trouble not in FINAL_TROUBLES
        self._call_over(sheet)
        if sheet.open:
            self._bus.publish(CallChanged(record.call))
