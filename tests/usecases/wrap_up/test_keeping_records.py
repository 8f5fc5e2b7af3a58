"""A database that nobody can read: what the agent can decide."""

from __future__ import annotations

from softphone.domain.keeping_events import StoreOpened
from softphone.domain.store_trouble import StoreTrouble
from tests.fakes.world import World


def test_a_database_with_a_foreign_key_is_set_aside_only_by_the_agents_word() -> None:
    world = World()
    world.store.open_trouble = StoreTrouble.KEY_WRONG
    world.start()
    assert world.desk.keeping_records.needs_a_decision
    world.desk.try_again()
    world.run()
    assert world.desk.keeping_records.needs_a_decision, "trying again changes nothing"
    world.desk.keeping_records.begin_anew()
    world.run()
    assert world.last(StoreOpened).trouble is StoreTrouble.NONE


def test_a_healthy_database_is_never_set_aside() -> None:
    world = World()
    world.start()
    opened = len(world.all(StoreOpened))
    world.desk.keeping_records.begin_anew()
    world.run()
    assert len(world.all(StoreOpened)) == opened
