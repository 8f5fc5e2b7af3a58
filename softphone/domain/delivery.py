"""The outbox: what must reach the CRM, once in effect, however long it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.campaign import CodeAction
from softphone.domain.crm_work import CustomerChange, FollowUp, FollowUpKind
from softphone.domain.customer import CrmTrouble
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CustomerId, DeliveryId
from softphone.domain.wrap_up import Draft, WrapUp


class DeliveryKind(StrEnum):
    LOG_CALL = "log_call"
    UPDATE_CALL = "update_call"
    """Completes or corrects the call record `remote_id`."""
    UPDATE_CUSTOMER = "update_customer"
    """Writes `change`."""
    SCHEDULE = "schedule"
    """Writes `follow_up`."""

    @property
    def brings_outcome(self) -> bool:
        """It carries what the agent recorded of the call; how it fares is how the call's record stands."""
        return self in (DeliveryKind.LOG_CALL, DeliveryKind.UPDATE_CALL)


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    """Dead letter: the CRM said no for good; the agent sees why and can retry."""
    WRITTEN_OFF = "written_off"
    """Closed unsent by somebody who may, with a reason."""


@dataclass(frozen=True, slots=True)
class CallLog:
    """The outcome of a call as a CRM is told it. Times are UTC."""

    call_id: CallId
    direction: str
    number: str
    started_at: datetime
    talk_s: int
    campaign: str
    queue: str
    disposition: str
    disposition_label: str
    notes: str
    customer_id: str
    callback_at: datetime | None
    callback_number: str
    answers: tuple[tuple[str, str], ...] = ()
    more_dispositions: tuple[str, ...] = ()
    """Codes of further outcomes; `disposition` is the first."""
    actions: tuple[str, ...] = ()
    """What the outcomes set off (`CodeAction`)."""
    recording_url: str = ""
    """Where the telephone system keeps the recording; http or https, or empty."""
    customer_name: str = ""


def call_log(wrap_up: WrapUp) -> CallLog:
    """What the CRM is told of a finished wrap-up."""
    call, draft = wrap_up.record.call, wrap_up.draft
    return CallLog(
        call_id=call.id,
        direction=call.direction.value,
        number=wrap_up.record.number,
        started_at=call.started_at,
        talk_s=round(call.talk_seconds(wrap_up.finished_at)),
        campaign=wrap_up.record.campaign_name,
        queue=call.queue,
        disposition=draft.code,
        disposition_label=wrap_up.code_label,
        notes=draft.notes,
        customer_id=draft.customer_id or "",
        callback_at=draft.callback_at,
        callback_number=draft.callback_number,
        answers=draft.answers,
        more_dispositions=draft.more_codes,
        actions=wrap_up.actions,
        recording_url=wrap_up.recording_url,
        customer_name=draft.customer_name,
    )


def follow_ups(wrap_up: WrapUp) -> tuple[FollowUp, ...]:
    """The tasks that a wrap-up sets off: the promised callback, a follow-up, an escalation, a case to close.

    Their subject is the outcome and whom it is about: what the agent and the CRM both have words for.
    """
    draft = wrap_up.draft
    subject = f"{wrap_up.code_label}: {draft.customer_name or wrap_up.record.number}".strip(": ")
    found = []
    if draft.callback_at is not None:
        number = draft.callback_number or wrap_up.record.number
        found.append(FollowUp(FollowUpKind.CALLBACK, f"{subject} ({number})", draft.callback_at, draft.notes))
    if {CodeAction.FOLLOW_UP_TASK, CodeAction.ESCALATE, CodeAction.CLOSE_CASE} & set(wrap_up.actions):
        found.append(FollowUp(FollowUpKind.TASK, subject, draft.callback_at, draft.notes))
    return tuple(found)


Promise = tuple[FollowUpKind, datetime | None]
"""What makes a task another one: a callback is at its time, another task is there or not."""


def promise_of(task: FollowUp) -> Promise:
    return task.kind, task.due_at if task.kind is FollowUpKind.CALLBACK else None


def draft_of(log: CallLog, typed: Draft) -> Draft:
    """The draft as it stood when `log` was made of it; what a log does not tell is taken from `typed`."""
    customer = CustomerId(log.customer_id) if log.customer_id else None
    return replace(
        typed,
        customer_id=customer,
        customer_name=typed.customer_name if customer == typed.customer_id else log.customer_name,
        code=log.disposition,
        more_codes=log.more_dispositions,
        notes=log.notes,
        callback_at=log.callback_at,
        callback_number=log.callback_number,
        answers=log.answers,
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbox entry. `id` is the idempotency key and the unique field of the CRM record.

    `attempts` counts what was tried before; after the first the adapter asks the CRM whether the record is
    already there, because an answer may have been lost. `log` has the facts of the call that it belongs to,
    whatever its kind; `change`, `follow_up` and `remote_id` belong to the kinds that name them.

    A correction keeps the entry and its `id`: once the CRM has the record its kind becomes UPDATE_CALL.
    `revision` counts the corrections; with `id` it names this very update.
    """

    id: DeliveryId
    kind: DeliveryKind
    crm: str
    log: CallLog
    created_at: datetime
    attempts: int = 0
    next_attempt_at: datetime | None = None
    state: DeliveryState = DeliveryState.WAITING
    last_trouble: CrmTrouble = CrmTrouble.NONE
    last_detail: str = ""
    change: CustomerChange | None = None
    follow_up: FollowUp | None = None
    remote_id: str = ""
    revision: int = 0


FINAL_TROUBLES = frozenset({CrmTrouble.REFUSED, CrmTrouble.NOT_FOUND, CrmTrouble.FORBIDDEN})
"""The CRM understood and said no."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How one attempt ended. `remote_id` is the CRM's id of the record when it is there."""

    delivery_id: DeliveryId
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""
    remote_id: str = ""
    retry_after_s: float = 0.0

    @property
    def delivered(self) -> bool:
        return self.trouble is CrmTrouble.NONE

    @property
    def final(self) -> bool:
        """Trying again unchanged is useless: the CRM understood and said no."""
        return self.trouble in FINAL_TROUBLES


BACK_OFF_S = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0)
"""A CRM that is back is noticed within a quarter of an hour; only one record per CRM asks."""


def retry_delay_s(attempts: int, retry_after_s: float, jitter: float) -> float:
    """Seconds until the next attempt after `attempts` failed ones.

    `jitter` in 0..1 spreads the load of many phones by up to a fifth; the CRM's own Retry-After (RFC 9110
    section 10.2.3) is honoured up to a day.
    """
    step = BACK_OFF_S[min(max(attempts, 1), len(BACK_OFF_S)) - 1]
    return max(step * (1 + 0.2 * jitter), min(retry_after_s, 86_400.0))
