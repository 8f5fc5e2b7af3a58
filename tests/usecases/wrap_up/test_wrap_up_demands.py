"""What a campaign demands beside a code: several outcomes, form answers, what outcomes set off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.campaign import CodeAction, Disposition
from softphone.domain.errors import Refused
from softphone.domain.form import FieldFault, FieldKind, FieldTrouble, FormField
from softphone.domain.ids import CallId
from softphone.domain.wrap_up_events import WrapUpChanged
from tests.fakes.world import INSURER, MARIA, SETTINGS, World

DAMAGE = FormField("damage", "Damage", FieldKind.AMOUNT, required=True, maximum=10_000)
SURVEY = FormField("survey", "Survey", FieldKind.SCALE)
DEMANDING = replace(
    INSURER,
    max_codes=2,
    fields=(SURVEY,),
    dispositions=(
        Disposition("claim", "Claim", fields=(DAMAGE,), actions=(CodeAction.FOLLOW_UP_TASK,)),
        Disposition("angry", "Angry", actions=(CodeAction.ESCALATE, CodeAction.FOLLOW_UP_TASK)),
        Disposition("solved", "Solved"),
    ),
)


def demanding() -> World:
    made = World(settings=replace(SETTINGS, campaigns=(DEMANDING,)))
    made.start()
    made.crm.know(MARIA)
    made.desk.being_available.choose_ready()
    made.run()
    return made


def talked(world: World, name: str = "in-1") -> CallId:
    ringing = world.phone.ring(name, headers=(("X-Queue", "claims"),))
    world.run()
    world.crm.answer_all()
    world.desk.calling.answer(ringing)
    world.run()
    world.clock.advance(60)
    world.phone.end(ringing)
    world.run()
    return ringing


def test_two_outcomes_their_actions_and_answers_reach_the_crm() -> None:
    world = demanding()
    work, ended = world.desk.wrapping_up, talked(world)
    work.choose_code(ended, "claim")
    work.choose_code(ended, "angry")
    work.answer_field(ended, "damage", "1.234,50")
    work.answer_field(ended, "survey", "4")
    assert work.save(ended)
    world.run()
    world.crm.answer_all()
    world.run()
    (log,) = world.crm.records.values()
    assert (log.disposition, log.more_dispositions) == ("claim", ("angry",))
    assert log.disposition_label == "Claim + Angry"
    assert log.actions == ("follow_up_task", "escalate")
    assert dict(log.answers) == {"damage": "1234.50", "survey": "4"}


def test_an_answer_that_does_not_count_holds_the_wrap_up_and_is_named() -> None:
    world = demanding()
    work, ended = world.desk.wrapping_up, talked(world)
    work.choose_code(ended, "claim")
    work.answer_field(ended, "damage", "20000")
    assert not work.save(ended)
    assert world.last(WrapUpChanged).field_faults == (FieldFault("damage", FieldTrouble.TOO_LARGE),)


def test_answers_of_an_outcome_that_was_taken_back_are_not_sent() -> None:
    world = demanding()
    work, ended = world.desk.wrapping_up, talked(world)
    work.choose_code(ended, "claim")
    work.answer_field(ended, "damage", "5")
    work.choose_code(ended, "claim")
    work.choose_code(ended, "solved")
    assert work.save(ended)
    world.run()
    assert world.store.deliveries[0].log.answers == ()


def test_a_field_that_nobody_asks_is_not_kept() -> None:
    world = demanding()
    work, ended = world.desk.wrapping_up, talked(world)
    work.answer_field(ended, "damage", "5")
    assert work.draft(ended).answers == ()


def test_the_codes_used_most_are_the_favourites() -> None:
    world = demanding()
    for name, code in (("a", "angry"), ("b", "solved"), ("c", "angry"), ("d", "solved"), ("e", "solved")):
        ended = talked(world, name)
        world.desk.wrapping_up.choose_code(ended, code)
        assert world.desk.wrapping_up.save(ended)
        world.run()
    world.desk.looking_back.reload()
    world.run()
    assert world.desk.looking_back.favourites(DEMANDING.id) == ("solved", "angry")
    world.desk.looking_back.search("nobody")
    world.run()
    assert world.desk.looking_back.favourites(DEMANDING.id) == ("solved", "angry"), "whatever is searched"


BARRING = replace(
    INSURER, dispositions=(Disposition("never", "Never again", actions=(CodeAction.DO_NOT_CALL,)),)
)


def test_a_number_that_wants_no_calls_is_refused_from_then_on_also_after_a_restart() -> None:
    world = World(settings=replace(SETTINGS, campaigns=(BARRING,)))
    world.start()
    ended = talked(world)
    number = world.desk.calling.number(world.desk.wrapping_up.record(ended).call)  # type: ignore[union-attr]  # it is there
    account = world.desk.signing_in.first_registered()
    world.desk.wrapping_up.choose_code(ended, "never")
    assert world.desk.wrapping_up.save(ended)
    world.run()
    with pytest.raises(Refused, match="not to be called"):
        world.desk.calling.place_call(number.e164, account)
    after = World(settings=replace(SETTINGS, campaigns=(BARRING, DEMANDING)), records=world.store)
    world.store.restart(after.post)
    after.start()
    account = after.desk.signing_in.first_registered()
    with pytest.raises(Refused):
        after.desk.calling.place_call(number.e164.replace("+49", "0"), account, BARRING.id)
    assert after.desk.calling.place_call("+4930999999", account, BARRING.id)
