"""Records that cannot be used for a while: what leaving would lose, and that nothing needs a restart."""

from __future__ import annotations

import pytest

from softphone.domain.ids import CallId
from softphone.domain.keeping_events import StoreOpened, WrapUpSaved
from softphone.domain.store_trouble import StoreTrouble
from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    return made


def talked(world: World) -> CallId:
    """A customer's call that was answered and has ended."""
    ringing = world.phone.ring("in-1", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    world.phone.end(ringing)
    world.run()
    return ringing


def lost(world: World) -> list[CallId]:
    """What leaving now would lose."""
    return list(world.desk.wrapping_up.would_be_lost)


def test_what_is_in_memory_only_would_be_lost_by_leaving_and_nothing_else(world: World) -> None:
    wrapping_up = world.desk.wrapping_up
    world.store.open_trouble = StoreTrouble.KEY_STORE_LOCKED
    world.store.open()
    ended = talked(world)
    assert lost(world) == []  # nothing was typed: the call alone is no loss
    wrapping_up.type_notes(ended, "wants a paper form")
    assert lost(world) == [ended]
    wrapping_up.choose_code(ended, "solved")
    wrapping_up.save(ended)
    world.run()
    world.post(WrapUpSaved(ended, None, in_memory=True))
    world.run()
    assert lost(world) == [ended]
    world.post(WrapUpSaved(ended, None))
    world.run()
    assert lost(world) == []


def test_a_draft_that_the_disk_refuses_would_be_lost_by_leaving(world: World) -> None:
    ended = talked(world)
    world.desk.wrapping_up.type_notes(ended, "wants a paper form")
    assert lost(world) == []  # written when leaving
    world.store.fail_next(StoreTrouble.DISK_FULL)
    world.desk.wrapping_up.flush()
    world.run()
    assert lost(world) == [ended]


def test_a_second_opening_of_the_database_does_not_hide_what_was_left_unfinished(world: World) -> None:
    ended = talked(world)
    later = World(records=world.store)
    world.store.restart(later.post)
    later.desk.ports.records.open()
    later.desk.ports.records.open()
    later.post(StoreOpened())
    later.desk.start()
    later.run()
    assert list(later.desk.wrapping_up.open_calls) == [ended]


def test_trying_again_opens_the_records_that_the_locked_key_store_kept_shut(world: World) -> None:
    world.store.open_trouble = StoreTrouble.KEY_STORE_LOCKED
    world.store.open()
    world.run()
    world.store.open_trouble = StoreTrouble.NONE
    world.desk.try_again()
    world.run()
    assert world.last(StoreOpened).in_memory is False
