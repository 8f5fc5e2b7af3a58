"""Numbers that want no calls: not dialled, not transferred to, not promised a callback."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.campaign import CodeAction, Disposition
from softphone.domain.errors import Refused
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import Problem
from softphone.domain.wrap_up_events import WrapUpChanged
from tests.fakes.world import ACCOUNT, INSURER, SETTINGS, World

NO_MORE = Disposition("no_more", "Wants no calls", actions=(CodeAction.DO_NOT_CALL,))
CAMPAIGN = replace(INSURER, dispositions=(*INSURER.dispositions, NO_MORE), max_codes=2)
BARRED = "+493012345678"


@pytest.fixture
def world() -> World:
    """A desk on which the number `BARRED` has asked not to be called."""
    made = World(settings=replace(SETTINGS, campaigns=(CAMPAIGN, *SETTINGS.campaigns[1:])))
    made.start()
    call_id = talked(made, "first")
    made.desk.wrapping_up.choose_code(call_id, "no_more")
    assert made.desk.wrapping_up.save(call_id)
    made.run()
    return made


def talked(world: World, name: str, user: str = BARRED) -> CallId:
    call_id = world.phone.ring(name, user=user, headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


def problems(world: World) -> tuple[Problem, ...]:
    return world.last(WrapUpChanged).problems


@pytest.mark.parametrize("typed", [BARRED, "030 12345678", f"sip:{BARRED}@pbx.test"])
def test_it_is_neither_dialled_nor_transferred_to(world: World, typed: str) -> None:
    with pytest.raises(Refused, match="do_not_call"):
        world.desk.calling.place_call(typed, ACCOUNT.id, CAMPAIGN.id)
    call_id = world.phone.ring("other", user="+4930999", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    with pytest.raises(Refused, match="do_not_call"):
        world.desk.calling.transfer(call_id, typed)
    assert world.phone.sent("transfer") == []
    world.desk.calling.transfer(call_id, "+4930777")
    assert len(world.phone.sent("transfer")) == 1


def test_no_callback_is_promised_to_it(world: World) -> None:
    call_id, work = talked(world, "second"), world.desk.wrapping_up
    work.choose_code(call_id, "callback")
    later = world.clock.now() + timedelta(hours=1)
    work.plan_callback(call_id, later)
    assert problems(world) == (Problem.CALLBACK_BARRED,)
    assert not work.save(call_id)
    work.plan_callback(call_id, later, "+4930777")
    assert problems(world) == ()
    work.plan_callback(call_id, later, "030 12345678")
    assert problems(world) == (Problem.CALLBACK_BARRED,)


def test_an_outcome_that_bars_a_number_goes_with_no_callback_to_it(world: World) -> None:
    call_id, work = talked(world, "third", user="+4930111"), world.desk.wrapping_up
    work.plan_callback(call_id, world.clock.now() + timedelta(hours=1))
    work.choose_codes(call_id, ("callback", "no_more"))
    assert problems(world) == (Problem.CALLBACK_BARRED,)


def test_another_company_may_still_call(world: World) -> None:
    assert world.desk.calling.forbids(BARRED, CAMPAIGN.id)
    assert not world.desk.calling.forbids(BARRED, SETTINGS.campaigns[1].id)
