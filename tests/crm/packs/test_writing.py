"""Calls, tasks, customers and fields written by every pack: once and only once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from softphone.crm.packs.reading import load_pack
from softphone.domain.customer import CrmTrouble, Customer
from softphone.domain.delivery import Delivery, DeliveryKind
from softphone.domain.settings import CrmAuth
from tests.crm.packs.world import CALLER, DUE, PackWorld
from tests.crm.shapes.shape import Logged, Person

ANNA = Person("Anna", "Ek", CALLER, "Ek AB", "anna@example.com")
NEEDS_A_CUSTOMER = {"odoo", "odoo-jsonrpc", "bitrix24", "bottlecrm"}
"""Their calls hang on a customer's record; a call of nobody is refused and shown to the agent."""


@pytest.fixture
def anna(world: PackWorld) -> Customer:
    world.shape.add(ANNA)
    return world.found()


def _only(logged: list[Logged]) -> Logged:
    assert len(logged) == 1, logged
    return logged[0]


def _arrives_though_its_answer_is_lost(world: PackWorld, delivery: Delivery) -> str:
    world.shape.lose_next_answer()
    lost = world.delivered(delivery)
    assert lost.trouble is CrmTrouble.UNREACHABLE, lost
    return world.arrives(replace(delivery, attempts=1))


def test_a_call_is_logged_with_all_its_facts(world: PackWorld, anna: Customer) -> None:
    assert world.arrives(world.delivery(anna))
    logged = _only(world.shape.calls())
    assert logged.customer_id == anna.id.rpartition(":")[2]
    assert logged.direction == "inbound"
    assert logged.seconds == 180
    for words in ("Claim opened", "Water in the cellar", "שלום", "damage: water"):
        assert words in logged.text, logged.text


def test_a_call_whose_answer_was_lost_is_logged_once(world: PackWorld, anna: Customer) -> None:
    _arrives_though_its_answer_is_lost(world, world.delivery(anna))
    assert _only(world.shape.calls()).customer_id == anna.id.rpartition(":")[2]


def test_a_call_that_was_only_half_logged_is_completed_and_not_repeated(
    world: PackWorld, anna: Customer
) -> None:
    steps = load_pack(world.shape.pack).log.create.then
    if not steps:
        pytest.skip("this CRM takes the whole call in one request")
    delivery = world.delivery(anna)
    world.shape.lose_next_answer(skip=1)
    assert world.delivered(delivery).trouble is CrmTrouble.UNREACHABLE
    world.arrives(replace(delivery, attempts=1))
    world.arrives(replace(delivery, attempts=2))
    assert _only(world.shape.calls()).customer_id == str(anna.id)


def test_credentials_that_expire_lose_no_call(world: PackWorld, anna: Customer) -> None:
    delivery = world.delivery(anna)
    world.shape.expire()
    if world.shape.connection().auth is CrmAuth.CLIENT_CREDENTIALS:
        world.arrives(delivery)
        assert _only(world.shape.calls()).seconds == 180
        return
    result = world.delivered(delivery)
    assert result.trouble is CrmTrouble.CREDENTIALS, result
    assert not result.final
    assert world.shape.calls() == []


def test_a_busy_crm_is_asked_later_and_once(world: PackWorld, anna: Customer) -> None:
    world.arrives(world.delivery(anna))
    delivery = world.delivery(anna)
    world.shape.busy_once(1)
    result = world.delivered(delivery)
    assert result.trouble is CrmTrouble.BUSY, result
    assert not result.final
    assert len(world.shape.calls()) == 1
    world.arrives(replace(delivery, attempts=1))
    assert len(world.shape.calls()) == 2


def test_two_calls_are_two_records(world: PackWorld, anna: Customer) -> None:
    first, second = world.arrives(world.delivery(anna)), world.arrives(world.delivery(anna))
    assert first != second
    assert len(world.shape.calls()) == 2


def test_a_call_is_completed_and_corrected_later_in_the_record_that_is_there(
    world: PackWorld, anna: Customer
) -> None:
    """As the desk sends it: the same entry, each correction with a number of its own."""
    logged = world.delivery(anna)
    later = replace(logged, kind=DeliveryKind.UPDATE_CALL, remote_id=world.arrives(logged))
    for revision, (label, notes) in enumerate(
        (("Claim settled", "Paid out"), ("Claim closed", "Paid twice"))
    ):
        log = replace(
            logged.log, disposition_label=label, notes=notes, answers=(("damage", f"{revision} m"),)
        )
        corrected = replace(later, log=log, revision=revision + 1)
        world.arrives(corrected)
        world.arrives(replace(corrected, attempts=1))  # its answer was lost: nothing may come twice
        text = _only(world.shape.calls()).text
        assert label in text
        assert (text.count(notes), text.count(f"damage: {revision} m")) == (1, 1), text


def test_what_is_taken_back_in_a_correction_is_not_in_the_record_any_more(
    world: PackWorld, anna: Customer
) -> None:
    logged = world.delivery(anna)
    later = replace(logged, kind=DeliveryKind.UPDATE_CALL, remote_id=world.arrives(logged), revision=1)
    empty = replace(logged.log, disposition="", disposition_label="", notes="", answers=())
    world.arrives(replace(later, log=empty))
    text = _only(world.shape.calls()).text
    update = load_pack(world.shape.pack).log.update
    if update is not None and update.first.existing is not None:
        assert text.startswith("Call "), text  # comments are added, none is taken away
        return
    for words in ("Claim opened", "Water in the cellar", "damage"):
        assert words not in text, text


