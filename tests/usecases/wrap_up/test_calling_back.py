"""Promises to call back: reminded of at their time, kept when somebody has talked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from softphone.domain.ids import CallId
from softphone.domain.wrap_up_events import CallbackDue
from tests.fakes.world import ACCOUNT, INSURER, World


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    return made


def promised(world: World, hours: float, name: str = "in-1", number: str = "+4930555") -> CallId:
    """A saved call with a promise."""
    call_id = world.phone.ring(name, headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    work = world.desk.wrapping_up
    work.choose_code(call_id, "callback")
    work.plan_callback(call_id, world.clock.now() + timedelta(hours=hours), number)
    assert work.save(call_id)
    world.run()
    return call_id


def reminders(world: World) -> list[CallId]:
    return [event.callback.call_id for event in world.all(CallbackDue)]


def test_a_promise_is_reminded_of_once_when_its_time_has_come(world: World) -> None:
    call_id = promised(world, hours=2)
    assert [p.call_id for p in world.desk.calling_back.promised] == [call_id]
    assert reminders(world) == []
    world.clock.advance(2 * 3600 + 1)
    world.run()
    assert reminders(world) == [call_id]
    assert [p.call_id for p in world.desk.calling_back.due] == [call_id]
    world.clock.advance(5 * 3600)
    world.run()
    assert reminders(world) == [call_id]


def test_a_promise_of_yesterday_is_reminded_of_at_the_next_start(world: World) -> None:
    call_id = promised(world, hours=1)
    after = World(records=world.store, clock=world.clock)
    world.store.restart(after.post)
    after.clock.advance(86_400)
    after.start()
    assert reminders(after) == [call_id]


def test_a_promise_is_kept_once_they_have_talked(world: World) -> None:
    promise = promised(world, hours=1)
    found = world.desk.calling_back.promise(promise)
    assert found is not None
    call_id = world.desk.calling_back.call(found, ACCOUNT.id)
    world.run()
    placed = world.desk.calling.call(call_id)
    assert placed is not None
    assert placed.campaign_id == INSURER.id
    assert world.desk.calling_back.promised  # it rings there: nobody has talked yet
    world.phone.establish(call_id)
    world.run()
    assert world.desk.calling_back.promised == ()


def test_a_callback_that_nobody_answered_stays_promised(world: World) -> None:
    promise = world.desk.calling_back.promise(promised(world, hours=1))
    assert promise is not None
    call_id = world.desk.calling_back.call(promise, ACCOUNT.id)
    world.run()
    world.phone.end(call_id)
    world.run()
    assert world.desk.calling_back.promised == (promise,)


def test_a_promise_can_be_ticked_off_by_hand(world: World) -> None:
    call_id = promised(world, hours=1)
    world.desk.calling_back.finish(call_id)
    world.run()
    assert world.desk.calling_back.promised == ()
