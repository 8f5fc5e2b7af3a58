"""Changes of records that the CRM refuses, does not answer, or gets while the record itself is on its way."""

from __future__ import annotations

import pytest

from softphone.domain.correction import Correction
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryKind
from softphone.domain.keeping_events import WrittenOff
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import RecordStatus
from softphone.domain.wrap_up_events import WrapUpChanged
from tests.fakes.world import World
from tests.usecases.wrap_up.changing import (
    arrived,
    begin,
    change,
    deliver,
    entry,
    in_crm,
    saved,
    started,
)


@pytest.fixture
def world() -> World:
    return started(World())


def test_a_record_deleted_in_the_crm_refuses_its_change_and_none_is_made_anew(world: World) -> None:
    call_id = arrived(world)
    world.crm.records.clear()
    change(world, call_id, "too late")
    deliver(world)
    found = entry(world)
    assert (found.status, found.correction, found.last_trouble) == (
        RecordStatus.REFUSED,
        True,
        CrmTrouble.NOT_FOUND,
    )
    assert world.crm.records == {}
    assert world.desk.wrapping_up.correction(found) is Correction.CHANGE


def test_the_agent_may_close_an_own_change_that_the_crm_refuses(world: World) -> None:
    call_id = arrived(world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    change(world, call_id, "not taken")
    deliver(world)
    found = entry(world)
    assert world.desk.closing_records.can_close(found)
    assert not world.desk.asking_to_close.can_ask(found)
    world.desk.closing_records.close(found, "locked after a day")
    world.run()
    assert world.last(WrittenOff).done
    closed = entry(world)
    assert (closed.status, closed.draft.notes, closed.correction) == (
        RecordStatus.WRITTEN_OFF,
        "as it was sent",
        True,
    )
    assert in_crm(world).notes == "as it was sent"


def test_a_change_waits_while_the_crm_cannot_be_reached(world: World) -> None:
    call_id = arrived(world)
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE, CrmTrouble.TIMEOUT)
    change(world, call_id, "in other words")
    for _ in range(3):
        deliver(world)
        world.clock.advance(120)
        world.run()
    deliver(world)
    assert in_crm(world).notes == "in other words"
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_change_whose_answer_was_lost_arrives_once_more_and_is_the_same(world: World) -> None:
    call_id = arrived(world)
    world.crm.fail_deliveries(CrmTrouble.TIMEOUT, written=True)
    change(world, call_id, "in other words")
    deliver(world)
    world.clock.advance(120)
    world.run()
    deliver(world)
    assert in_crm(world).notes == "in other words"
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_second_change_while_the_first_waits_arrives_last(world: World) -> None:
    call_id = arrived(world)
    change(world, call_id, "better")  # handed out at once, not answered yet
    change(world, call_id, "best")
    deliver(world)
    deliver(world)
    assert in_crm(world).notes == "best"
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_record_that_is_on_its_way_can_be_changed_and_follows_itself(world: World) -> None:
    call_id = saved(world)
    change(world, call_id, "in other words")
    deliver(world)
    assert entry(world).correction
    deliver(world)
    assert in_crm(world).notes == "in other words"
    kinds = [delivery.kind for delivery in world.crm.attempted]
    assert kinds == [DeliveryKind.LOG_CALL, DeliveryKind.UPDATE_CALL]


def test_a_refused_record_that_the_crm_takes_meanwhile_is_changed_there(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    call_id = saved(world)
    deliver(world)
    begin(world, call_id, "in other words")
    assert not world.last(WrapUpChanged).changes
    world.desk.delivering.retry(world.crm.attempted[0].id)
    world.run()
    deliver(world)
    assert world.last(WrapUpChanged).changes  # the agent sees what saving means now
    assert world.last(WrapUpChanged).trouble is StoreTrouble.NONE
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    deliver(world)
    assert in_crm(world).notes == "in other words"
