"""The wrap-up of one call while it is worked on."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime

from softphone.domain.call import CallView
from softphone.domain.campaign import AcwPolicy, Campaign
from softphone.domain.card_draft import NOTHING_TYPED
from softphone.domain.facts import dataclass
from softphone.domain.form import canonical
from softphone.domain.ids import DeliveryId
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.text import clean_note
from softphone.domain.wrap_up import CallRecord, Draft, Problem, WrapUp, field_faults, problems
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.usecases.ports import Timer


@dataclass(frozen=True, slots=True)
class Corrected:
    """The saved record that a sheet corrects: its delivery and connection, and the outcome as it was saved.

    `changes`: the CRM has it or is about to, so its record is changed; `updates`: the CRM can do that.
    """

    delivery_id: DeliveryId
    crm: str
    outcome: Draft
    changes: bool
    updates: bool

    def now(self, changes: bool) -> Corrected:
        return replace(self, changes=changes)


@dataclass
class Sheet:
    """`being_written` counts drafts on their way to the disk; `open` means that the call is over; `must_wait`
    that saving early does not end after-call work."""

    record: CallRecord
    draft: Draft
    open: bool = False
    saving: bool = False
    saved: bool = False
    in_memory: bool = False
    trouble: StoreTrouble = StoreTrouble.NONE
    deadline: datetime | None = None
    timers: list[Timer] = field(default_factory=list)
    autosave: Timer | None = None
    being_written: int = 0
    requested: bool = False
    must_wait: bool = False
    corrected: Corrected | None = None
    """The saved record that this sheet corrects."""
    superseded: bool = False
    """The CRM took the refused record as it was, while it was being corrected."""
    left: bool = False
    """The correction was given up; the record is as it was."""
    told: bool = False
    """The CRM has the call already, or is to have it before its outcome, under the draft's customer."""
    other_attached: bool = False
    """A customer was attached under whom the CRM does not have the call."""

    @property
    def call(self) -> CallView:
        return self.record.call

    @property
    def correcting(self) -> DeliveryId | None:
        """The delivery that this sheet corrects."""
        return self.corrected.delivery_id if self.corrected else None

    @property
    def customer_stays(self) -> bool:
        """The CRM has the call under the draft's customer; no CRM's update moves a record to another one."""
        return self.told or (self.corrected is not None and self.corrected.changes)

    @property
    def done(self) -> bool:
        """The call is over and everything about it is committed."""
        written = self.saved and not self.saving and self.being_written == 0
        return written and not (self.call.live or self.must_wait)

    def stop_autosave(self) -> None:
        """Nothing is to be written by itself any more."""
        if self.autosave:
            self.autosave.cancel()
            self.autosave = None

    def would_be_lost(self, store_in_memory: bool) -> bool:
        """Whether something of it is not on disk and will not be soon."""
        if self.saved:
            return self.in_memory
        fails = store_in_memory or self.trouble is not StoreTrouble.NONE
        return fails and (self.saving or self.draft != Draft(self.call.id))

    def needs_work(self, campaign: Campaign | None) -> bool:
        """The call is followed by after-call work."""
        on_request = campaign is not None and campaign.acw is AcwPolicy.ON_REQUEST
        return self.call.talked and campaign is not None and (self.requested or not on_request)

    def worth_saving(self, campaign: Campaign | None) -> bool:
        """Without after-call work there is still something to keep or to tell the CRM."""
        return self.call.talked and (campaign is not None or self.draft != Draft(self.call.id))

    def answered(self, campaign: Campaign | None, name: str, typed: str) -> tuple[tuple[str, str], ...]:
        """The answers after `typed` was given to the field `name`; unchanged if nobody asks that field."""
        asked = campaign.fields_for(self.draft.codes) if campaign else ()
        field_asked = next((f for f in asked if f.name == name), None)
        if field_asked is None:
            return self.draft.answers
        return self.draft.with_answer(name, canonical(field_asked, clean_note(typed))).answers

    def finished(self, campaign: Campaign | None, now: datetime, automatic: bool) -> WrapUp:
        """The sheet as it is handed over; answers to fields that are not asked (any more) stay behind."""
        draft = self.draft
        chosen = campaign.chosen(draft.codes) if campaign else ()
        asked = campaign.answers_kept(draft.codes, draft.trail) if campaign else frozenset()
        return WrapUp(
            record=self.record,
            draft=replace(
                draft, answers=tuple((n, v) for n, v in draft.answers if n in asked), card=NOTHING_TYPED
            ),
            campaign_id=self.call.campaign_id,
            code_label=" + ".join(code.label for code in chosen),
            finished_at=now,
            automatic=automatic,
            actions=tuple(dict.fromkeys(a.value for code in chosen for a in code.actions)),
        )

    @property
    def calls_back(self) -> str:
        """The number that is promised a callback, empty without a promise."""
        promised = self.draft.callback_at is not None
        return (self.draft.callback_number or self.record.number) if promised else ""

    def picture(self, campaign: Campaign | None, now: datetime, barred: bool = False) -> WrapUpChanged:
        """The sheet as it stands, in the shape in which its changes are published. `barred`: the number to
        call back must not be called."""
        return WrapUpChanged(
            self.call.id,
            self.draft,
            () if self.saved else self._problems(campaign, now, barred),
            self.saving,
            self.saved,
            self.trouble,
            self.deadline,
            self.in_memory,
            () if self.saved else field_faults(self.draft, campaign),
            self.requested,
            self.correcting is not None,
            self.superseded,
            self.left,
            self.corrected is not None and self.corrected.changes,
            self.other_attached and self.customer_stays,
        )

    def _problems(self, campaign: Campaign | None, now: datetime, barred: bool) -> tuple[Problem, ...]:
        """What stands in the way of saving. A promise that was saved in its time may have passed since."""
        found = problems(self.draft, campaign, now, barred)
        if self.corrected and self.draft.callback_at == self.corrected.outcome.callback_at:
            return tuple(problem for problem in found if problem is not Problem.CALLBACK_PAST)
        return found
