"""Which call has the stage, whose notes are open, and what stands aside."""

from __future__ import annotations

import pytest

from softphone.domain.audio import MediaQuality
from softphone.domain.call import EndCause
from softphone.domain.events import CommandRefused, MediaQualityMeasured, RefusalReason
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import StoreOpened
from softphone.ui.presenters.wording import Wording
from softphone.ui.scene import ENDED_SHOWN_S, SAVED_SHOWN_S, Part, Scene
from tests.fakes.world import World

CLAIMS = (("X-Queue", "claims"),)
ORDERS = (("X-Queue", "orders"),)


@pytest.fixture
def scene(world: World, wording: Wording) -> Scene:
    scene = Scene(world.desk, wording, lambda action: action())
    world.start()
    return scene


def test_a_ringing_call_takes_the_empty_stage_and_opens_its_customer(scene: Scene, world: World) -> None:
    call = world.phone.ring(headers=CLAIMS)
    world.run()
    assert (scene.on_stage(), scene.on_sheet(), scene.also_ringing()) == (call, call, ())


def test_a_second_ring_leaves_the_conversation_where_it_is(scene: Scene, world: World) -> None:
    first = talk(world)
    second = world.phone.ring("in-2", headers=ORDERS)
    world.run()
    assert (scene.on_stage(), scene.on_sheet(), scene.also_ringing()) == (first, first, (second,))
    assert scene.aside() == ()


def test_answering_the_second_call_brings_it_to_the_front_and_the_first_aside(
    scene: Scene, world: World
) -> None:
    first, second = talk(world), talk(world, "in-2")
    assert (scene.on_stage(), scene.on_sheet(), scene.aside()) == (second, second, (first,))


def test_when_the_second_call_ends_the_caller_on_hold_comes_before_its_outcome(
    scene: Scene, world: World
) -> None:
    first, second = talk(world), talk(world, "in-2")
    world.phone.end(second)
    world.run()
    assert (scene.on_stage(), scene.on_sheet(), scene.aside()) == (first, first, (second,))


def test_a_ring_during_after_call_work_leaves_the_notes_open(scene: Scene, world: World) -> None:
    done = talk(world)
    world.phone.end(done)
    world.run()
    ringing = world.phone.ring("in-2", headers=CLAIMS)
    world.run()
    assert (scene.on_stage(), scene.on_sheet()) == (ringing, done)


def test_a_missed_call_is_shown_for_a_while_and_then_put_away(scene: Scene, world: World) -> None:
    call = world.phone.ring()
    world.run()
    world.phone.end(call, EndCause.ABANDONED)
    world.run()
    assert scene.on_stage() == call
    world.clock.advance(ENDED_SHOWN_S + 1)
    assert scene.on_stage() is None


def test_a_new_call_comes_before_one_that_is_over(scene: Scene, world: World) -> None:
    over = world.phone.ring()
    world.run()
    world.phone.end(over, EndCause.ABANDONED)
    new = world.phone.ring("in-2")
    world.run()
    assert scene.on_stage() == new


def test_saved_stays_in_sight_for_a_moment(scene: Scene, world: World) -> None:
    call = talk(world)
    world.phone.end(call)
    world.run()
    world.desk.wrapping_up.choose_code(call, "solved")
    world.desk.wrapping_up.save(call)
    world.run()
    assert (scene.on_sheet(), scene.on_stage()) == (call, None)
    world.clock.advance(SAVED_SHOWN_S + 0.1)
    assert scene.on_sheet() is None


def test_an_outcome_left_over_from_before_a_restart_can_be_opened(scene: Scene, world: World) -> None:
    older, newer = talk(world), talk(world, "in-2")
    world.phone.end(older)
    world.phone.end(newer)
    world.run()
    scene.select(newer)
    assert (scene.on_stage(), scene.on_sheet(), scene.aside()) == (newer, newer, (older,))


def test_a_refused_command_is_told_and_forgotten(scene: Scene, world: World) -> None:
    world.post(CommandRefused("HoldCall", RefusalReason.WRONG_STATE, CallId("x")))
    world.run()
    assert scene.messages[0][1] == "That is not possible at this moment of the call."
    world.clock.advance(60)
    assert scene.messages == ()


def test_what_must_be_read_stays_until_it_is_dismissed(scene: Scene, world: World) -> None:
    scene.say("key store locked", stays=True)
    world.clock.advance(60)
    assert len(scene.messages) == 1
    scene.unsay("key store locked")
    assert not scene.messages


def test_a_burst_of_news_is_drawn_once(world: World, wording: Wording) -> None:
    later: list[object] = []
    drawn: list[Part] = []
    scene = Scene(world.desk, wording, later.append)
    scene.on_change(drawn.append)
    world.start()
    world.phone.ring(headers=CLAIMS)
    world.run()
    assert len(later) == 1
    later[0]()  # type: ignore[operator]  # what the pump would call
    assert Part.CALLS in drawn[0]
    assert Part.CUSTOMER in drawn[0]


def test_line_quality_of_an_ended_call_is_forgotten(scene: Scene, world: World) -> None:
    call = talk(world)
    world.post(MediaQualityMeasured(MediaQuality(call, mos=4.2)))
    world.run()
    assert scene.quality[call].mos == 4.2
    world.phone.end(call)
    world.run()
    assert scene.quality == {}


def test_a_healthy_store_takes_its_warning_back(scene: Scene, world: World) -> None:
    world.post(StoreOpened(in_memory=True))
    world.run()
    assert scene.store.in_memory
    world.post(StoreOpened())
    world.run()
    assert not scene.store.in_memory


def talk(world: World, name: str = "in-1") -> CallId:
    """A call of the insurer, answered."""
    call = world.phone.ring(name, headers=CLAIMS)
    world.run()
    world.desk.calling.answer(call)
    world.run()
    return call
