"""After-call work: notes and outcome of each call, saved while they are typed, never lost.

The record of a call is written when it begins and whenever its facts change, the draft with each pause in
typing, the finished wrap-up together with its outbox entry in one transaction. "Saved" is said after the
commit only. After a crash everything that was begun is offered again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from softphone.domain.call import CallState, CallView
from softphone.domain.campaign import AcwPolicy
from softphone.domain.customer import Customer
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState, call_log
from softphone.domain.events import (
    CallChanged,
    CustomerCardChanged,
    DeliveryRecorded,
    DraftSaved,
    EngineAttached,
    StoreFailed,
    StoreOpened,
    StoreTrouble,
    WrapUpChanged,
    WrapUpSaved,
)
from softphone.domain.ids import CallId
from softphone.domain.text import clean_note
from softphone.domain.wrap_up import (
    CallRecord,
    Draft,
    HistoryEntry,
    RecordStatus,
    filled_up,
    toggled,
)
from softphone.usecases.bus import Bus
from softphone.usecases.calling import Calling
from softphone.usecases.left_behind import LeftBehind
from softphone.usecases.ports import Clock, Identities, Records
from softphone.usecases.wrap_up_sheet import Sheet

AUTOSAVE_AFTER_S = 0.3
"""Seconds from the first key that is not written yet to the write; typing on does not put it off."""


class WrappingUp:
    """The wrap-ups of this desk, from the first ring to "saved"."""

    def __init__(
        self, records: Records, calling: Calling, clock: Clock, identities: Identities, bus: Bus
    ) -> None:
        self._records = records
        self._calling = calling
        self._clock = clock
        self._identities = identities
        self._bus = bus
        self._sheets: dict[CallId, Sheet] = {}
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
        bus.subscribe(DeliveryRecorded, self._on_recorded)

    # --- what is there ---

    @property
    def open_calls(self) -> tuple[CallId, ...]:
        """Ended calls whose wrap-up is not saved yet, oldest first."""
        return tuple(c for c, sheet in self._sheets.items() if sheet.open and not sheet.saved)

    @property
    def done_calls(self) -> tuple[CallId, ...]:
        """Calls that are over, with nothing left to write, oldest first."""
        return tuple(c for c, sheet in self._sheets.items() if sheet.done)

    @property
    def busy(self) -> bool:
        """After-call work goes on: something is not saved, or was saved before its fixed time is up."""
        return any(
            sheet.must_wait or (sheet.open and not sheet.saved and not sheet.correcting)
            for sheet in self._sheets.values()
        )

    def bars_answering(self) -> bool:
        """A wrap-up has to be completed before the next call may be answered."""
        return any(
            campaign.code_before_next_call
            and sheet.open
            and not sheet.saved
            and self._picture(sheet).problems
            for sheet in self._sheets.values()
            if not sheet.correcting and (campaign := self._calling.campaign(sheet.call))
        )

    def forget(self, call_id: CallId) -> None:
        """A call that is done is not asked for any more."""
        self._sheets.pop(call_id, None)

    @property
    def would_be_lost(self) -> tuple[CallId, ...]:
        """Calls of which something typed or saved is in memory only: whoever leaves now loses it."""
        return tuple(c for c, sheet in self._sheets.items() if sheet.would_be_lost(self._in_memory))

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
        return self._picture(sheet) if sheet else WrapUpChanged(call_id, Draft(call_id))

    # --- what the agent does ---

    def type_notes(self, call_id: CallId, notes: str) -> None:
        self._edit(call_id, notes=clean_note(notes))

    def choose_code(self, call_id: CallId, code: str) -> None:
        """Choose a disposition code; an empty one takes the choice back.

        Where the campaign allows several, choosing a chosen one again takes that one back.
        """
        sheet = self._sheets.get(call_id)
        if sheet:
            campaign = self._calling.campaign(sheet.call)
            changed = toggled(sheet.draft, code, campaign.max_codes if campaign else 1)
            self._edit(call_id, code=changed.code, more_codes=changed.more_codes)

    def choose_codes(self, call_id: CallId, codes: tuple[str, ...]) -> None:
        """Choose exactly these disposition codes, the first one being the main one."""
        self._edit(call_id, code=codes[0] if codes else "", more_codes=codes[1:])

    def answer_field(self, call_id: CallId, name: str, typed: str) -> None:
        """Answer a form field of the campaign or of a chosen code; a field that nobody asks is ignored."""
        sheet = self._sheets.get(call_id)
        if sheet:
            self._edit(call_id, answers=sheet.answered(self._calling.campaign(sheet.call), name, typed))

    def plan_callback(self, call_id: CallId, at: datetime | None, number: str = "") -> None:
        """Promise to call back at `at` (aware), to `number` or to the caller's own."""
        self._edit(call_id, callback_at=at, callback_number=number)

    def extend(self, call_id: CallId, minutes: int) -> None:
        """More time for this wrap-up, where it has a limit."""
        sheet = self._sheets.get(call_id)
        if sheet and sheet.deadline and not sheet.must_wait:
            sheet.deadline = max(sheet.deadline, self._clock.now()) + timedelta(minutes=minutes)
            self._arm_deadline(sheet)
            self._publish(sheet)

    def request(self, call_id: CallId, wanted: bool) -> None:
        """After-call work is wanted after this call, where there is none without asking."""
        sheet = self._sheets.get(call_id)
        if sheet and sheet.call.live:
            sheet.requested = wanted
            self._publish(sheet)

    def leave_optional(self) -> None:
        """End after-call work where that is the agent's choice, with what is filled in."""
        for sheet in list(self._sheets.values()):
            campaign = self._calling.campaign(sheet.call)
            optional = campaign is not None and campaign.acw is AcwPolicy.OPTIONAL
            if optional and sheet.open and not (sheet.saving or sheet.saved):
                self._commit(sheet, automatic=True)

    def correct(self, entry: HistoryEntry) -> None:
        """Open the wrap-up of a refused record again; saving it sends the corrected one."""
        call_id = entry.record.call.id
        sheet = self._sheets.get(call_id)
        if entry.status is RecordStatus.REFUSED and entry.delivery_id and (sheet is None or sheet.done):
            sheet = Sheet(entry.record, entry.draft, open=True, correcting=entry.delivery_id)
            self._sheets[call_id] = sheet
            self._publish(sheet)

    def save(self, call_id: CallId) -> bool:
        """Finish the wrap-up. Tell whether it is complete; if not, `WrapUpChanged` names what is missing.

        `WrapUpChanged.saved` follows when it is committed.
        """
        sheet = self._sheets.get(call_id)
        if sheet is None or sheet.saving or sheet.saved or sheet.call.live:
            return False
        if self._picture(sheet).problems:
            self._publish(sheet)
            return False
        self._commit(sheet, automatic=False)
        return True

    def write_down(self, call_id: CallId) -> None:
        """Write the draft now instead of after the pause."""
        sheet = self._sheets.get(call_id)
        if sheet and sheet.autosave:
            self._autosave(sheet)

    def is_written(self, call_id: CallId) -> bool:
        """All that was typed for this call so far is committed."""
        sheet = self._sheets.get(call_id)
        return sheet is None or (sheet.autosave is None and sheet.being_written == 0)

    def flush(self) -> None:
        """Write every draft that is not written yet; before quitting."""
        for sheet in self._sheets.values():
            if sheet.autosave:
                self._autosave(sheet)

    # --- what happens ---

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        sheet = self._sheets.get(call.id)
        before = sheet.call if sheet else None
        record = self._record_of(call)
        if sheet is None:
            sheet = self._sheets[call.id] = Sheet(record, self._restored.pop(call.id, Draft(call.id)))
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
            self._commit(sheet, automatic=True)
        else:
            self._records.record_call(sheet.record, RecordStatus.CLOSED)
            sheet.saved = True

    def _open_sheet(self, sheet: Sheet) -> None:
        sheet.open = True
        self._records.record_call(sheet.record, RecordStatus.OPEN)
        campaign = self._calling.campaign(sheet.call)
        if campaign and campaign.acw_limit_s:
            sheet.deadline = self._clock.now() + timedelta(seconds=campaign.acw_limit_s)
            sheet.must_wait = campaign.acw is AcwPolicy.TIMED_FIXED
            self._arm_deadline(sheet)
        self._publish(sheet)

    def _arm_deadline(self, sheet: Sheet) -> None:
        for timer in sheet.timers:
            timer.cancel()
        if sheet.deadline:
            delay = (sheet.deadline - self._clock.now()).total_seconds()
            sheet.timers = [self._clock.after(delay, lambda: self._time_is_up(sheet))]

    def _time_is_up(self, sheet: Sheet) -> None:
        sheet.must_wait = False
        if sheet.saving or sheet.saved:
            self._publish(sheet)
            return
        campaign = self._calling.campaign(sheet.call)
        if not sheet.draft.code and campaign and campaign.default_code:
            sheet.draft = replace(sheet.draft, code=campaign.default_code)
        if sheet.draft.code or not (campaign and campaign.code_required):
            self._commit(sheet, automatic=True)
        else:
            self._publish(sheet)

    def _on_customer(self, event: CustomerCardChanged) -> None:
        chosen: Customer | None = event.lookup.chosen
        certain = event.lookup.by_agent or not event.lookup.refreshing  # a kept card may be out of date
        if chosen is not None and certain:
            self._edit(event.call_id, customer_id=chosen.id, customer_name=chosen.name)

    def _on_saved(self, event: WrapUpSaved) -> None:
        sheet = self._sheets.get(event.call_id)
        if sheet:
            sheet.saving, sheet.saved, sheet.trouble = False, True, StoreTrouble.NONE
            sheet.in_memory = event.in_memory
            for timer in () if sheet.must_wait else sheet.timers:
                timer.cancel()
            self._publish(sheet)

    def _on_recorded(self, event: DeliveryRecorded) -> None:
        """A record that arrived after all needs no correction any more."""
        sheet = self._sheets.get(event.delivery.log.call_id)
        delivered = event.delivery.state is DeliveryState.DELIVERED
        if sheet and sheet.correcting and delivered and not sheet.saved:
            sheet.saving, sheet.saved = False, True
            self._publish(sheet)

    def _on_draft_saved(self, event: DraftSaved) -> None:
        sheet = self._sheets.get(event.call_id)
        if sheet:
            sheet.being_written = max(0, sheet.being_written - 1)

    def _on_store_failed(self, event: StoreFailed) -> None:
        sheet = self._sheets.get(event.call_id) if event.call_id else None
        if sheet and not sheet.saved:
            sheet.saving, sheet.trouble = False, event.trouble
            sheet.open = not sheet.call.live
            self._publish(sheet)

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
                self._publish(sheet)
            elif self._left_behind.goes_on(call_id):
                self._restored[call_id] = entry.draft  # its `CallChanged` is on the way
            else:
                self._offer_again(entry)

    def _offer_again(self, entry: HistoryEntry) -> None:
        record = self._left_behind.ended(entry, self._clock.now())
        sheet = self._sheets[record.call.id] = Sheet(record, entry.draft)
        sheet.requested = entry.status is RecordStatus.OPEN
        self._call_over(sheet)
        if sheet.open:
            self._bus.publish(CallChanged(record.call))

    # --- inside ---

    def _edit(self, call_id: CallId, **changes: object) -> None:
        sheet = self._sheets.get(call_id)
        if sheet is None or sheet.saving or sheet.saved:
            return
        changed = replace(sheet.draft, **changes)  # type: ignore[arg-type]  # fields by name
        if changed == sheet.draft:
            return
        sheet.draft = changed
        sheet.trouble = StoreTrouble.NONE
        if sheet.autosave is None:
            sheet.autosave = self._clock.after(AUTOSAVE_AFTER_S, lambda: self._autosave(sheet))
        self._publish(sheet)

    def _autosave(self, sheet: Sheet) -> None:
        if sheet.autosave:
            sheet.autosave.cancel()
            sheet.autosave = None
        if not sheet.saving and not sheet.saved:
            sheet.being_written += 1
            self._records.save_draft(sheet.draft)

    def _commit(self, sheet: Sheet, automatic: bool) -> None:
        if sheet.autosave:
            sheet.autosave.cancel()
            sheet.autosave = None
        now = self._clock.now()
        campaign = self._calling.campaign(sheet.call)
        wrap_up = sheet.finished(campaign, now, automatic)
        sheet.open, sheet.saving = True, True
        delivery = None
        if sheet.correcting:
            self._records.correct_wrap_up(wrap_up, sheet.correcting, call_log(wrap_up), now)
            self._publish(sheet)
            return
        if campaign and campaign.crm:
            log = call_log(wrap_up)
            delivery = Delivery(self._identities.delivery(now), DeliveryKind.LOG_CALL, campaign.crm, log, now)
        self._records.save_wrap_up(wrap_up, delivery)
        self._publish(sheet)

    def _record_of(self, call: CallView) -> CallRecord:
        campaign = self._calling.campaign(call)
        number = self._calling.number(call)
        return CallRecord(call, number.e164 or number.raw, campaign.name if campaign else "")

    def _picture(self, sheet: Sheet) -> WrapUpChanged:
        return sheet.picture(self._calling.campaign(sheet.call), self._clock.now())

    def _publish(self, sheet: Sheet) -> None:
        self._bus.publish(self._picture(sheet))