def test_a_correction_whose_answer_was_lost_arrives_once(world: PackWorld, anna: Customer) -> None:
    logged = world.delivery(anna)
    later = replace(logged, kind=DeliveryKind.UPDATE_CALL, remote_id=world.arrives(logged), revision=1)
    corrected = replace(later, log=replace(logged.log, notes="Paid out", disposition_label="Claim settled"))
    world.shape.lose_next_answer()
    lost = world.delivered(corrected)
    assert lost.trouble is CrmTrouble.UNREACHABLE, lost
    world.arrives(replace(corrected, attempts=1))
    assert _only(world.shape.calls()).text.count("Paid out") == 1


def test_a_record_that_is_there_as_it_was_before_its_correction_becomes_the_corrected_one(
    world: PackWorld, anna: Customer
) -> None:
    """Its answer was lost, then it was refused for another reason, and the agent corrected it."""
    logged = world.delivery(anna)
    world.shape.lose_next_answer()
    assert world.delivered(logged).trouble is CrmTrouble.UNREACHABLE
    corrected = replace(logged, log=replace(logged.log, notes="Paid out"), attempts=2, revision=1)
    world.arrives(corrected)
    world.arrives(replace(corrected, attempts=3))  # its answer was lost, too
    assert _only(world.shape.calls()).text.count("Paid out") == 1


def test_a_correction_of_a_record_that_the_crm_no_longer_has_is_refused_and_makes_none(
    world: PackWorld, anna: Customer
) -> None:
    logged = world.delivery(anna)
    deleted = re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 10), world.arrives(logged))
    gone = replace(logged, kind=DeliveryKind.UPDATE_CALL, remote_id=deleted, revision=1)
    result = world.delivered(replace(gone, log=replace(logged.log, notes="Paid out")))
    assert result.final, result
    assert result.trouble in (CrmTrouble.NOT_FOUND, CrmTrouble.REFUSED), result
    assert "Paid out" not in _only(world.shape.calls()).text


def test_a_call_of_nobody_is_logged_or_refused_in_the_crms_words(world: PackWorld) -> None:
    result = world.delivered(world.delivery())
    if world.shape.pack in NEEDS_A_CUSTOMER:
        assert result.trouble is CrmTrouble.REFUSED, result
        assert len(result.detail) > len("400 Bad Request: ")
        return
    assert result.delivered, (result, world.problems())
    assert _only(world.shape.calls()).customer_id == ""


def test_a_missed_call_is_no_conversation(world: PackWorld, anna: Customer) -> None:
    delivery = world.delivery(anna)
    world.arrives(replace(delivery, log=replace(delivery.log, talk_s=0, direction="outbound")))
    logged = _only(world.shape.calls())
    assert (logged.direction, logged.seconds) == ("outbound", 0)


def test_a_callback_is_scheduled_for_its_customer_and_day(world: PackWorld, anna: Customer) -> None:
    world.arrives(world.task(anna))
    task = _only(world.shape.tasks())
    assert task.customer_id == anna.id.rpartition(":")[2]
    assert "Call Anna Ek back" in task.text
    assert task.due.startswith(DUE.date().isoformat()), task.due


def test_a_callback_whose_answer_was_lost_is_scheduled_once(world: PackWorld, anna: Customer) -> None:
    _arrives_though_its_answer_is_lost(world, world.task(anna))
    assert "Call Anna Ek back" in _only(world.shape.tasks()).text


def test_a_customer_is_created_when_the_agent_asks_for_it(world: PackWorld) -> None:
    new = world.new_customer()
    answer = world.created(new)
    assert answer.customer is not None, (answer, world.problems())
    assert answer.customer.name == "Bea Novák"
    person = world.shape.people()[-1]
    assert (person.first_name, person.last_name) == ("Bea", "Novák")
    assert person.email in ("", "bea@example.com")
    assert world.found("+442079460777").id == answer.customer.id


def test_a_customer_whose_answer_was_lost_is_created_once(world: PackWorld) -> None:
    new = world.new_customer()
    world.shape.lose_next_answer()
    assert world.created(new).trouble is CrmTrouble.UNREACHABLE
    again = world.created(replace(new, attempts=1))
    assert again.customer is not None, (again, world.problems())
    assert len(world.shape.people()) == 1


def test_a_field_that_the_agent_may_change_is_changed(world: PackWorld, anna: Customer) -> None:
    assert anna.editable, "every shipped pack lets something be corrected"
    field = anna.editable[0]
    world.arrives(world.change(anna, field.name, "new@example.com"))
    changed = world.found(hint=anna.id)
    assert {item.name: item.value for item in changed.editable}[field.name] == "new@example.com"


def test_a_field_that_the_agent_may_not_change_is_refused(world: PackWorld, anna: Customer) -> None:
    result = world.delivered(world.change(anna, "password", "x"))
    assert result.trouble is CrmTrouble.REFUSED


def test_a_long_note_with_everything_in_it_arrives(world: PackWorld, anna: Customer) -> None:
    delivery = world.delivery(anna)
    note = "\n".join(f"{i}: {{x}} %s ' \" \\ & < > ; -- ½ שלום 🙂" for i in range(60))
    world.arrives(replace(delivery, log=replace(delivery.log, notes=note, started_at=_now())))
    assert "59: " in _only(world.shape.calls()).text


def _now() -> datetime:
    return datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC)
