"""Customers who call by themselves."""

from __future__ import annotations

from softphone.demo.callers import PLANS, Rhythm
from softphone.demo.campaigns import CAMPAIGNS
from softphone.demo.crm_records import CrmRecords
from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld
from softphone.domain.call import Invitation
from softphone.domain.campaign import campaign_for, queue_of
from tests.demo.conftest import MakePhone

QUICK = Rhythm(0.05, 30.0, 30.0, 0.05, 0.01)


def test_one_customer_calls_after_the_other_once_the_outcome_is_recorded(
    world: DemoWorld, make_phone: MakePhone
) -> None:
    phone = make_phone()
    world.send_callers(QUICK, limit=2)
    phone.register()
    first = phone.wait_incoming()
    assert PLANS[0].number in first.invite["From"]
    first.reject()
    body = {"external_id": "1", "direction": "inbound", "talk_s": 1, "started_at": "2026-03-02T09:30:00Z"}
    world.journal.wait_for("ended")
    assert phone.incoming == []
    world.thread.call(lambda: world.crm.records.log(body, "1"))
    second = phone.wait_incoming()
    assert PLANS[1].number in second.invite["From"]
    second.reject()
    world.journal.wait_for("ended", count=2)


def test_a_customer_gives_up_when_nobody_answers(world: DemoWorld, make_phone: MakePhone) -> None:
    phone = make_phone()
    phone.register()
    world.send_callers(Rhythm(0.0, 0.3, 30.0, 30.0, 0.01), limit=1)
    call = phone.wait_incoming()
    call.ring()
    call.wait_ended()
    assert call.cancelled


def test_nobody_calls_before_the_phone_is_there(world: DemoWorld, make_phone: MakePhone) -> None:
    world.send_callers(QUICK, limit=1)
    make_phone(COLLEAGUE).register()
    phone = make_phone()
    phone.register()
    phone.wait_incoming().reject()
    what = [entry.what for entry in world.journal.entries() if entry.facts.get("user") == AGENT]
    assert what[:2] == ["registered", "calling"]
    assert not [e for e in world.journal.entries("calling") if e.facts["user"] == COLLEAGUE]


def test_every_plan_leads_to_its_campaign() -> None:
    for plan in PLANS:
        invitation = Invitation(dnis=plan.dnis, headers=plan.headers)
        assert campaign_for(invitation, queue_of(invitation), CAMPAIGNS) is plan.campaign
        by_number_alone = Invitation(dnis=plan.dnis)
        assert campaign_for(by_number_alone, "", CAMPAIGNS) is plan.campaign


def test_the_plans_show_one_match_several_none_and_a_stranger() -> None:
    records = CrmRecords()
    found = [len(records.by_number(plan.number, 20)) for plan in PLANS if plan.number]
    assert {0, 1, 2} <= set(found)
    assert any(not plan.number for plan in PLANS)
    assert all(records.by_id(plan.record_id) for plan in PLANS if plan.record_id)


def test_every_code_of_a_campaign_is_unique_and_every_default_exists() -> None:
    for campaign in CAMPAIGNS:
        codes = [disposition.code for disposition in campaign.codes()]
        assert len(codes) == len(set(codes))
        assert not campaign.default_code or campaign.disposition(campaign.default_code)
