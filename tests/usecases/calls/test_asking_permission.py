"""The CRM is asked before its customers are called."""

from __future__ import annotations

import pytest

from softphone.domain.call import CallState, EndCause
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import CallId
from tests.fakes.world import ACCOUNT, INSURER, ORDERS, World

NUMBER = "+493012345678"


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    made.crm.describe(CrmDescription("crm", abilities=frozenset({CrmAbility.DO_NOT_CALL})))
    made.run()
    return made


def dial(world: World, number: str = NUMBER) -> CallId:
    call = world.desk.calling.place_call(number, ACCOUNT.id, INSURER.id)
    world.run()
    return call


def end_of(world: World, call: CallId) -> EndCause | None:
    view = world.desk.calling.call(call)
    assert view is not None
    return view.end_cause


def test_a_number_is_dialled_when_the_crm_allows_it(world: World) -> None:
    call = dial(world)
    assert world.phone.sent("place_call") == []
    view = world.desk.calling.call(call)
    assert view is not None
    assert view.state is CallState.OUTGOING
    world.crm.answer_all()
    world.run()
    assert [sent[0] for sent in world.phone.sent("place_call")] == [call]


def test_a_number_that_the_crm_bars_is_never_dialled(world: World) -> None:
    world.crm.barred.add(NUMBER)
    call = dial(world)
    world.crm.answer_all()
    world.run()
    assert world.phone.sent("place_call") == []
    assert end_of(world, call) is EndCause.DO_NOT_CALL


def test_a_crm_that_does_not_answer_stops_nobody(world: World) -> None:
    call = dial(world)
    world.clock.advance(2.1)
    world.run()
    assert [sent[0] for sent in world.phone.sent("place_call")] == [call]
    world.crm.answer_all()
    world.run()
    assert len(world.phone.sent("place_call")) == 1, "a late answer does not dial again"


def test_a_crm_that_fails_stops_nobody(world: World) -> None:
    world.crm.fail_work(CrmTrouble.UNREACHABLE)
    dial(world)
    world.crm.answer_all()
    world.run()
    assert len(world.phone.sent("place_call")) == 1


def test_hanging_up_while_the_crm_is_asked_dials_nothing(world: World) -> None:
    call = dial(world)
    world.desk.calling.hang_up(call)
    world.run()
    assert end_of(world, call) is EndCause.CANCELLED
    assert world.crm.open_permissions == {}
    world.clock.advance(5)
    world.run()
    assert world.phone.sent("place_call") == []
    assert world.phone.sent("hang_up") == []


def test_colleagues_and_companies_without_such_a_crm_are_dialled_at_once(world: World) -> None:
    dial(world, "7002")
    world.desk.calling.place_call(NUMBER, ACCOUNT.id, ORDERS.id)
    assert len(world.phone.sent("place_call")) == 2
    assert world.crm.open_permissions == {}
