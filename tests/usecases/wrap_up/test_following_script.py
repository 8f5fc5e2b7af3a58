"""The script during a call: merged, answered, branched, and its answers in the CRM."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.form import FieldKind, FieldTrouble, FormField
from softphone.domain.ids import CallId
from softphone.domain.script import ScriptAnswer, ScriptStep
from softphone.usecases.wrap_up.following_script import ScriptPage
from tests.fakes.world import INSURER, MARIA, SETTINGS, World

CLAIMS = (("X-Queue", "claims"),)
SCRIPT = (
    ScriptStep(
        "hello",
        "Good morning, {customer.name|welcome}. You call {campaign.name} about {customer.City}?",
        (ScriptAnswer("Storm", next="day", value="storm"), ScriptAnswer("Bill", next="bye", code="solved")),
    ),
    ScriptStep("day", "When?", ask=FormField("day", "Day", FieldKind.DATE, required=True), next="bye"),
    ScriptStep("bye", "Thank you ({answer.hello})."),
)


@pytest.fixture
def world() -> World:
    campaign = replace(INSURER, script=SCRIPT)
    made = World(settings=replace(SETTINGS, campaigns=(campaign, *SETTINGS.campaigns[1:])))
    made.start()
    made.crm.know(replace(MARIA, fields=(("City", "Berlin"),)))
    made.desk.being_available.choose_ready()
    made.run()
    return made


def talking(world: World) -> CallId:
    call_id = world.phone.ring("in-1", user="+493012345678", headers=CLAIMS)
    world.run()
    world.crm.answer_all()
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    return call_id


def page(world: World, call_id: CallId) -> ScriptPage:
    found = world.desk.following_script.page(call_id)
    assert found is not None
    return found


def test_the_first_step_is_merged_with_the_customer(world: World) -> None:
    call_id = talking(world)
    shown = page(world, call_id)
    assert shown.text == "Good morning, María Schäfer. You call Storm Insurance about Berlin?"
    assert shown.answers == ("Storm", "Bill")
    assert not shown.can_go_on


def test_while_it_rings_the_script_is_there_without_a_customer(world: World) -> None:
    call_id = world.phone.ring("in-1", headers=CLAIMS)
    world.run()
    assert page(world, call_id).text.startswith("Good morning, welcome.")


def test_a_call_without_a_script_has_no_page(world: World) -> None:
    call_id = world.phone.ring("in-1", headers=(("X-Queue", "orders"),))
    world.run()
    assert world.desk.following_script.page(call_id) is None
    assert not world.desk.following_script.go_on(call_id)


def test_an_answer_branches_and_a_required_field_holds_the_script(world: World) -> None:
    call_id, script = talking(world), world.desk.following_script
    script.choose(call_id, 0)
    assert (page(world, call_id).step, page(world, call_id).trouble) == ("day", FieldTrouble.MISSING)
    assert not script.go_on(call_id)
    script.answer(call_id, "2026-02-28")
    assert script.go_on(call_id)
    assert page(world, call_id).text == "Thank you (storm)."
    assert script.go_on(call_id)
    last = page(world, call_id)
    assert (last.at_end, last.steps_done) == (True, 3)
    assert not script.go_on(call_id)


def test_an_answer_prepares_its_outcome(world: World) -> None:
    call_id = talking(world)
    world.desk.following_script.choose(call_id, 1)
    assert world.desk.wrapping_up.draft(call_id).code == "solved"
    assert page(world, call_id).step == "bye"


def test_going_back_shows_what_was_answered_and_another_branch_forgets_the_first(world: World) -> None:
    call_id, script = talking(world), world.desk.following_script
    script.choose(call_id, 0)
    script.answer(call_id, "2026-02-28")
    script.go_back(call_id)
    assert (page(world, call_id).step, page(world, call_id).chosen) == ("hello", 0)
    script.choose(call_id, 1)
    world.phone.end(call_id)
    world.run()
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    (log,) = world.crm.records.values()
    assert log.answers == (("hello", "Bill"),)  # the day was asked on a branch that was left


def test_going_on_takes_the_answer_that_was_chosen_before(world: World) -> None:
    call_id, script = talking(world), world.desk.following_script
    script.choose(call_id, 0)
    script.go_back(call_id)
    assert script.go_on(call_id)
    assert page(world, call_id).step == "day"


def test_the_way_through_the_script_survives_a_restart(world: World) -> None:
    call_id, script = talking(world), world.desk.following_script
    script.choose(call_id, 0)
    script.answer(call_id, "2026-02-28")
    world.phone.end(call_id)
    world.run()
    world.clock.advance(1)
    world.run()
    after = World(settings=world.settings, records=world.store)
    world.store.restart(after.post)
    after.start()
    assert (page(after, call_id).step, page(after, call_id).answer) == ("day", "2026-02-28")
