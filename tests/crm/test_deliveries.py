"""Outcomes of calls, brought to the CRM once in effect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from softphone.demo.crm_faults import Asked, Fault
from softphone.domain.customer import CrmTrouble
from softphone.domain.keeping_events import DeliveryAttempted
from tests.contracts.crm_world import HttpWorld, delivery
from tests.crm.asking import delivered


def test_the_call_arrives_with_all_its_facts_and_its_key(world: HttpWorld) -> None:
    world.crm.deliver(delivery("d1", notes="שלום – «wet»\nsecond line"))
    assert world.inbox.next(DeliveryAttempted).result.delivered
    logged = world.thread.call(lambda: world.server.records.calls[0])
    assert logged.idempotency_key == "d1"
    assert logged.body == {
        "call_id": "c1",
        "direction": "inbound",
        "number": "+442079460018",
        "started_at": "2026-03-02T09:30:00Z",
        "talk_s": 73,
        "campaign": "meridian",
        "queue": "meridian-claims",
        "disposition": "claim_opened",
        "disposition_label": "Claim opened",
        "notes": "שלום – «wet»\nsecond line",
        "customer_id": "C001",
        "callback_at": None,
        "callback_number": "",
        "answers": {"damage": "water"},
        "dispositions": ["claim_opened"],
        "actions": [],
        "recording_url": "",
    }


def test_what_the_crm_cannot_take_is_final_and_in_its_words(world: HttpWorld) -> None:
    world.crm.deliver(delivery("d1", customer_id="C999"))
    result = world.inbox.next(DeliveryAttempted).result
    assert result.trouble is CrmTrouble.REFUSED
    assert result.final
    assert "no such customer" in result.detail


def test_a_busy_crm_says_when_to_come_back(world: HttpWorld) -> None:
    world.script(Fault(Asked.LOG, status=429, headers=(("Retry-After", "37"),)))
    result = delivered(world)
    assert result.trouble is CrmTrouble.BUSY
    assert result.retry_after_s == 37.0
    assert not result.final


def test_the_time_to_come_back_may_be_a_date(world: HttpWorld) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    world.script(Fault(Asked.LOG, status=503, headers=(("Retry-After", when),)))
    assert delivered(world).retry_after_s == pytest.approx(90.0, abs=5.0)


def test_a_conflict_means_that_the_record_may_be_there(world: HttpWorld) -> None:
    first = delivered(world)
    world.script(Fault(Asked.LOG, status=409))
    again = delivered(world)
    assert again.delivered
    assert again.remote_id == first.remote_id
    world.script(Fault(Asked.LOG, status=409))
    assert delivered(world, "d2").trouble is CrmTrouble.REFUSED


def test_asking_for_an_earlier_record_may_fail_too(world: HttpWorld) -> None:
    world.script(Fault(Asked.EXISTING, status=500))
    assert delivered(world, attempts=1).trouble is CrmTrouble.SERVER_ERROR
    assert world.recorded() == []
    assert delivered(world, attempts=2).delivered
    assert world.recorded() == ["d1"]


def test_a_delivery_under_way_is_finished_before_closing(world: HttpWorld) -> None:
    world.script(Fault(Asked.LOG, delay_s=0.5))
    world.crm.deliver(delivery("d1"))
    world.http.close()
    assert world.inbox.next(DeliveryAttempted).result.delivered
    assert world.recorded() == ["d1"]
