"""Calls, drafts, wrap-ups and deliveries to put into a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from softphone.domain.call import CallState, CallView, Direction, EndCause, Invitation, Party
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryState
from softphone.domain.ids import AccountId, CallId, CampaignId, CustomerId, DeliveryId, uuid7
from softphone.domain.wrap_up import CallRecord, Draft, WrapUp

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def call_id(number: int) -> CallId:
    return CallId(f"call-{number}")


def live(number: int, name: str = "Jürgen Weiß") -> CallRecord:
    """An established call of the day's `number`-th minute."""
    begun = START + timedelta(minutes=number)
    return CallRecord(
        call=CallView(
            id=call_id(number),
            account_id=AccountId("work"),
            direction=Direction.INBOUND,
            state=CallState.ESTABLISHED,
            party=Party(f"+4930{number:07d}", "pbx.test", name),
            started_at=begun,
            invitation=Invitation("+49800111222", headers=(("X-Queue", "claims"),)),
            campaign_id=CampaignId("insurer"),
            queue="claims",
            established_at=begun + timedelta(seconds=4),
        ),
        number=f"+4930{number:07d}",
        campaign_name="Storm Insurance",
    )


def ended(number: int, name: str = "Jürgen Weiß") -> CallRecord:
    """The same call after its end."""
    record = live(number, name)
    end = record.call.started_at + timedelta(seconds=64)
    over = replace(record.call, state=CallState.TERMINATED, ended_at=end, end_cause=EndCause.NORMAL)
    return replace(record, call=over)


def draft(number: int, notes: str = "Water in the cellar", customer: str = "Weiß, Jürgen") -> Draft:
    return Draft(
        call_id(number),
        code="solved",
        notes=notes,
        callback_at=START + timedelta(days=1),
        callback_number="+49301",
        customer_id=CustomerId("c1"),
        customer_name=customer,
        answers=(("size", "3"), ("satisfied", "yes")),
    )


def wrap_up(number: int, notes: str = "Water in the cellar", name: str = "Jürgen Weiß") -> WrapUp:
    return WrapUp(
        record=ended(number, name),
        draft=draft(number, notes),
        campaign_id=CampaignId("insurer"),
        code_label="Solved",
        finished_at=START + timedelta(minutes=number, seconds=80),
        tags=("storm",),
    )


def delivery(number: int, crm: str = "crm", notes: str = "Water in the cellar") -> Delivery:
    record = ended(number)
    created = START + timedelta(minutes=number, seconds=80)
    return Delivery(
        id=DeliveryId(uuid7(int(created.timestamp() * 1000), number.to_bytes(10, "big"))),
        kind=DeliveryKind.LOG_CALL,
        crm=crm,
        log=CallLog(
            call_id=record.call.id,
            direction="inbound",
            number=record.number,
            started_at=record.call.started_at,
            talk_s=60,
            campaign="Storm Insurance",
            queue="claims",
            disposition="solved",
            disposition_label="Solved",
            notes=notes,
            customer_id="c1",
            callback_at=START + timedelta(days=1),
            callback_number="+49301",
            answers=(("size", "3"), ("satisfied", "yes")),
        ),
        created_at=created,
    )


def tried(attempted: Delivery, trouble: CrmTrouble = CrmTrouble.UNREACHABLE, detail: str = "") -> Delivery:
    """The same delivery after one more attempt that ended with `trouble`."""
    return replace(attempted, attempts=attempted.attempts + 1, last_trouble=trouble, last_detail=detail)


def concluded(attempted: Delivery, state: DeliveryState, next_attempt_at: datetime | None = None) -> Delivery:
    return replace(attempted, state=state, next_attempt_at=next_attempt_at)
