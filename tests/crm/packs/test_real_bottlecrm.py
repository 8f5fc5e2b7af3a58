"""What only a real CRM can show: its own refusals, and dying between its write and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from softphone.domain.customer import CrmTrouble, Customer
from softphone.domain.delivery import DeliveryKind
from tests.crm.packs.real_bottlecrm import RealBottleCrm, behind_a_relay
from tests.crm.packs.world import CALLER, PackWorld, world_of
from tests.crm.shapes.shape import Person
from tests.peers.bottlecrm import BottleCrm

pytestmark = pytest.mark.peer("bottlecrm")

ANNA = Person("Anna", "Ek", CALLER, "Ek AB", "anna@example.com")


@pytest.fixture
def real(bottlecrm: BottleCrm) -> Iterator[RealBottleCrm]:
    with behind_a_relay(bottlecrm) as real:
        yield real


@pytest.fixture
def world(real: RealBottleCrm) -> Iterator[PackWorld]:
    with world_of(real) as world:
        yield world


@pytest.fixture
def anna(world: PackWorld) -> Customer:
    world.shape.add(ANNA)
    return world.found()


def test_a_call_is_logged_once_though_the_server_died_before_its_answer(
    real: RealBottleCrm, world: PackWorld, anna: Customer
) -> None:
    delivery = world.delivery(anna)
    real.die_before_the_answer("interaction")
    assert world.delivered(delivery).trouble is CrmTrouble.UNREACHABLE
    assert world.delivered(replace(delivery, attempts=1)).trouble is CrmTrouble.UNREACHABLE
    real.server.start()
    assert world.arrives(replace(delivery, attempts=2))
    assert [call.seconds for call in real.calls()] == [180]


def test_a_call_is_corrected_once_though_the_server_died_before_its_answer(
    real: RealBottleCrm, world: PackWorld, anna: Customer
) -> None:
    logged = world.delivery(anna)
    log = replace(logged.log, disposition_label="Claim settled", notes="Paid out")
    remote_id = world.arrives(logged)
    change = replace(logged, kind=DeliveryKind.UPDATE_CALL, remote_id=remote_id, log=log, revision=1)
    real.die_once_a_call_says("Paid out")
    assert world.delivered(change).trouble is CrmTrouble.UNREACHABLE
    real.server.start()
    world.arrives(replace(change, attempts=1))
    (call,) = real.calls()
    assert call.text.startswith("Claim settled\n")
    assert call.text.count("Paid out") == 1
    assert "Water in the cellar" not in call.text


def test_a_correction_of_a_call_that_was_deleted_there_is_refused_for_good(
    real: RealBottleCrm, world: PackWorld, anna: Customer
) -> None:
    logged = world.delivery(anna)
    change = replace(
        logged, kind=DeliveryKind.UPDATE_CALL, remote_id=world.arrives(logged), revision=1, attempts=1
    )
    real.forget_calls()
    result = world.delivered(change)
    assert (result.trouble, result.final) == (CrmTrouble.NOT_FOUND, True), result
    assert real.calls() == []


def test_a_callback_is_scheduled_once_though_the_server_died_before_its_answer(
    real: RealBottleCrm, world: PackWorld, anna: Customer
) -> None:
    task = world.task(anna)
    # Its link to the customer is a write of its own, the last one.
    real.die_before_the_answer("task_contacts")
    assert world.delivered(task).trouble is CrmTrouble.UNREACHABLE
    real.server.start()
    world.arrives(replace(task, attempts=1))
    assert [task.customer_id for task in real.tasks()] == [str(anna.id)]


def test_a_customer_is_created_once_though_the_server_died_before_its_answer(
    real: RealBottleCrm, world: PackWorld
) -> None:
    new = world.new_customer()
    real.die_before_the_answer("contacts")
    assert world.created(new).trouble is CrmTrouble.UNREACHABLE
    real.server.start()
    again = world.created(replace(new, attempts=1))
    assert again.customer is not None, again
    assert len(real.people()) == 1


def test_a_field_is_changed_though_the_server_was_away(
    real: RealBottleCrm, world: PackWorld, anna: Customer
) -> None:
    change = world.change(anna, "city", "Aachen")
    real.server.kill()
    assert world.delivered(change).trouble is CrmTrouble.UNREACHABLE
    real.server.start()
    world.arrives(replace(change, attempts=1))
    assert dict(world.found(hint=anna.id).fields)["City"] == "Aachen"


def test_an_email_that_is_none_is_refused_in_the_crms_words(world: PackWorld, anna: Customer) -> None:
    result = world.delivered(world.change(anna, "email", "not an address"))
    assert result.trouble is CrmTrouble.REFUSED, result
    assert "valid email" in result.detail


def test_a_number_that_is_none_is_refused_in_the_crms_words(world: PackWorld) -> None:
    answer = world.created(world.new_customer("7001"))
    assert answer.trouble is CrmTrouble.REFUSED, answer
    assert "valid phone number" in answer.detail


def test_a_second_customer_with_the_email_is_refused_in_the_crms_words(world: PackWorld) -> None:
    assert world.created(world.new_customer()).customer is not None
    answer = world.created(world.new_customer("+442079460888"))
    assert answer.trouble is CrmTrouble.REFUSED, answer
    assert "already exists with this email" in answer.detail


def test_a_customer_who_is_gone_cannot_be_written_to(world: PackWorld, anna: Customer) -> None:
    gone = replace(anna, id=type(anna.id)("00000000-0000-4000-8000-000000000000"))
    assert world.delivered(world.delivery(gone)).trouble is CrmTrouble.NOT_FOUND
    assert world.delivered(world.change(gone, "city", "Aachen")).trouble is CrmTrouble.NOT_FOUND


def test_an_id_that_is_none_brings_a_page_and_the_number_still_finds(
    world: PackWorld, anna: Customer
) -> None:
    assert world.found(hint="not-an-id").id == anna.id


def test_the_card_shows_what_the_crm_knows(world: PackWorld, real: RealBottleCrm) -> None:
    real.server.ask(
        "POST",
        "/api/contacts/",
        {
            "first_name": "Ида",
            "last_name": "<b>Ek</b>",
            "phone": CALLER,
            "organization": "Ek AB",
            "title": "Boss",
        },
    )
    customer = world.found()
    assert customer.name == "Ида <b>Ek</b>"
    assert customer.company == "Ek AB"
    assert customer.numbers == (CALLER,)
    assert ("Job title", "Boss") in customer.fields
