"""What a desk still knows after many calls."""

from __future__ import annotations

from softphone.domain.call import CallView
from softphone.domain.ids import CallId
from softphone.usecases.calls.forgetting import KEPT
from tests.fakes.world import MARIA, World


def begun() -> World:
    world = World()
    world.start()
    world.crm.know(MARIA)
    return world


def call_that_nobody_answered(world: World, number: int) -> CallId:
    call_id = world.phone.ring(f"given-up-{number}")
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


def call_with_after_call_work(world: World) -> CallId:
    call_id = world.phone.ring("answered", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


def known(world: World, call_id: CallId) -> CallView | None:
    return world.desk.calling.call(call_id)


def test_of_done_calls_the_last_ones_stay_known_and_older_ones_are_forgotten_everywhere() -> None:
    world = begun()
    calls = [call_that_nobody_answered(world, number) for number in range(KEPT + 3)]
    assert [call for call in calls if known(world, call)] == calls[3:]
    assert [call for call in calls if world.desk.wrapping_up.record(call)] == calls[3:]
    forgotten = world.desk.recognising.lookup(calls[0])
    assert forgotten == world.desk.recognising.lookup(CallId("never heard of"))


def test_a_call_whose_wrap_up_waits_is_never_forgotten() -> None:
    world = begun()
    waiting = call_with_after_call_work(world)
    for number in range(KEPT + 3):
        call_that_nobody_answered(world, number)
    assert known(world, waiting)
    assert world.desk.wrapping_up.open_calls == (waiting,)


def test_a_call_that_lives_is_never_forgotten() -> None:
    world = begun()
    talking = world.phone.ring("talking")
    world.run()
    world.desk.calling.answer(talking)
    world.run()
    for number in range(KEPT + 3):
        call_that_nobody_answered(world, number)
    assert world.desk.calling.calls[0].id == talking
