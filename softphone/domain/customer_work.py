"""Customers searched for, made and changed by the agent during a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum

from softphone.domain.customer import CrmTrouble, Customer, EditableField, Lookup
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CampaignId, DeliveryId


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed into the search box of a call, and what the CRM of its company has found."""

    text: str = ""
    lookup: Lookup = field(default_factory=Lookup)


@dataclass(frozen=True, slots=True)
class Finding:
    """A customer looked for without a call: in which company's CRM, what for, and whose card is open."""

    campaign_id: CampaignId | None = None
    search: Search = field(default_factory=Search)
    shown: Customer | None = None


@dataclass(frozen=True, slots=True)
class NewCustomerEntry:
    """What the agent gives for a new customer. `number` is as signalled, shown and not changed here."""

    name: str = ""
    company: str = ""
    email: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Creation:
    """A new customer on its way. `attempts` counts those whose answer may have been lost."""

    entry: NewCustomerEntry
    id: DeliveryId | None = None
    attempts: int = 0
    saving: bool = False
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""


class EditState(StrEnum):
    """How far a change of the customer's fields has come."""

    NONE = "none"
    SAVING = "saving"
    KEPT = "kept"
    """On this computer's disk; the CRM gets it as soon as it can."""
    DELIVERED = "delivered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Edit:
    """The last change of a call's customer. `detail` is the CRM's own word on a refusal."""

    state: EditState = EditState.NONE
    fields: tuple[tuple[str, str], ...] = ()
    delivery_id: DeliveryId | None = None
    trouble: CrmTrouble = CrmTrouble.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CustomerSearchChanged(Event):
    call_id: CallId
    search: Search


@dataclass(frozen=True, slots=True)
class CustomerFindingChanged(Event):
    finding: Finding


@dataclass(frozen=True, slots=True)
class CustomerCreationChanged(Event):
    """`creation` is None when it is done or given up."""

    call_id: CallId
    creation: Creation | None


@dataclass(frozen=True, slots=True)
class CustomerEditChanged(Event):
    call_id: CallId
    edit: Edit


@dataclass(frozen=True, slots=True)
class RefusedChangesChanged(Event):
    """So many changes of customers were refused and wait for a decision."""

    count: int


FEWEST_DIGITS = 5
"""With fewer it is a house or customer number rather than a telephone number."""

_OF_NUMBERS = frozenset("0123456789+()/.- \u00a0")


def is_number(text: str) -> bool:
    """What stands in a search box is a telephone number: customers are looked for by it, not by name."""
    return sum(c.isdigit() for c in text) >= FEWEST_DIGITS and set(text) <= _OF_NUMBERS


def changes(customer: Customer, typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Those of `typed` that the agent may change and that differ, in the order of the fields."""
    found = ((f, typed.get(f.name, f.value).strip()) for f in customer.editable)
    return tuple((f.name, text) for f, text in found if text != f.value)


def changed(customer: Customer, fields: tuple[tuple[str, str], ...]) -> Customer:
    """The customer as it will be: wherever the card shows what a changed field said, with the new text."""
    for name, text in fields:
        known = next((f for f in customer.editable if f.name == name), None)
        if known is not None:
            customer = _with(customer, known, text)
    return customer


def _with(customer: Customer, known: EditableField, text: str) -> Customer:
    def new(old: str) -> str:
        return text if known.value and old == known.value else old

    return replace(
        customer,
        name=new(customer.name),
        company=new(customer.company),
        email=new(customer.email),
        numbers=tuple(filter(None, map(new, customer.numbers))),
        fields=tuple((label, text if label == known.label else new(old)) for label, old in customer.fields),
        editable=tuple(replace(f, value=text) if f.name == known.name else f for f in customer.editable),
    )
