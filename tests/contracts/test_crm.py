"""What every implementation of the port `Crm` promises: the adapter over HTTP and the fake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from softphone.domain.campaign import CodeAction
from softphone.domain.crm_events import CodesFetched, CustomerCreated, CustomersFound, DoNotCallChecked
from softphone.domain.crm_work import DoNotCallQuery, Permission, TextQuery
from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.delivery import DeliveryKind
from softphone.domain.ids import CampaignId, QueryId
from softphone.domain.keeping_events import DeliveryAttempted
from tests.contracts.crm_world import (
    CrmWorld,
    FakeWorld,
    delivery,
    http_world,
    new_customer,
    other_delivery,
    question,
)


@pytest.fixture(params=["fake", "http"])
def world(request: pytest.FixtureRequest) -> Iterator[CrmWorld]:
    if request.param == "fake":
        yield FakeWorld()
        return
    with http_world() as world:
        yield world


def test_a_known_number_finds_its_one_customer(world: CrmWorld) -> None:
    world.crm.find(question("+442079460018"))
    answer = world.inbox.next(CustomerLookedUp)
    assert answer.query_id == "q1"
    assert answer.call_id == "c1"
    assert answer.lookup.state is LookupState.ONE
    assert answer.lookup.chosen is not None
    assert answer.lookup.chosen.name == "Harriet Whitcombe"


def test_a_shared_number_finds_several(world: CrmWorld) -> None:
    world.crm.find(question("+498999998017"))
    lookup = world.inbox.next(CustomerLookedUp).lookup
    assert lookup.state is LookupState.SEVERAL
    assert {customer.id for customer in lookup.matches} == {"C007", "C008"}
    assert lookup.chosen is None


def test_an_unknown_number_finds_nobody(world: CrmWorld) -> None:
    world.crm.find(question("+442079460999"))
    lookup = world.inbox.next(CustomerLookedUp).lookup
    assert lookup.state is LookupState.NONE
    assert lookup.matches == ()


def test_the_record_named_by_the_telephone_system_wins(world: CrmWorld) -> None:
    world.crm.find(question("+442079460018", hint="C005"))
    assert [c.id for c in world.inbox.next(CustomerLookedUp).lookup.matches] == ["C005"]


def test_a_stale_record_id_falls_back_to_the_number(world: CrmWorld) -> None:
    world.crm.find(question("+442079460018", hint="C999"))
    assert [c.id for c in world.inbox.next(CustomerLookedUp).lookup.matches] == ["C001"]


def test_a_cancelled_question_is_not_answered(world: CrmWorld) -> None:
    world.crm.find(question("+442079460018", name="given up"))
    world.crm.cancel(QueryId("given up"))
    world.crm.find(question("+498999998017", name="next"))
    assert world.inbox.next(CustomerLookedUp).query_id == "next"
    assert world.inbox.empty


def test_cancelling_what_was_never_asked_is_no_error(world: CrmWorld) -> None:
    world.crm.cancel(QueryId("never"))
    world.crm.find(question("+442079460018"))
    assert world.inbox.next(CustomerLookedUp).query_id == "q1"


def test_a_delivered_call_is_on_record_under_its_id(world: CrmWorld) -> None:
    world.crm.deliver(delivery("d1"))
    result = world.inbox.next(DeliveryAttempted).result
    assert result.delivered
    assert result.delivery_id == "d1"
    assert result.remote_id
    assert world.recorded() == ["d1"]


def test_delivering_the_same_call_twice_records_it_once(world: CrmWorld) -> None:
    world.crm.deliver(delivery("d1"))
    first = world.inbox.next(DeliveryAttempted).result
    world.crm.deliver(delivery("d1"))
    second = world.inbox.next(DeliveryAttempted).result
    assert second.delivered
    assert second.remote_id == first.remote_id
    assert world.recorded() == ["d1"]


def test_a_lost_answer_is_repaired_by_the_next_attempt_without_a_second_record(world: CrmWorld) -> None:
    world.lose_the_next_answer()
    world.crm.deliver(delivery("d1"))
    lost = world.inbox.next(DeliveryAttempted).result
    assert lost.trouble is CrmTrouble.UNREACHABLE
    assert not lost.final
    world.crm.deliver(delivery("d1", attempts=1))
    repaired = world.inbox.next(DeliveryAttempted).result
    assert repaired.delivered
    assert repaired.remote_id
    assert world.recorded() == ["d1"]


def test_a_refused_call_is_final_and_not_on_record(world: CrmWorld) -> None:
    world.refuse_the_next_log()
    world.crm.deliver(delivery("d1"))
    result = world.inbox.next(DeliveryAttempted).result
    assert result.trouble is CrmTrouble.REFUSED
    assert result.final
    assert world.recorded() == []


def test_a_record_that_was_written_and_refused_becomes_its_correction(world: CrmWorld) -> None:
    world.write_and_refuse_the_next_log()
    world.crm.deliver(delivery("d1", notes="as it was"))
    assert world.inbox.next(DeliveryAttempted).result.trouble is CrmTrouble.REFUSED
    assert world.notes() == ["as it was"]
    world.crm.deliver(replace(delivery("d1", attempts=1, notes="corrected"), revision=1))
    corrected = world.inbox.next(DeliveryAttempted).result
    assert corrected.delivered
    assert corrected.remote_id
    assert (world.recorded(), world.notes()) == (["d1"], ["corrected"])


def test_an_update_finds_the_record_whose_id_was_never_told(world: CrmWorld) -> None:
    world.crm.deliver(delivery("d1", notes="as it was"))
    logged = world.inbox.next(DeliveryAttempted).result
    update = replace(delivery("d1", notes="corrected"), kind=DeliveryKind.UPDATE_CALL, revision=1)
    world.crm.deliver(update)
    result = world.inbox.next(DeliveryAttempted).result
    assert (result.trouble, result.remote_id) == (CrmTrouble.NONE, logged.remote_id)
    assert (world.recorded(), world.notes()) == (["d1"], ["corrected"])


def test_an_update_of_what_was_never_there_is_refused(world: CrmWorld) -> None:
    world.crm.deliver(replace(delivery("d1"), kind=DeliveryKind.UPDATE_CALL, revision=1))
    assert world.inbox.next(DeliveryAttempted).result.final
    assert world.recorded() == []


# --- search, create, change, tasks, codes, permission -----------------------------------------------------


def test_a_name_finds_its_customers(world: CrmWorld) -> None:
    world.crm.search(TextQuery(QueryId("s1"), None, "demo", "brandt"))
    found = world.inbox.next(CustomersFound)
    assert found.query_id == "s1"
    assert {customer.id for customer in found.lookup.matches} == {"C007", "C008"}


def test_a_cancelled_search_is_not_answered(world: CrmWorld) -> None:
    world.crm.search(TextQuery(QueryId("given up"), None, "demo", "brandt"))
    world.crm.cancel(QueryId("given up"))
    world.crm.search(TextQuery(QueryId("next"), None, "demo", "nobody of this name"))
    found = world.inbox.next(CustomersFound)
    assert (found.query_id, found.lookup.state) == ("next", LookupState.NONE)
    assert world.inbox.empty


def test_a_new_customer_is_found_by_its_number_from_then_on(world: CrmWorld) -> None:
    world.crm.create_customer(new_customer("n1"))
    created = world.inbox.next(CustomerCreated)
    assert (created.request_id, created.call_id) == ("n1", "c1")
    assert created.customer is not None
    assert created.customer.name == "Nora New"
    world.crm.find(question("+442079460333"))
    assert world.inbox.next(CustomerLookedUp).lookup.chosen is not None


def test_a_lost_answer_to_creating_makes_no_second_customer(world: CrmWorld) -> None:
    world.lose_the_next_creation()
    world.crm.create_customer(new_customer("n1"))
    lost = world.inbox.next(CustomerCreated)
    assert (lost.customer, lost.trouble) == (None, CrmTrouble.UNREACHABLE)
    world.crm.create_customer(new_customer("n1", attempts=1))
    created = world.inbox.next(CustomerCreated).customer
    assert created is not None
    world.crm.find(question("+442079460333"))
    assert [c.id for c in world.inbox.next(CustomerLookedUp).lookup.matches] == [created.id]


@pytest.mark.parametrize(
    "kind", [DeliveryKind.SCHEDULE, DeliveryKind.UPDATE_CUSTOMER, DeliveryKind.UPDATE_CALL]
)
def test_every_kind_of_delivery_arrives(world: CrmWorld, kind: DeliveryKind) -> None:
    world.crm.deliver(delivery("d1"))
    logged = world.inbox.next(DeliveryAttempted).result
    world.crm.deliver(other_delivery("d2", kind, remote_id=logged.remote_id))
    result = world.inbox.next(DeliveryAttempted).result
    assert (result.delivery_id, result.trouble) == ("d2", CrmTrouble.NONE)


def test_a_lost_answer_to_a_task_makes_no_second_task(world: CrmWorld) -> None:
    world.lose_the_next_task()
    world.crm.deliver(other_delivery("t1", DeliveryKind.SCHEDULE))
    assert world.inbox.next(DeliveryAttempted).result.trouble is CrmTrouble.UNREACHABLE
    world.crm.deliver(other_delivery("t1", DeliveryKind.SCHEDULE, attempts=1))
    assert world.inbox.next(DeliveryAttempted).result.delivered
    assert world.tasks() == ["t1"]


def test_the_codes_of_a_campaign_are_a_tree(world: CrmWorld) -> None:
    world.crm.fetch_codes("demo", CampaignId("meridian"))
    fetched = world.inbox.next(CodesFetched)
    assert (fetched.campaign_id, fetched.crm, fetched.trouble) == ("meridian", "demo", CrmTrouble.NONE)
    assert [code.code for code in fetched.codes] == ["resolved", "callback", ""]
    assert fetched.codes[1].needs_callback
    assert fetched.codes[1].actions == (CodeAction.CALLBACK,)
    assert [code.code for code in fetched.codes[2].children] == ["no_answer", "wrong_number"]


@pytest.mark.parametrize(
    ("number", "permission"),
    [("+442079460099", Permission.BARRED), ("+442079460018", Permission.ALLOWED)],
)
def test_a_barred_number_is_known(world: CrmWorld, number: str, permission: Permission) -> None:
    asked = question(number)
    world.crm.check_do_not_call(DoNotCallQuery(QueryId("p1"), None, "demo", asked.number))
    checked = world.inbox.next(DoNotCallChecked)
    assert (checked.query_id, checked.permission) == ("p1", permission)
