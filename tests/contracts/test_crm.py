"""What every implementation of the port `Crm` promises: the adapter over HTTP and the fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.events import CustomerLookedUp, DeliveryAttempted
from softphone.domain.ids import QueryId
from tests.contracts.crm_world import CrmWorld, FakeWorld, delivery, http_world, question


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
