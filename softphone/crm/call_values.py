"""What templates of writes can use: the facts of a call, of a task, of a new customer."""

from __future__ import annotations

from datetime import datetime, timedelta

from softphone.crm.finding import number_values, split_id
from softphone.crm.mapping import CustomerMapping
from softphone.crm.values import Value, Values, iso
from softphone.domain.crm_work import FollowUp, NewCustomer
from softphone.domain.delivery import CallLog, Delivery


def call_values(delivery: Delivery, mapping: CustomerMapping) -> Values:
    """The facts of the call that a delivery is about, and of its task."""
    log = delivery.log
    kind, key = split_id(log.customer_id, mapping) if log.customer_id else ("", "")
    return {
        "external_id": str(delivery.id),
        "call_id": str(log.call_id),
        "direction": log.direction,
        "number": log.number,
        "digits": "".join(c for c in log.number if c.isdigit()),
        "started_at": log.started_at,
        "ended_at": _ended_at(log),
        "talk_s": log.talk_s,
        "talk_ms": log.talk_s * 1000,
        "answered": log.talk_s > 0,
        "campaign": log.campaign,
        "queue": log.queue,
        "disposition": log.disposition,
        "disposition_label": log.disposition_label,
        "notes": log.notes,
        "callback_at": log.callback_at,
        "callback_number": log.callback_number,
        "answers": dict(log.answers),
        "dispositions": (log.disposition, *log.more_dispositions) if log.disposition else (),
        "actions": log.actions,
        "recording_url": log.recording_url,
        "summary": _summary(log),
        **customer_values(kind, key),
        **_task_values(delivery.follow_up, log),
    }


def customer_values(kind: str, key: str) -> dict[str, Value]:
    return {"customer_id": key, "customer_kind": kind}


def new_customer_values(new: NewCustomer) -> Values:
    """The facts of a customer to be created; a name alone is also given as first and last."""
    first, _, last = new.name.strip().rpartition(" ")
    number = new.number.e164 or new.number.raw
    return {
        **number_values(new.number, number, new.campaign_id),
        "external_id": str(new.id),
        "call_id": str(new.call_id or ""),
        "name": new.name or " ".join(filter(None, (new.first_name, new.last_name))),
        "first_name": new.first_name or first,
        "last_name": new.last_name or last,
        "company": new.company,
        "email": new.email,
        "notes": new.notes,
    }


def _task_values(task: FollowUp | None, log: CallLog) -> dict[str, Value]:
    if task is None:
        return {}
    return {
        "subject": task.subject,
        "due_at": task.due_at or log.callback_at,
        "task_kind": task.kind.value,
        "notes": task.notes or log.notes,
    }


def _summary(log: CallLog) -> str:
    """Everything that a person wants to read of the call, as lines; for CRMs that only have a description."""
    callback = " ".join(filter(None, (iso(log.callback_at) if log.callback_at else "", log.callback_number)))
    answers = (f"{name}: {text}" for name, text in log.answers)
    lines = (log.disposition_label or log.disposition, log.notes, *answers, callback, log.recording_url)
    return "\n".join(line for line in lines if line)


def _ended_at(log: CallLog) -> datetime:
    return log.started_at + timedelta(seconds=log.talk_s)
