"""The main job, end to end: a call rings, the customer's card is there, the outcome is on record."""

from __future__ import annotations

from softphone.demo.pbx.news import NewsKind
from softphone.demo.world import DemoWorld
from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallState
from softphone.domain.delivery import DeliveryState
from tests.e2e.headless import HeadlessDesk

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = "+442079460018"


def test_a_call_rings_the_card_is_there_and_the_outcome_is_on_record(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    desk = at_the_desk.desk
    desk.being_available.choose_ready()
    caller = world.ring(HARRIET, headers=MERIDIAN)
    call = at_the_desk.ringing()
    campaign = desk.calling.campaign(call)
    assert campaign is not None
    assert campaign.name == "Meridian Insurance"
    at_the_desk.until(lambda: desk.recognising.customer(call.id), "the customer's card")

    desk.calling.answer(call.id)
    at_the_desk.until(lambda: desk.being_available.status.state is AgentState.ON_CALL, "talking")
    desk.wrapping_up.type_notes(call.id, "Hail damage on the roof")
    caller.hang_up()
    at_the_desk.until(lambda: desk.wrapping_up.open_calls, "after-call work")
    assert not desk.wrapping_up.save(call.id), "the code is required"
    desk.wrapping_up.choose_code(call.id, "claim_opened")
    assert desk.wrapping_up.save(call.id)
    at_the_desk.until(lambda: _delivered(at_the_desk), "the outcome is in the CRM")

    (record,) = world.crm.records.calls
    assert record.body["disposition"] == "claim_opened"
    assert record.body["notes"] == "Hail damage on the roof"
    assert desk.being_available.status.state is AgentState.READY


def test_a_caller_who_hangs_up_early_leaves_nothing_to_do(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    caller = world.ring(HARRIET, headers=MERIDIAN)
    call = at_the_desk.ringing()
    caller.hang_up()
    at_the_desk.until(lambda: not at_the_desk.desk.calling.calls, "the call is over")
    assert at_the_desk.desk.wrapping_up.open_calls == ()
    ended = at_the_desk.desk.calling.call(call.id)
    assert ended is not None
    assert ended.state is CallState.TERMINATED


def test_four_calls_ring_at_once_and_a_fifth_is_told_that_we_are_busy(
    world: DemoWorld, at_the_desk: HeadlessDesk
) -> None:
    callers = [world.ring(f"+44207946001{n}", headers=MERIDIAN) for n in range(4)]
    at_the_desk.until(lambda: len(at_the_desk.desk.calling.calls) == 4, "four calls")
    fifth = world.ring("+442079460099", headers=MERIDIAN)
    refused = fifth.wait_for(NewsKind.ENDED)
    assert "486" in str(refused)
    assert len(at_the_desk.desk.calling.calls) == 4
    for caller in callers:
        caller.hang_up()
    at_the_desk.until(lambda: not at_the_desk.desk.calling.calls, "all are over")


def _delivered(at_the_desk: HeadlessDesk) -> bool:
    last = at_the_desk.desk.looking_back.outbox.last
    return last is not None and last.state is DeliveryState.DELIVERED
