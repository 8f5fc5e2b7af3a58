"""SIGKILL for the desk between any two steps: nothing typed is lost, each outcome is delivered once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.demo.crm_faults import Asked, Fault
from softphone.demo.crm_records import LoggedCall
from softphone.demo.pbx.news import CallState
from softphone.demo.world import DemoWorld, RemoteCall
from tests.e2e.headless import profile_in
from tests.e2e.lives import WAIT_S, Lives
from tests.peers.waiting import wait_for

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = "+442079460018"


@pytest.fixture
def lives(world: DemoWorld, tmp_path: Path) -> Iterator[Lives]:
    with Lives(tmp_path / "profile", profile_in(world)) as made:
        made.start()
        made.until(lambda s: s["agent"]["registered"], "registered")
        yield made
        made.quit()


def ringing(world: DemoWorld, lives: Lives) -> RemoteCall:
    caller = world.ring(HARRIET, headers=MERIDIAN)
    lives.until(lambda s: s["calls"], "a call rings")
    return caller


def delivered(world: DemoWorld) -> LoggedCall:
    """The one record that arrived in the CRM."""
    wait_for(lambda: world.crm.records.calls, "the outcome in the CRM", timeout_s=WAIT_S)
    (only,) = world.crm.records.calls
    return only


def start_again(lives: Lives) -> None:
    lives.kill()
    lives.start()
    lives.until(lambda s: s["agent"]["registered"], "registered again")


def test_killed_while_it_rings_the_call_rings_on_and_the_next_desk_answers_it(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    start_again(lives)
    lives.until(lambda s: s["calls"], "the call is still there")
    assert lives.ask("answer")["ok"]
    wait_for(lambda: caller.state is CallState.ESTABLISHED, "the caller is answered")
    assert lives.ask("hangup")["ok"]
    assert lives.ask("wrap-up", code="claim_status", note="")["ok"]
    assert delivered(world).body["disposition"] == "claim_status"


def test_killed_in_a_call_the_call_goes_on_and_is_wrapped_up_with_all_that_was_typed(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    assert lives.ask("wrap-up", note="typed before the kill", save=False)["ok"]
    start_again(lives)
    lives.until(lambda s: s["calls"], "the call is still there")
    assert caller.state is CallState.ESTABLISHED
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    assert lives.ask("wrap-up", code="claim_opened")["ok"]
    assert delivered(world).body["notes"] == "typed before the kill"


def test_killed_in_after_call_work_the_half_written_wrap_up_is_offered_again(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    assert lives.ask("wrap-up", note="half a sentence", save=False)["ok"]
    start_again(lives)
    lives.until(lambda s: s["wrap_ups"], "the wrap-up is offered again")
    assert lives.ask("wrap-up", code="claim_opened")["ok"]
    assert delivered(world).body["notes"] == "half a sentence"


def test_a_call_that_ended_while_no_desk_was_there_is_wrapped_up_by_the_next_one(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    lives.kill()
    caller.hang_up()
    wait_for(lambda: caller.state is CallState.ENDED, "the call is over")
    lives.start()
    lives.until(lambda s: s["wrap_ups"], "the wrap-up is offered")
    assert lives.ask("wrap-up", code="claim_status")["ok"]
    delivered(world)


def test_killed_with_the_crm_down_the_outcome_arrives_once_when_it_is_back(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    world.crm.faults.add(Fault(status=503, times=1000))
    assert lives.ask("wrap-up", code="claim_status")["ok"]
    start_again(lives)
    assert world.crm.records.calls == []
    world.crm.faults.clear()
    delivered(world)
    start_again(lives)
    lives.until(lambda s: s["outbox"]["waiting"] == 0, "nothing waits")
    assert len(world.crm.records.calls) == 1


def test_killed_after_the_crm_wrote_but_before_it_answered_makes_no_second_record(
    world: DemoWorld, lives: Lives
) -> None:
    caller = ringing(world, lives)
    assert lives.ask("answer")["ok"]
    caller.hang_up()
    lives.until(lambda s: s["wrap_ups"], "after-call work")
    world.crm.faults.add(Fault(Asked.LOG, reset=True), Fault(status=503, times=1000))
    assert lives.ask("wrap-up", code="claim_status")["ok"]
    delivered(world)
    start_again(lives)
    world.crm.faults.clear()
    lives.until(lambda s: s["outbox"]["waiting"] == 0, "the phone knows that it arrived")
    assert len(world.crm.records.calls) == 1
