"""Screen pop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.call import EndCause
from softphone.domain.customer import CrmTrouble, Customer, LookupState
from softphone.domain.ids import CallId, CustomerId
from tests.fakes.world import MARIA, SETTINGS, World

CLAIMS = (("X-Queue", "claims"),)


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    made.crm.know(MARIA)
    return made


def ring(world: World, user: str = "+493012345678", headers: tuple[tuple[str, str], ...] = CLAIMS) -> CallId:
    ringing = world.phone.ring(user=user, headers=headers)
    world.run()
    return ringing


def test_the_crm_is_asked_with_the_invite_and_the_card_shows_who_it_is(world: World) -> None:
    ringing = ring(world)
    assert world.crm.asked[0].number.e164 == "+493012345678"
    assert world.desk.recognising.lookup(ringing).state is LookupState.ASKING
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.customer(ringing) == MARIA
    assert world.desk.wrapping_up.draft(ringing).customer_id == MARIA.id


def test_a_national_number_is_understood_in_the_country_of_the_campaign(world: World) -> None:
    ring(world, "030 12345678")
    assert world.crm.asked[0].number.e164 == "+493012345678"


def test_several_matches_wait_for_the_agents_choice(world: World) -> None:
    brother = Customer(CustomerId("c2"), "Jorge", numbers=MARIA.numbers)
    world.crm.know(brother)
    ringing = ring(world)
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.lookup(ringing).state is LookupState.SEVERAL
    assert world.desk.recognising.customer(ringing) is None
    world.desk.recognising.choose(ringing, brother.id)
    assert world.desk.recognising.customer(ringing) == brother


def test_nobody_known_says_so(world: World) -> None:
    ringing = ring(world, "+4989999999")
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.lookup(ringing).state is LookupState.NONE


def test_a_slow_crm_is_called_late_and_its_answer_is_still_used(world: World) -> None:
    ringing = ring(world)
    world.clock.advance(2)
    world.run()
    assert world.desk.recognising.lookup(ringing).state is LookupState.LATE
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.customer(ringing) == MARIA


def test_a_failed_question_can_be_asked_again(world: World) -> None:
    world.crm.fail_finds(CrmTrouble.UNREACHABLE)
    ringing = ring(world)
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.lookup(ringing).trouble is CrmTrouble.UNREACHABLE
    world.desk.recognising.ask_again(ringing)
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.customer(ringing) == MARIA


def test_a_caller_who_gives_up_takes_the_question_back(world: World) -> None:
    timers_before = world.clock.waiting
    ringing = ring(world)
    world.phone.end(ringing, EndCause.ABANDONED)
    world.run()
    assert world.crm.cancelled == [world.crm.asked[0].id]
    assert world.clock.waiting == timers_before


def test_a_call_of_no_campaign_asks_no_crm(world: World) -> None:
    ringing = ring(world, headers=())
    assert world.crm.asked == []
    assert world.desk.recognising.lookup(ringing).state is LookupState.NOT_ASKED


def test_a_record_id_from_the_telephone_system_is_handed_on(world: World) -> None:
    ring(world, user="", headers=(*CLAIMS, ("X-CRM-ID", "c1")))
    assert world.crm.asked[0].record_hint == "c1"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Call-Info", "<https://crm.test/contacts/c1>;purpose=info"),
        ("User-to-User", "6331;encoding=hex"),
        ("X-Record", "c1"),
    ],
)
def test_the_record_is_named_by_the_header_that_the_settings_say(header: str, value: str) -> None:
    calls = replace(SETTINGS.calls, record_id_headers=("X-Record", "User-to-User", "Call-Info"))
    world = World(replace(SETTINGS, calls=calls))
    world.start()
    world.phone.ring(headers=(("X-Queue", "claims"), (header, value)))
    world.run()
    assert [query.record_hint for query in world.crm.asked] == ["c1"]


def test_the_record_opens_in_the_browser_and_only_over_http(world: World) -> None:
    ringing = ring(world)
    assert not world.desk.recognising.open_record(ringing)
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.open_record(ringing)
    assert world.links == ["https://crm.test/c1"]


def test_a_link_that_is_not_http_is_never_opened(world: World) -> None:
    world.crm.know(Customer(CustomerId("x"), "X", numbers=("+4989999999",), url="file:///etc/passwd"))
    ringing = ring(world, "+4989999999")
    world.crm.answer_all()
    world.run()
    assert not world.desk.recognising.open_record(ringing)
    assert world.links == []


def test_the_record_opens_by_itself_once_where_the_settings_say_so() -> None:
    window = replace(SETTINGS.window, open_record_on_answer=True)
    world = World(settings=replace(SETTINGS, window=window))
    world.start()
    world.crm.know(MARIA)
    ringing = ring(world)
    world.desk.calling.answer(ringing)
    world.run()
    assert world.links == [], "the CRM has not answered yet"
    world.crm.answer_all()
    world.run()
    world.desk.calling.mute(ringing, True)
    world.run()
    assert world.links == [MARIA.url]
