"""The wrap-ups that are being worked on: the one place where they are changed, written down and published.

What may be done to a sheet, and when, is decided by the use cases beside this one (`wrapping_up`,
`after_call_time`, `correcting`, `following_script`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from softphone.domain.call import CallView
from softphone.domain.campaign import Campaign, LogAt
from softphone.domain.customer import Customer
from softphone.domain.delivery import (
    CallLog,
    Delivery,
    DeliveryKind,
    Promise,
    call_log,
    draft_of,
    follow_ups,
    promise_of,
)
from softphone.domain.ids import CallId
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import CallRecord, Draft, Problem, WrapUp
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.calls.minding_the_line import MindingTheLine
from softphone.usecases.ports import Clock, Identities, Records
from softphone.usecases.wrap_up.wrap_up_sheet import Corrected, Sheet

AUTOSAVE_AFTER_S = 0.3
"""Seconds from the first key that is not written yet to the write; typing on does not put it off."""


class Sheets:
    """One sheet per call, in the order in which the calls began. Iterating gives the sheets."""

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
        self._identities = identities
        self._bus = bus
        self._line = line
        self._by_call: dict[CallId, Sheet] = {}
        self.schedules: Callable[[str], bool] = lambda _crm: False
        """That CRM takes tasks."""
        self.crm_changes: Callable[[str], bool] = lambda _crm: False
        """That CRM can change calls that it has."""
        self.recording_of: Callable[[CallView], str] = lambda _call: ""
        """Where the telephone system keeps the recording of a call."""

    def __iter__(self) -> Iterator[Sheet]:
        return iter(list(self._by_call.values()))

    def get(self, call_id: CallId) -> Sheet | None:
        return self._by_call.get(call_id)

    def put(self, sheet: Sheet) -> Sheet:
        """Work on `sheet` from now on."""
        self._by_call[sheet.call.id] = sheet
        return sheet

    def drop(self, call_id: CallId) -> None:
        self._by_call.pop(call_id, None)

    def campaign(self, sheet: Sheet) -> Campaign | None:
        return self._calling.campaign(sheet.call)

    def record_of(self, call: CallView) -> CallRecord:
        """The facts of `call` as they are kept."""
        campaign = self._calling.campaign(call)
        number = self._calling.number(call)
        line = None if call.live else self._line.summary(call.id)
        return CallRecord(call, number.e164 or number.raw, campaign.name if campaign else "", line)

    # --- changing and writing ---

    def edit(self, call_id: CallId, **changes: object) -> None:
        """Change fields of the draft, unless it is being saved; it is written down within half a second."""
        sheet = self.get(call_id)
        if sheet is None or sheet.saving or sheet.saved:
            return
        changed = replace(sheet.draft, **changes)  # type: ignore[arg-type]  # fields by name
        if changed == sheet.draft:
            return
        sheet.draft = changed
        sheet.trouble = StoreTrouble.NONE
        if sheet.autosave is None:
            sheet.autosave = self._clock.after(AUTOSAVE_AFTER_S, lambda: self.write_down(sheet))
        self.publish(sheet)

    def write_down(self, sheet: Sheet) -> None:
        """Write the draft now."""
        sheet.stop_autosave()
        if not sheet.saving and not sheet.saved:
            sheet.being_written += 1
            self._records.save_draft(sheet.draft, sheet.correcting)

    def attach(self, sheet: Sheet, customer: Customer) -> None:
        """Let the call be that customer's, unless the CRM has it already: then it stays where it is."""
        if sheet.customer_stays and not (sheet.saving or sheet.saved):
            other = customer.id != sheet.draft.customer_id
            if other is not sheet.other_attached:
                sheet.other_attached = other
                self.publish(sheet)
            return
        self.edit(sheet.call.id, customer_id=customer.id, customer_name=customer.name)

    def stay_with(self, sheet: Sheet, log: CallLog) -> None:
        """The CRM has the call as `log`: under its customer, whoever was attached meanwhile."""
        kept = draft_of(log, sheet.draft)
        if kept.customer_id != sheet.draft.customer_id:
            sheet.other_attached = True
            self.edit(sheet.call.id, customer_id=kept.customer_id, customer_name=kept.customer_name)

    def take_back(self, sheet: Sheet) -> None:
        """Forget a correction that was begun, on the disk too."""
        sheet.stop_autosave()
        if sheet.correcting:
            self._records.abandon_correction(sheet.correcting)
        self.drop(sheet.call.id)

    def commit(self, sheet: Sheet, automatic: bool) -> None:
        """Hand the finished wrap-up to the database, together with what the CRM is to be told.

        What is saved by itself may be incomplete; a promise to call somebody who must not be called is none.
        """
        sheet.stop_autosave()
        now = self._clock.now()
        campaign = self.campaign(sheet)
        if Problem.CALLBACK_BARRED in self.picture(sheet).problems:
            sheet.draft = replace(sheet.draft, callback_at=None, callback_number="")
        recording_url = self.recording_of(sheet.call)
        wrap_up = replace(sheet.finished(campaign, now, automatic), recording_url=recording_url)
        sheet.open, sheet.saving = True, True
        if sheet.corrected:
            self._correct(sheet.corrected, sheet, wrap_up)
            return
        delivery = None
        if campaign and campaign.crm:
            log = call_log(wrap_up)
            delivery = Delivery(self._identities.delivery(now), DeliveryKind.LOG_CALL, campaign.crm, log, now)
        self._records.save_wrap_up(wrap_up, delivery, self._tasks(delivery, wrap_up))
        self.publish(sheet)

    def tell_early(self, sheet: Sheet) -> None:
        """Have the CRM show a call that is over before its outcome is known, where the company wants that.

        Only with a customer: no CRM's update moves a record to another customer.
        """
        campaign, customer = self.campaign(sheet), sheet.draft.customer_id
        if campaign is None or campaign.log_at is not LogAt.CALL_END or not customer:
            return
        if campaign.crm and self.crm_changes(campaign.crm):
            now = self._clock.now()
            known = Draft(sheet.call.id, customer_id=customer, customer_name=sheet.draft.customer_name)
            link = self.recording_of(sheet.call)
            log = call_log(WrapUp(sheet.record, known, campaign.id, "", now, recording_url=link))
            delivery_id = self._identities.delivery(now)
            if sheet.autosave:
                self.write_down(sheet)  # whose call it is must be known after a crash, too
            sheet.told = True
            self._records.log_early(Delivery(delivery_id, DeliveryKind.LOG_CALL, campaign.crm, log, now))

    def _correct(self, corrected: Corrected, sheet: Sheet, wrap_up: WrapUp) -> None:
        """Save a correction; of its tasks the CRM is given those that the record had not set off before."""
        now, log = wrap_up.finished_at, call_log(wrap_up)
        before = Sheet(sheet.record, corrected.outcome).finished(self.campaign(sheet), now, automatic=False)
        delivery = Delivery(corrected.delivery_id, DeliveryKind.SCHEDULE, corrected.crm, log, now)
        tasks = self._tasks(delivery, wrap_up, frozenset(map(promise_of, follow_ups(before))))
        self._records.correct_wrap_up(wrap_up, corrected.delivery_id, log, now, corrected.updates, tasks)
        self.publish(sheet)

    def _tasks(
        self, delivery: Delivery | None, wrap_up: WrapUp, given: frozenset[Promise] = frozenset()
    ) -> tuple[Delivery, ...]:
        """What the CRM is to remember besides: committed with the outcome, or it could be forgotten."""
        if delivery is None or not self.schedules(delivery.crm):
            return ()
        return tuple(
            replace(
                delivery,
                id=self._identities.delivery(delivery.created_at),
                kind=DeliveryKind.SCHEDULE,
                follow_up=task,
            )
            for task in follow_ups(wrap_up)
            if promise_of(task) not in given
        )

    # --- showing ---

    def picture(self, sheet: Sheet) -> WrapUpChanged:
        number = sheet.calls_back
        barred = bool(number) and self._calling.forbids(number, sheet.call.campaign_id)
        return sheet.picture(self.campaign(sheet), self._clock.now(), barred)

    def publish(self, sheet: Sheet) -> None:
        self._bus.publish(self.picture(sheet))
