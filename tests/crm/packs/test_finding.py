"""Signing in and finding customers, with every pack."""

from __future__ import annotations

import pytest

from softphone.domain.crm_events import CrmSignInNeeded
from softphone.domain.crm_work import Permission, SignInStep
from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.settings import CrmAuth
from tests.crm.packs.world import CALLER, PackWorld
from tests.crm.shapes.shape import Person

ANNA = Person("Anna", "Ek", CALLER, "Ek AB", "anna@example.com")
HOSTILE = (
    "O'Brien",
    '"; --',
    "a}b{c",
    "(",
    "x) IN ALL FIELDS",
    "%_\\",
    "[eq]:1,or(",
    "<b>",
    "שלום",
    "a&b=c#d",
)


def test_signing_in_tells_that_it_worked(world: PackWorld) -> None:
    assert world.signed_in() is SignInStep.DONE


def test_the_caller_is_found_with_name_and_number(world: PackWorld) -> None:
    key = world.shape.add(ANNA)
    customer = world.found()
    assert customer.id.rpartition(":")[2] == key
    assert customer.name == "Anna Ek"


LINKS = {
    "espocrm": "{base}/#Contact/view/{key}",
    "suitecrm": "{base}/#/contacts/record/{key}",
    "hubspot": "https://app.hubspot.com/contacts/62515/record/0-1/{key}",
    "salesforce": "{base}/{key}",
    "zendesk": "{base}/agent/users/{key}",
    "odoo": "{base}/odoo/contacts/{key}",
    "odoo-jsonrpc": "{base}/web#id={key}&model=res.partner&view_type=form",
    "twenty": "{base}/object/person/{key}",
    "bitrix24": "{base}/crm/contact/details/{key}/",
    "bottlecrm": "",
}


def test_the_record_opens_in_the_crms_own_pages(world: PackWorld) -> None:
    key = world.shape.add(ANNA)
    expected = LINKS[world.shape.pack].format(base=world.shape.base_url, key=key)
    assert world.found().url == expected


def test_the_caller_is_found_in_every_way_of_writing_that_the_crm_can_find(world: PackWorld) -> None:
    for index, way in enumerate(world.shape.finds):
        other = f"00{20 + index}"
        world.shape.add(Person("Anna", f"Way{index}", way.replace("0018", other)))
        assert world.found(CALLER.replace("0018", other)).name == f"Anna Way{index}", way


def test_the_card_is_whole_however_the_number_is_stored(world: PackWorld) -> None:
    for index, way in enumerate(world.shape.finds):
        other = f"00{20 + index}"
        email = f"anna{index}@example.com"
        world.shape.add(Person("Anna", "Ek", way.replace("0018", other), "Ek AB", email))
        customer = world.found(CALLER.replace("0018", other))
        assert customer.email == email, way
        assert customer.numbers, way
        if world.shape.pack not in ("zendesk", "bitrix24"):  # these keep companies elsewhere
            assert customer.company == "Ek AB", way


def test_nobody_is_found_for_a_number_that_is_like_it(world: PackWorld) -> None:
    world.shape.add(Person("Anna", "Ek", "+442079460019"))
    lookup = world.looked_up()
    assert lookup.state is LookupState.NONE, lookup


def test_two_customers_with_the_number_are_both_offered(world: PackWorld) -> None:
    world.shape.add(ANNA)
    world.shape.add(Person("Ben", "Ek", CALLER, "Ek AB"))
    lookup = world.looked_up()
    assert lookup.state is LookupState.SEVERAL, lookup
    assert sorted(customer.name for customer in lookup.matches) == ["Anna Ek", "Ben Ek"]


def test_the_record_is_found_by_the_id_that_the_telephone_system_sends(world: PackWorld) -> None:
    key = world.shape.add(Person("Clara", "Id", "+442079460555"))
    assert world.found(hint=key).name == "Clara Id"


def test_an_id_that_is_none_falls_back_to_the_number(world: PackWorld) -> None:
    world.shape.add(ANNA)
    uuids = ("twenty", "bottlecrm")
    stale = "00000000-0000-4000-8000-000000000000" if world.shape.pack in uuids else "999999"
    assert world.found(hint=stale).name == "Anna Ek"


def test_customers_are_found_by_their_name(world: PackWorld) -> None:
    world.shape.add(ANNA)
    world.shape.add(Person("Ben", "Other", "+442079460777"))
    lookup = world.searched("Anna")
    assert [customer.name for customer in lookup.matches] == ["Anna Ek"], (lookup, world.problems())


def test_nothing_that_is_typed_breaks_out_of_the_question(world: PackWorld) -> None:
    world.shape.add(ANNA)
    for text in HOSTILE:
        lookup = world.searched(text)
        assert lookup.trouble is CrmTrouble.NONE, (text, lookup, world.problems())
        assert lookup.state is LookupState.NONE, text


def test_a_customer_who_must_not_be_called_is_barred(world: PackWorld) -> None:
    if world.shape.pack in ("hubspot", "odoo", "odoo-jsonrpc", "twenty", "bitrix24"):
        pytest.skip("this CRM has no such field of its own")
    world.shape.add(ANNA)
    assert world.permission() is Permission.ALLOWED
    world.shape.add(Person("Dora", "Quiet", world.shape.finds[-1], do_not_call=True))
    assert world.permission() is Permission.BARRED


def test_credentials_that_expire_in_mid_shift_are_renewed_or_asked_for(world: PackWorld) -> None:
    world.shape.add(ANNA)
    assert world.found().name == "Anna Ek"
    world.shape.expire()
    if world.shape.connection().auth is CrmAuth.CLIENT_CREDENTIALS:
        assert world.found().name == "Anna Ek"
        return
    assert world.looked_up().trouble is CrmTrouble.CREDENTIALS
    assert world.seen(CrmSignInNeeded)


def test_a_busy_crm_is_asked_again(world: PackWorld) -> None:
    world.shape.add(ANNA)
    assert world.found().name == "Anna Ek"
    world.shape.busy_once(1)
    assert world.found().name == "Anna Ek"
