"""Pictures of the customer's card: kept, searched for, made, corrected, and each trouble of a CRM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from softphone.domain.call import Party
from softphone.domain.crm_events import (
    CrmCheckEnded,
    CrmDescribed,
    CrmSignInChanged,
    CrmSignInNeeded,
    CrmStepChecked,
    CustomerCreated,
    CustomersFound,
)
from softphone.domain.crm_work import (
    CheckedRequest,
    CheckName,
    CheckOddity,
    CheckStep,
    CheckVerdict,
    CrmAbility,
    CrmDescription,
    SignInNews,
    SignInStep,
)
from softphone.domain.customer import CrmTrouble, Customer, EditableField, Lookup
from softphone.domain.customer_cache import KeptCustomers
from softphone.domain.customer_events import CustomersRecalled, KeptCustomersCounted
from softphone.domain.delivery import DeliveryState
from softphone.domain.ids import CallId, CustomerId
from softphone.domain.keeping_events import DeliveryAdded, DeliveryRecorded, RefusedChangesLoaded
from softphone.domain.settings import CrmAuth
from softphone.domain.text import clean_line
from softphone.ui.main import Interface
from softphone.ui.presenters.customer_work import Panel
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import CALLER, GEORGE, HARRIET

Play = Callable[[ExampleDesk, Interface], QWidget | None]

EDITABLE = replace(
    HARRIET,
    editable=(
        EditableField("email", "E-mail", HARRIET.email),
        EditableField("street", "Street and number", "14 Quay Street"),
        EditableField("city", "City", "Bristol BS1 4DB"),
    ),
)
FOUND = (
    Customer(CustomerId("3"), "Jonas Field", "Field Roofing", ("+44 1632 960112",), tags=("Bronze",)),
    Customer(CustomerId("4"), "Joanna Fields", "", ("+44 1632 960355",), "jo@fields.example"),
    Customer(CustomerId("5"), "Ελένη Φιλντ", "Μεταφορές ΑΕ", ("+30 21 0000 0112",)),
)
TRICKY = Customer(
    CustomerId("6"),
    "<img src=x onerror=alert(1)> <b>Bobby</b>",
    "javascript:alert(1)",
    ("+44 20 7946 0018",),
    tags=("&lt;script&gt;",),
    open_cases=("<a href='https://evil.example'>Click here to get paid</a>",),
    fields=(("Note", clean_line("שלום {0} %s \u202egnp.exe")),),
)


def _talk(world: ExampleDesk, party: Party = CALLER) -> CallId:
    world.register()
    described = CrmDescription(
        "crm", "Nordwind CRM", frozenset(CrmAbility), CrmAuth.BEARER, required=("name",)
    )
    world.happen(CrmDescribed(described))
    call = world.ring("storm-claims", party)
    world.establish(call, 9)
    return call


def kept(world: ExampleDesk, _interface: Interface) -> None:
    """From the last call, while the CRM is asked."""
    call = _talk(world)
    at = world.clock.now() - timedelta(hours=3)
    world.happen(CustomersRecalled(world.crm.asked[call].id, call, KeptCustomers((HARRIET,), at)))


def kept_without_crm(world: ExampleDesk, interface: Interface) -> None:
    kept(world, interface)
    world.know(CallId("one"), Lookup.failed(CrmTrouble.UNREACHABLE))


def unknown(world: ExampleDesk, _interface: Interface) -> None:
    world.know(_talk(world), Lookup.found(()))


def anonymous(world: ExampleDesk, _interface: Interface) -> None:
    _talk(world, Party(anonymous=True))


def searched(world: ExampleDesk, interface: Interface) -> None:
    call = _talk(world)
    world.know(call, Lookup.found(()))
    interface.scene.customers.open(call, Panel.SEARCH)
    world.desk.customers.searching.type(call, "field", at_once=True)
    query = world.crm.searches[-1]
    world.happen(CustomersFound(query.id, query.campaign_id, Lookup.found(FOUND)))


def new_customer(world: ExampleDesk, interface: Interface) -> None:
    call = _talk(world)
    world.know(call, Lookup.found(()))
    interface.scene.customers.open(call, Panel.NEW)


def new_customer_refused(world: ExampleDesk, interface: Interface) -> None:
    new_customer(world, interface)
    call, creating = CallId("one"), world.desk.customers.creating
    creation = creating.creation(call)
    if creation is not None:
        creating.create(call, replace(creation.entry, name="Ida van Loon", email="ida@loon"))
        new = world.crm.creations[-1]
        why = "email: not an address"
        world.happen(CustomerCreated(new.id, new.campaign_id, call, None, CrmTrouble.REFUSED, why))


def edited(world: ExampleDesk, interface: Interface) -> None:
    call = _talk(world)
    world.know(call, Lookup.found((EDITABLE,)))
    interface.scene.customers.open(call, Panel.EDIT)


def _changed(world: ExampleDesk, state: DeliveryState, trouble: CrmTrouble, detail: str) -> None:
    call = _talk(world)
    world.know(call, Lookup.found((EDITABLE,)))
    world.desk.customers.editing.save(call, {"city": "Bath BA1 2QH"})
    delivery = world.records.added[-1]
    world.happen(DeliveryAdded(delivery))
    world.happen(
        DeliveryRecorded(replace(delivery, state=state, last_trouble=trouble, last_detail=detail, attempts=1))
    )


def change_waits(world: ExampleDesk, _interface: Interface) -> None:
    _changed(world, DeliveryState.WAITING, CrmTrouble.UNREACHABLE, "")


def change_refused(world: ExampleDesk, _interface: Interface) -> None:
    _changed(world, DeliveryState.REFUSED, CrmTrouble.REFUSED, "City: unknown postcode")


def tricky(world: ExampleDesk, _interface: Interface) -> None:
    """Markup and reading direction in what a CRM says: shown as the plain text that it is."""
    world.know(_talk(world), Lookup.found((TRICKY,)))


def must_not_be_called(world: ExampleDesk, _interface: Interface) -> None:
    world.know(_talk(world), Lookup.found((replace(GEORGE, do_not_call=True),)))


def sign_in_lost(world: ExampleDesk, _interface: Interface) -> None:
    """401 in the middle of a shift."""
    call = _talk(world)
    world.know(call, Lookup.failed(CrmTrouble.CREDENTIALS))
    world.happen(CrmSignInNeeded("crm"))


def refused_changes(world: ExampleDesk, interface: Interface) -> None:
    change_refused(world, interface)
    refused = replace(world.records.added[-1], last_detail="City: unknown postcode")
    world.happen(RefusedChangesLoaded((refused,)))


def crm_settings(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """Signed in and checked."""
    _talk(world)
    world.happen(CrmSignInChanged(SignInNews("crm", SignInStep.DONE, agent="Kim Reed")))
    interface.open_settings("crm")
    world.happen(KeptCustomersCounted(212))
    world.desk.customers.connecting.check("crm", "+442079460018")
    for step in STEPS:
        world.happen(CrmStepChecked("crm", step))
    world.happen(CrmCheckEnded("crm", usable=True))
    return interface.settings_window


def crm_settings_signing_in(world: ExampleDesk, interface: Interface) -> QWidget | None:
    _talk(world)
    described = CrmDescription("crm", "Nordwind CRM", frozenset(CrmAbility), CrmAuth.DEVICE)
    world.happen(CrmDescribed(described), CrmSignInNeeded("crm"))
    interface.open_settings("crm")
    url = "https://crm.example.com/activate"
    world.happen(CrmSignInChanged(SignInNews("crm", SignInStep.TYPE_CODE, url, "WDJB-MJHT")))
    return interface.settings_window


STEPS = (
    CheckStep(CheckName.PACK, CheckVerdict.OK, detail="rest"),
    CheckStep(CheckName.ADDRESS, CheckVerdict.OK, 41),
    CheckStep(CheckName.SIGN_IN, CheckVerdict.OK, 63),
    CheckStep(
        CheckName.FIND,
        CheckVerdict.OK,
        48,
        mapped=(("Name", "Harriet Whitcombe"), ("Company", "Whitcombe & Daughters Ltd")),
        requests=(CheckedRequest("GET", "https://crm.example.com/contacts", (), "", 200, "json", "{}", 48),),
    ),
    CheckStep(CheckName.SEARCH, CheckVerdict.WARNING, 1_830, oddity=CheckOddity.SLOW),
    CheckStep(CheckName.CODES, CheckVerdict.FAILED, 12, "no such module", CrmTrouble.NOT_FOUND),
    CheckStep(CheckName.DO_NOT_CALL, CheckVerdict.SKIPPED),
)


def _fault(trouble: CrmTrouble) -> Play:
    def play(world: ExampleDesk, _interface: Interface) -> None:
        world.know(_talk(world), Lookup.failed(trouble))

    return play


def _look_up(world: ExampleDesk, interface: Interface, text: str = "field") -> None:
    world.register()
    for crm in ("crm", "second"):
        world.happen(CrmDescribed(CrmDescription(crm, "Nordwind CRM", frozenset(CrmAbility), CrmAuth.BEARER)))
    finding = world.desk.customers.finding
    finding.choose_company(finding.companies[0].id)
    interface.window.show_find()
    if text:
        finding.type(text, at_once=True)
        query = world.crm.searches[-1]
        world.happen(CustomersFound(query.id, query.campaign_id, Lookup.found((EDITABLE, *FOUND))))


def found_without_a_call(world: ExampleDesk, interface: Interface) -> None:
    _look_up(world, interface)


def card_without_a_call(world: ExampleDesk, interface: Interface) -> None:
    _look_up(world, interface)
    world.desk.customers.finding.open(EDITABLE.id)


def no_company_chosen_yet(world: ExampleDesk, interface: Interface) -> None:
    world.register()
    for crm in ("crm", "second"):
        world.happen(CrmDescribed(CrmDescription(crm, "Nordwind CRM", frozenset(CrmAbility), CrmAuth.BEARER)))
    interface.window.show_find()


CUSTOMERS: tuple[tuple[str, Play], ...] = (
    ("customer-kept", kept),
    ("customer-kept-crm-down", kept_without_crm),
    ("customer-unknown", unknown),
    ("customer-anonymous", anonymous),
    ("customer-search", searched),
    ("find-company", no_company_chosen_yet),
    ("find-results", found_without_a_call),
    ("find-card", card_without_a_call),
    ("customer-new", new_customer),
    ("customer-new-refused", new_customer_refused),
    ("customer-edit", edited),
    ("customer-change-waits", change_waits),
    ("customer-change-refused", change_refused),
    ("customer-tricky", tricky),
    ("customer-do-not-call", must_not_be_called),
    ("crm-sign-in-lost", sign_in_lost),
    ("crm-changes-refused", refused_changes),
    ("settings-crm", crm_settings),
    ("settings-crm-signing-in", crm_settings_signing_in),
    *(
        (f"crm-{trouble.value.replace('_', '-')}", _fault(trouble))
        for trouble in (
            CrmTrouble.CREDENTIALS,
            CrmTrouble.UNREACHABLE,
            CrmTrouble.TIMEOUT,
            CrmTrouble.TOO_LARGE,
            CrmTrouble.BAD_ANSWER,
            CrmTrouble.INSECURE,
            CrmTrouble.FORBIDDEN,
            CrmTrouble.BUSY,
            CrmTrouble.SERVER_ERROR,
        )
    ),
)
