"""A desk killed before its database was open: what only the engine knows is wrapped up all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.call import CallState, CallView, EndCause
from softphone.domain.events import EngineAttached
from tests.fakes.world import World
from tests.usecases.wrap_up.changing import CLAIMS, deliver, saved, started


@pytest.fixture
def world() -> World:
    return World()


def ended(world: World, answered: bool = True) -> CallView:
    """A call as the engine tells of it when it is over; this desk hears nothing of it."""
    other = World(clock=world.clock)
    other.phone.ring(headers=CLAIMS)
    view = next(iter(other.phone.calls.values()))
    now = world.clock.now()
    return replace(
        view,
        state=CallState.TERMINATED,
        established_at=now if answered else None,
        ended_at=now,
        end_cause=EndCause.NORMAL if answered else EndCause.ABANDONED,
    )


@pytest.mark.parametrize("store_first", [True, False])
def test_a_call_of_which_nothing_was_written_is_wrapped_up(world: World, store_first: bool) -> None:
    call = ended(world)
    attached = EngineAttached(1, calls=(call,))
    if store_first:
        world.store.open()
        world.run()
        world.post(attached)
    else:
        world.post(attached)
        world.run()
        world.store.open()
    world.run()
    assert world.desk.wrapping_up.open_calls == (call.id,)
    record = world.desk.wrapping_up.record(call.id)
    assert record is not None
    assert record.call.campaign_id is not None


def test_a_call_that_nobody_answered_meanwhile_is_in_the_list_and_asks_for_nothing(world: World) -> None:
    call = ended(world, answered=False)
    world.post(EngineAttached(1, calls=(call,)))
    world.store.open()
    world.run()
    assert world.desk.wrapping_up.open_calls == ()
    assert call.id in world.store.rows


def test_a_call_whose_outcome_is_saved_is_not_asked_for_again() -> None:
    before = started(World())
    call_id = saved(before)
    deliver(before)
    view = replace(before.store.rows[call_id].record.call, state=CallState.TERMINATED)
    after = World(records=before.store)
    before.store.restart(after.post)
    after.post(EngineAttached(1, calls=(view,)))
    after.store.open()
    after.run()
    assert after.desk.wrapping_up.open_calls == ()
    assert after.desk.wrapping_up.record(call_id) is None


def test_the_same_engine_attached_again_brings_nothing_back(world: World) -> None:
    world.store.open()
    world.post(EngineAttached(1))
    world.run()
    world.post(EngineAttached(1, calls=(ended(world),)))
    world.run()
    assert world.desk.wrapping_up.open_calls == ()
