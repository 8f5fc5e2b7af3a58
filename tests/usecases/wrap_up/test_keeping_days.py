"""Retention: settled records go when their time is up, nothing else ever does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.errors import Refused
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import HistoryLoaded, RecordsPurged
from softphone.domain.record_settings import RecordSettings, days_to_keep
from tests.fakes.world import SETTINGS, World
from tests.usecases.wrap_up.changing import deliver, saved


def started(keep_days: int) -> World:
    world = World(settings=replace(SETTINGS, records=RecordSettings(keep_days)))
    world.start()
    return world


def missed(world: World, name: str) -> CallId:
    """A call that nobody answered: settled at once."""
    call_id = world.phone.ring(name)
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


def left(world: World) -> list[str]:
    world.desk.looking_back.reload()
    world.run()
    return [entry.record.call.id for entry in world.last(HistoryLoaded).entries]


def test_records_go_by_themselves_when_their_days_are_over(world_of_two_days: World) -> None:
    world = world_of_two_days
    missed(world, "old")
    world.clock.advance(timedelta(days=1).total_seconds())
    world.run()
    missed(world, "newer")
    assert left(world) == ["newer", "old"]
    world.clock.advance(timedelta(days=1, hours=7).total_seconds())
    world.run()
    assert world.last(RecordsPurged).count >= 0
    assert left(world) == ["newer"]


@pytest.fixture
def world_of_two_days() -> World:
    return started(2)


def test_the_next_start_purges_what_became_old_meanwhile(world_of_two_days: World) -> None:
    world = world_of_two_days
    missed(world, "old")
    world.clock.advance(60)
    after = World(settings=world.settings, records=world.store, clock=world.clock)
    world.store.restart(after.post)
    after.clock.advance(timedelta(days=3).total_seconds())
    after.start()
    assert left(after) == []


def test_zero_days_keep_everything() -> None:
    world = started(0)
    missed(world, "old")
    world.clock.advance(timedelta(days=400).total_seconds())
    world.run()
    assert left(world) == ["old"]


def test_what_the_crm_has_not_got_stays_however_old_it_is(world_of_two_days: World) -> None:
    world = world_of_two_days
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    saved(world, name="kept")
    deliver(world)
    world.clock.advance(timedelta(days=30).total_seconds())
    world.run()
    assert left(world) == ["kept"]


def test_a_shorter_time_in_the_settings_counts_at_once() -> None:
    world = started(90)
    missed(world, "old")
    world.clock.advance(timedelta(days=10).total_seconds())
    world.run()
    settings = world.desk.configuring.settings
    world.desk.configuring.change(replace(settings, records=RecordSettings(5)))
    world.run()
    assert left(world) == []


def test_who_asks_for_a_purge_cannot_take_more_than_the_company_allows() -> None:
    assert days_to_keep(RecordSettings(90), None, fixed=True) == 90
    assert days_to_keep(RecordSettings(90), 120, fixed=True) == 120
    assert days_to_keep(RecordSettings(90), 0, fixed=False) == 0
    for settings, wanted, fixed in ((90, 10, True), (0, 10, True), (0, None, False), (90, -1, False)):
        with pytest.raises(Refused):
            days_to_keep(RecordSettings(settings), wanted, fixed)
