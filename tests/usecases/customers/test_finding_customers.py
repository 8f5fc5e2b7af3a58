"""Looking customers up without a call, in the CRM of the company that the agent has chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.crm_events import CrmSignInChanged
from softphone.domain.crm_work import CrmAbility, CrmDescription, SignInNews, SignInStep
from softphone.domain.customer import CrmTrouble, Customer, LookupState
from softphone.domain.customer_work import Finding
from softphone.domain.errors import Refused
from softphone.domain.ids import CustomerId
from softphone.domain.settings import CrmConnection
from softphone.usecases.customers.finding import FindingCustomers
from tests.fakes.world import ACCOUNT, INSURER, MARIA, ORDERS, SETTINGS, World

JON = Customer(CustomerId("c9"), "Jon Marsh", numbers=("+49 30 5550101", "+49 171 5550102"))
OTHERS = replace(ORDERS, crm="second", region="DE")
SECOND = CrmConnection("second", "rest", "https://second.test")
EVERYTHING = frozenset(CrmAbility)


def made(*, several: bool) -> World:
    campaigns = (INSURER, OTHERS) if several else (INSURER, ORDERS)
    crms = (*SETTINGS.crms, SECOND) if several else SETTINGS.crms
    world = World(replace(SETTINGS, campaigns=campaigns, crms=crms))
    world.start()
    world.crm.know(MARIA, JON)
    for crm in crms:
        world.crm.describe(CrmDescription(crm.name, "CRM", EVERYTHING))
    world.run()
    return world


@pytest.fixture
def world() -> World:
    return made(several=False)


@pytest.fixture
def two() -> World:
    return made(several=True)


def finding_of(world: World) -> FindingCustomers:
    return world.desk.customers.finding


def look_for(world: World, text: str) -> Finding:
    finding_of(world).type(text, at_once=True)
    world.crm.answer_all()
    world.run()
    return finding_of(world).finding


def shown(world: World) -> Customer | None:
    return finding_of(world).finding.shown


def test_a_customer_is_found_by_name_after_a_pause_in_typing(world: World) -> None:
    finding = finding_of(world)
    finding.type("mar")
    finding.type("marsh")
    assert world.crm.searched == []
    world.clock.advance(0.3)
    assert [(q.text, q.crm, q.campaign_id) for q in world.crm.searched] == [("marsh", "crm", "insurer")]
    world.crm.answer_all()
    world.run()
    assert finding.finding.search.lookup.matches == (JON,)
    assert shown(world) is None, "who it is is the agent's choice"
    finding.open(JON.id)
    assert shown(world) == JON
    finding.back()
    assert finding.finding.search.lookup.matches == (JON,)


@pytest.mark.parametrize("typed", ["+49 30 12345678", "030 / 1234-5678", "(030) 12345678"])
def test_a_number_is_asked_for_as_a_number_and_shows_the_card_at_once(world: World, typed: str) -> None:
    assert look_for(world, typed).shown == MARIA
    assert world.crm.asked[-1].number.e164 == "+493012345678"
    assert world.crm.searched == []


@pytest.mark.parametrize("typed", ["1234", "Haus 12345", "12345a"])
def test_what_is_no_telephone_number_is_searched_as_text(world: World, typed: str) -> None:
    look_for(world, typed)
    assert [q.text for q in world.crm.searched] == [typed]


def test_one_letter_asks_nothing(world: World) -> None:
    look_for(world, "m")
    assert world.crm.searched == []


def test_a_crm_without_a_search_is_asked_for_numbers_only(world: World) -> None:
    world.crm.describe(CrmDescription("crm", "CRM", frozenset({CrmAbility.RECORD})))
    world.run()
    assert finding_of(world).by_number_only()
    look_for(world, "marsh")
    assert world.crm.searched == []
    assert look_for(world, "030 12345678").shown == MARIA


def test_the_only_company_is_chosen_by_itself(world: World) -> None:
    assert finding_of(world).finding.campaign_id == INSURER.id


def test_with_several_companies_nothing_is_asked_before_the_agent_has_chosen(two: World) -> None:
    finding = finding_of(two)
    assert [c.id for c in finding.companies] == [INSURER.id, OTHERS.id]
    assert finding.finding.campaign_id is None
    look_for(two, "marsh")
    assert two.crm.searched == []
    finding.choose_company(OTHERS.id)
    look_for(two, "marsh")
    assert [(q.crm, q.campaign_id) for q in two.crm.searched] == [("second", "orders")]


def test_another_company_shows_nothing_of_the_one_before(two: World) -> None:
    finding = finding_of(two)
    finding.choose_company(INSURER.id)
    look_for(two, "marsh")
    finding.open(JON.id)
    finding.choose_company(OTHERS.id)
    assert finding.finding == Finding(OTHERS.id)
    assert len(two.crm.searched) == 1, "what was typed for one company is not sent to another"


def test_an_answer_that_comes_after_the_company_was_changed_is_not_shown(two: World) -> None:
    finding = finding_of(two)
    finding.choose_company(INSURER.id)
    finding.type("marsh", at_once=True)
    finding.choose_company(OTHERS.id)
    assert two.crm.cancelled == [two.crm.searched[0].id]
    two.crm.answer_all()
    two.run()
    assert finding.finding == Finding(OTHERS.id)


def test_a_company_that_is_gone_from_the_settings_leaves_nothing_behind(two: World) -> None:
    finding = finding_of(two)
    finding.choose_company(OTHERS.id)
    look_for(two, "marsh")
    two.desk.configuring.change(replace(two.settings, campaigns=(INSURER,)))
    assert finding.finding == Finding(INSURER.id)


def test_a_company_whose_crm_is_another_server_now_leaves_nothing_in_sight(world: World) -> None:
    look_for(world, "marsh")
    moved = (CrmConnection("crm", "rest", "https://elsewhere.test"),)
    world.desk.configuring.change(replace(world.settings, crms=moved))
    assert finding_of(world).finding == Finding(INSURER.id)


def test_signing_out_leaves_nothing_in_sight(world: World) -> None:
    look_for(world, "marsh")
    world.post(CrmSignInChanged(SignInNews("crm", SignInStep.SIGNED_OUT)))
    world.run()
    assert finding_of(world).finding == Finding(INSURER.id)


def test_a_search_that_failed_for_want_of_a_sign_in_is_asked_again_after_it(world: World) -> None:
    finding_of(world).type("marsh", at_once=True)
    world.crm.fail_work(CrmTrouble.CREDENTIALS)
    world.crm.answer_all()
    world.run()
    assert finding_of(world).finding.search.lookup.trouble is CrmTrouble.CREDENTIALS
    world.post(CrmSignInChanged(SignInNews("crm", SignInStep.DONE)))
    world.run()
    world.crm.answer_all()
    world.run()
    assert finding_of(world).finding.search.lookup.matches == (JON,)


def test_calling_the_customer_who_is_shown_is_about_that_record(two: World) -> None:
    finding = finding_of(two)
    finding.choose_company(OTHERS.id)
    look_for(two, "marsh")
    finding.open(JON.id)
    call = finding.call(JON.numbers[1], ACCOUNT.id)
    placed = two.desk.calling.call(call)
    assert placed is not None
    assert placed.campaign_id == OTHERS.id
    assert two.desk.recognising.customer(call) == JON
    two.crm.answer_all()
    two.run()
    assert two.desk.recognising.customer(call) == JON, "the agent has chosen"
    assert two.desk.wrapping_up.draft(call).customer_id == JON.id


def test_calling_without_a_registered_account_is_refused(world: World) -> None:
    look_for(world, "030 12345678")
    with pytest.raises(Refused):
        finding_of(world).call("+493012345678", None)


def test_the_record_opens_in_the_browser(world: World) -> None:
    finding = finding_of(world)
    assert not finding.open_record()
    look_for(world, "030 12345678")
    assert finding.open_record()
    assert world.links == [MARIA.url]


def test_a_ringing_call_does_not_disturb_what_is_found(world: World) -> None:
    look_for(world, "marsh")
    world.phone.ring(user="+493012345678", headers=(("X-Queue", "claims"),))
    world.run()
    world.crm.answer_all()
    world.run()
    assert finding_of(world).finding.search.lookup.state is LookupState.ONE
    assert finding_of(world).finding.search.lookup.matches == (JON,)
