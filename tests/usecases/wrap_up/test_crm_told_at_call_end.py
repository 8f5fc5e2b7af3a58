"""The CRM hears of a call at its end, and of its outcome later, in the same record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.campaign import LogAt
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryKind
from softphone.domain.settings import Settings
from softphone.domain.wrap_up import RecordStatus
from tests.fakes.world import MARIA, SETTINGS, World
from tests.usecases.wrap_up.changing import (
    CHANGES,
    after_call_work,
    deliver,
    entry,
    in_crm,
    started,
)

AT_THE_END = replace(SETTINGS, campaigns=tuple(replace(c, log_at=LogAt.CALL_END) for c in SETTINGS.campaigns))


def test_the_crm_hears_of_a_call_at_its_end_and_of_the_outcome_in_the_same_record() -> None:
    world = started(World(AT_THE_END))
    call_id = after_call_work(world)
    deliver(world)
    told = in_crm(world)
    assert (told.call_id, told.customer_id, told.disposition, told.notes) == (call_id, MARIA.id, "", "")
    assert world.desk.wrapping_up.open_calls == (call_id,)
    assert entry(world).status is RecordStatus.OPEN
    work = world.desk.wrapping_up
    work.choose_code(call_id, "solved")
    work.type_notes(call_id, "the outcome")
    assert work.save(call_id)
    world.run()
    deliver(world)
    assert (in_crm(world).notes, in_crm(world).disposition) == ("the outcome", "solved")
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_crash_in_after_call_work_makes_no_second_record() -> None:
    world = started(World(AT_THE_END))
    call_id = after_call_work(world)
    deliver(world)
    again = World(AT_THE_END, records=world.store)
    world.store.restart(again.post)
    started(again)
    deliver(again)
    assert again.crm.attempted == []
    work = again.desk.wrapping_up
    assert work.open_calls == (call_id,)
    again.crm.records.update(world.crm.records)
    work.choose_code(call_id, "solved")
    assert work.save(call_id)
    again.run()
    deliver(again)
    assert [d.kind for d in again.crm.attempted] == [DeliveryKind.UPDATE_CALL]
    assert in_crm(again).disposition == "solved"


def test_an_outcome_saved_before_the_call_has_gone_is_one_request() -> None:
    world = World(AT_THE_END)
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE)
    started(world)
    call_id = after_call_work(world)
    world.desk.wrapping_up.choose_code(call_id, "solved")
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    for _ in range(3):
        deliver(world)
        world.clock.advance(120)
        world.run()
    deliver(world)
    assert in_crm(world).disposition == "solved"


@pytest.mark.parametrize(
    ("settings", "abilities"), [(AT_THE_END, frozenset[CrmAbility]()), (SETTINGS, CHANGES)]
)
def test_without_the_wish_or_the_ability_the_crm_hears_of_the_outcome_alone(
    settings: Settings, abilities: frozenset[CrmAbility]
) -> None:
    world = started(World(settings), abilities)
    after_call_work(world)
    deliver(world)
    assert world.crm.attempted == []


def test_a_call_of_nobody_waits_for_its_outcome() -> None:
    world = World(AT_THE_END)
    world.start()
    world.crm.describe(CrmDescription("crm", abilities=CHANGES))
    world.desk.being_available.choose_ready()
    world.run()
    after_call_work(world)
    deliver(world)
    assert world.crm.attempted == []
