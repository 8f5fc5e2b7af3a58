"""Searching for, making and correcting the customer of a call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from softphone.domain.call import EndCause
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble, Customer, EditableField, LookupState
from softphone.domain.customer_work import EditState, NewCustomerEntry, changed, changes
from softphone.domain.delivery import DeliveryKind
from softphone.domain.errors import BadInput
from softphone.domain.ids import CallId, CustomerId
from softphone.domain.keeping_events import DeliveryAdded
from softphone.domain.settings import CrmConnection
from softphone.domain.store_trouble import StoreTrouble
from tests.fakes.world import INSURER, MARIA, ORDERS, SETTINGS, World

EDITABLE = replace(
    MARIA,
    email="maria@example.test",
    fields=(("E-mail 2", "alt@example.test"), ("City", "Berlin")),
    editable=(
        EditableField("email", "E-mail", "maria@example.test"),
        EditableField("city", "City", "Berlin"),
    ),
)
JON = Customer(CustomerId("c9"), "Jon Marsh")


@pytest.fixture
def world() -> World:
    other = replace(ORDERS, crm="second")
    crms = (*SETTINGS.crms, CrmConnection("second", "rest", "https://second.test"))
    made = World(replace(SETTINGS, campaigns=(INSURER, other), crms=crms))
    made.start()
    made.crm.know(EDITABLE, JON)
    describe(made)
    return made


def describe(
    world: World,
    crm: str = "crm",
    abilities: Iterable[CrmAbility] = CrmAbility,
    required: tuple[str, ...] = ("name",),
) -> None:
    world.crm.describe(CrmDescription(crm, abilities=frozenset(abilities), required=required))
    world.run()


def ring(world: World, call: str = "in-1", queue: str = "claims", user: str = "+498999999") -> CallId:
    ringing = world.phone.ring(call, user=user, headers=(("X-Queue", queue),))
    world.run()
    world.crm.answer_all()
    world.run()
    return ringing


# --- searching ---


def test_a_customer_is_found_by_name_after_a_pause_in_typing_and_tied_to_the_call(world: World) -> None:
    call, searching = ring(world), world.desk.customers.searching
    searching.type(call, "mar")
    searching.type(call, "marsh")
    assert world.crm.searched == []
    world.clock.advance(0.3)
    assert [q.text for q in world.crm.searched] == ["marsh"]
    assert searching.search(call).lookup.state is LookupState.ASKING
    world.crm.answer_all()
    world.run()
    assert searching.search(call).lookup.matches == (JON,)
    searching.take(call, JON.id)
    assert world.desk.recognising.customer(call) == JON
    assert world.desk.wrapping_up.draft(call).customer_id == JON.id
    assert searching.search(call).text == ""


def test_enter_asks_at_once_and_takes_the_question_before_back(world: World) -> None:
    call, searching = ring(world), world.desk.customers.searching
    searching.type(call, "mar", at_once=True)
    searching.type(call, "marsh", at_once=True)
    assert [q.text for q in world.crm.searched] == ["mar", "marsh"]
    assert world.crm.cancelled[-1] == world.crm.searched[0].id


def test_a_number_is_looked_for_as_a_number_in_the_country_of_the_company(world: World) -> None:
    call, searching = ring(world), world.desk.customers.searching
    searching.type(call, "030 1234-5678", at_once=True)
    assert world.crm.searched == []
    assert world.crm.asked[-1].number.e164 == "+493012345678"
    world.crm.answer_all()
    world.run()
    assert searching.search(call).lookup.matches == (EDITABLE,)
    assert world.desk.recognising.customer(call) is None, "who it is is the agent's choice"
    searching.take(call, EDITABLE.id)
    assert world.desk.recognising.customer(call) == EDITABLE


def test_one_letter_asks_nothing(world: World) -> None:
    call = ring(world)
    world.desk.customers.searching.type(call, "m", at_once=True)
    assert world.crm.searched == []


def test_a_failed_search_says_why(world: World) -> None:
    call, searching = ring(world), world.desk.customers.searching
    searching.type(call, "marsh", at_once=True)
    world.crm.fail_work(CrmTrouble.TIMEOUT)
    world.crm.answer_all()
    world.run()
    assert searching.search(call).lookup.trouble is CrmTrouble.TIMEOUT


def test_a_search_goes_to_the_crm_of_the_called_company_only(world: World) -> None:
    describe(world, "second")
    call = ring(world, queue="orders")
    world.desk.customers.searching.type(call, "marsh", at_once=True)
    assert [(q.crm, q.campaign_id) for q in world.crm.searched] == [("second", "orders")]


def test_what_one_call_searched_for_is_not_shown_for_another(world: World) -> None:
    first, second = ring(world), ring(world, "in-2", "orders")
    searching = world.desk.customers.searching
    searching.type(first, "marsh", at_once=True)
    world.crm.answer_all()
    world.run()
    assert searching.search(second).lookup.matches == ()
    searching.take(second, JON.id)
    assert world.desk.recognising.customer(second) is None


def test_a_crm_that_cannot_search_is_not_searched(world: World) -> None:
    describe(world, abilities=())
    call, searching = ring(world), world.desk.customers.searching
    assert not searching.possible(call)
    searching.type(call, "marsh", at_once=True)
    assert world.crm.searched == []


def test_a_caller_who_gives_up_takes_the_search_back(world: World) -> None:
    call = ring(world)
    world.desk.customers.searching.type(call, "marsh", at_once=True)
    world.phone.end(call, EndCause.ABANDONED)
    world.run()
    assert world.crm.open_searches == {}


def test_an_answer_about_the_number_does_not_replace_who_the_agent_has_found(world: World) -> None:
    call = world.phone.ring("in-1", user="+493012345678", headers=(("X-Queue", "claims"),))
    world.run()
    searching = world.desk.customers.searching
    searching.type(call, "marsh", at_once=True)
    slow = world.crm.open_queries.pop(world.crm.asked[0].id)
    world.crm.answer_all()
    world.run()
    searching.take(call, JON.id)
    world.crm.open_queries[slow.id] = slow
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.customer(call) == JON


# --- making ---


def test_nothing_is_made_before_the_agent_asks(world: World) -> None:
    call, creating = ring(world), world.desk.customers.creating
    assert world.desk.recognising.lookup(call).state is LookupState.NONE
    assert creating.possible(call)
    creating.begin(call)
    assert world.crm.created == []
    found = creating.creation(call)
    assert found is not None
    assert found.entry == NewCustomerEntry(number="+49 89 99999")


def test_a_new_customer_is_made_once_and_tied_to_the_call(world: World) -> None:
    call, creating = ring(world), world.desk.customers.creating
    creating.begin(call)
    creating.create(call, NewCustomerEntry(" Ida  van Loon ", "", "ida@example.test", "+49 89 99999"))
    creating.create(call, NewCustomerEntry("Ida van Loon"))
    (new,) = world.crm.created
    assert (new.name, new.first_name, new.last_name) == ("Ida van Loon", "Ida van", "Loon")
    assert (new.number.e164, new.campaign_id, new.call_id, new.attempts) == (
        "+498999999",
        "insurer",
        call,
        0,
    )
    world.crm.answer_all()
    world.run()
    customer = world.desk.recognising.customer(call)
    assert customer is not None
    assert (customer.name, customer.numbers) == ("Ida van Loon", ("+498999999",))
    assert world.desk.wrapping_up.draft(call).customer_id == customer.id
    assert creating.creation(call) is None


@pytest.mark.parametrize(("required", "field"), [(("name",), "name"), (("name", "email"), "email")])
def test_what_the_crm_needs_is_asked_for_by_its_name(
    world: World, required: tuple[str, ...], field: str
) -> None:
    describe(world, required=required)
    call = ring(world)
    world.desk.customers.creating.begin(call)
    with pytest.raises(BadInput) as wrong:
        world.desk.customers.creating.create(call, NewCustomerEntry("" if field == "name" else "Ida"))
    assert wrong.value.thing == f"customer_{field}"
    assert world.crm.created == []


@pytest.mark.parametrize(("trouble", "attempts"), [(CrmTrouble.TIMEOUT, 1), (CrmTrouble.REFUSED, 0)])
def test_asked_again_after_a_lost_answer_it_is_the_same_wish(
    world: World, trouble: CrmTrouble, attempts: int
) -> None:
    call, creating = ring(world), world.desk.customers.creating
    creating.begin(call)
    creating.create(call, NewCustomerEntry("Ida"))
    world.crm.fail_work(trouble)
    world.crm.answer_all()
    world.run()
    creation = creating.creation(call)
    assert creation is not None
    assert (creation.trouble, creation.saving) == (trouble, False)
    creating.create(call, NewCustomerEntry("Ida Loon"))
    first, second = world.crm.created
    assert (second.id, second.attempts) == (first.id, attempts)


def test_a_form_given_up_makes_nothing(world: World) -> None:
    call, creating = ring(world), world.desk.customers.creating
    creating.begin(call)
    creating.give_up(call)
    creating.create(call, NewCustomerEntry("Ida"))
    assert world.crm.created == []


# --- correcting ---


def known(world: World) -> CallId:
    return ring(world, user="+493012345678")


def test_a_correction_is_kept_on_disk_and_sent_by_the_outbox(world: World) -> None:
    call, editing = known(world), world.desk.customers.editing
    assert editing.possible(call)
    assert editing.save(call, {"email": "new@example.test", "city": "Berlin"})
    assert editing.edit(call).state is EditState.SAVING
    world.run()
    (delivery,) = world.store.deliveries
    assert (delivery.kind, delivery.crm) == (DeliveryKind.UPDATE_CUSTOMER, "crm")
    assert delivery.change is not None
    assert delivery.change.customer_id == MARIA.id
    assert delivery.change.fields == (("email", "new@example.test"),)
    assert editing.edit(call).state is EditState.KEPT
    customer = world.desk.recognising.customer(call)
    assert customer is not None
    assert customer.email == "new@example.test"
    world.crm.answer_all()
    world.run()
    assert editing.edit(call).state is EditState.DELIVERED


def test_nothing_changed_sends_nothing(world: World) -> None:
    call = known(world)
    assert not world.desk.customers.editing.save(call, {"email": " maria@example.test ", "unknown": "x"})
    world.run()
    assert world.store.deliveries == []


def test_a_refused_correction_says_why_and_can_be_sent_again_or_given_up(world: World) -> None:
    call, editing = known(world), world.desk.customers.editing
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    editing.save(call, {"city": "Bonn"})
    world.run()
    world.crm.answer_all()
    world.run()
    assert (editing.edit(call).state, editing.edit(call).trouble) == (EditState.REFUSED, CrmTrouble.REFUSED)
    assert [d.change.fields for d in editing.refused if d.change] == [(("city", "Bonn"),)]
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    editing.retry_refused()
    world.run()
    world.crm.answer_all()
    world.run()
    assert [d.attempts for d in editing.refused] == [2]
    editing.discard_refused()
    world.run()
    assert not editing.refused
    assert world.desk.wrapping_up.record(call) is not None


def test_a_correction_waits_for_a_crm_that_is_down(world: World) -> None:
    call, editing = known(world), world.desk.customers.editing
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE)
    editing.save(call, {"city": "Bonn"})
    world.run()
    world.crm.answer_all()
    world.run()
    assert (editing.edit(call).state, editing.edit(call).trouble) == (EditState.KEPT, CrmTrouble.UNREACHABLE)
    world.clock.advance(10)
    world.run()
    world.crm.answer_all()
    world.run()
    assert editing.edit(call).state is EditState.DELIVERED


def test_what_is_not_on_disk_is_not_said_to_be_kept(world: World) -> None:
    call, editing = known(world), world.desk.customers.editing
    world.store.fail_next(StoreTrouble.DISK_FULL)
    editing.save(call, {"city": "Bonn"})
    world.run()
    assert editing.edit(call).state is EditState.SAVING
    assert world.all(DeliveryAdded) == []


def test_a_crm_that_takes_no_corrections_offers_none(world: World) -> None:
    describe(world, abilities=(CrmAbility.SEARCH,))
    call = known(world)
    assert not world.desk.customers.editing.possible(call)
    assert not world.desk.customers.editing.save(call, {"city": "Bonn"})


def test_the_card_shows_the_new_text_wherever_it_showed_the_old() -> None:
    after = changed(EDITABLE, changes(EDITABLE, {"email": "neu@example.test", "city": "Bonn"}))
    assert after.email == "neu@example.test"
    assert after.fields == (("E-mail 2", "alt@example.test"), ("City", "Bonn"))
    assert [f.value for f in after.editable] == ["neu@example.test", "Bonn"]
