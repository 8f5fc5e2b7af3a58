"""What has happened to outcomes: typed, saved, waiting for the CRM, promised for later."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.callback import Callback
from softphone.domain.delivery import Delivery
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.form import FieldFault
from softphone.domain.ids import CallId
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import Draft, Problem


@dataclass(frozen=True, slots=True)
class WrapUpChanged(Event):
    """The wrap-up of a call as it stands: being typed, being saved, saved, or why not.

    `saved` with `in_memory` means: finished, but not on disk yet; the screen says so.
    """

    call_id: CallId
    draft: Draft
    problems: tuple[Problem, ...] = ()
    saving: bool = False
    saved: bool = False
    trouble: StoreTrouble = StoreTrouble.NONE
    deadline: datetime | None = None
    """When the time limit of after-call work ends it, None without a limit."""
    in_memory: bool = False
    field_faults: tuple[FieldFault, ...] = ()
    requested: bool = False
    """The agent asked for after-call work, where that is needed to get any."""
    correcting: bool = False
    """A saved record is being corrected."""
    superseded: bool = False
    """`saved`, but not as corrected: the CRM took the record meanwhile as it was."""
    left: bool = False
    """The correction was given up; the record is as it was before."""
    changes: bool = False
    """What is corrected is in the CRM, or on its way: saving changes its record there."""
    stays: bool = False
    """Another customer was attached since; the CRM has the call under the draft's, where it stays."""


@dataclass(frozen=True, slots=True)
class CallbackDue(Event):
    """The time of a promise to call back has come; told once in this desk's life."""

    callback: Callback


@dataclass(frozen=True, slots=True)
class OutboxChanged(Event):
    waiting: int
    refused: int
    last: Delivery | None = None
