"""The wrap-up of one call while it is worked on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from softphone.domain.call import CallView
from softphone.domain.campaign import Campaign
from softphone.domain.events import StoreTrouble, WrapUpChanged
from softphone.domain.wrap_up import CallRecord, Draft, problems
from softphone.usecases.ports import Timer


@dataclass
class Sheet:
    """`being_written` counts drafts on their way to the disk; `open` means that the call is over."""

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

    @property
    def call(self) -> CallView:
        return self.record.call

    @property
    def done(self) -> bool:
        """The call is over and everything about it is committed."""
        return self.saved and not self.saving and self.being_written == 0 and not self.call.live

    def would_be_lost(self, store_in_memory: bool) -> bool:
        """Whether something of it is not on disk and will not be soon."""
        if self.saved:
            return self.in_memory
        fails = store_in_memory or self.trouble is not StoreTrouble.NONE
        return fails and (self.saving or self.draft != Draft(self.call.id))

    def picture(self, campaign: Campaign | None, now: datetime) -> WrapUpChanged:
        """The sheet as it stands, in the shape in which its changes are published."""
        return WrapUpChanged(
            self.call.id,
            self.draft,
            () if self.saved else problems(self.draft, campaign, now),
            self.saving,
            self.saved,
            self.trouble,
            self.deadline,
            self.in_memory,
        )
