"""What the agent does with customers: the search box, the forms, and how far a change has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from softphone.domain.customer import CrmTrouble, Customer, LookupState
from softphone.domain.customer_work import Creation, Edit, EditState, NewCustomerEntry, Search
from softphone.domain.facts import dataclass
from softphone.domain.ids import CustomerId
from softphone.ui.presenters.pack_labels import label_of
from softphone.ui.presenters.phrases import CRM_TROUBLE, FORBIDDEN_SEARCH
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words, mark

MANY = 20
"""So many are shown at most; the search was too wide then."""


class Panel(StrEnum):
    """What stands open in the customer's card. The values are kept on the disk."""

    NONE = ""
    SEARCH = "search"
    NEW = "new"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class CardWork:
    """What can be done with the customer of the call at this moment, and what is under way."""

    can_search: bool = False
    can_create: bool = False
    can_edit: bool = False
    panel: Panel = Panel.NONE
    search: Search = field(default_factory=Search)
    creation: Creation | None = None
    required: tuple[str, ...] = ()
    edit: Edit = field(default_factory=Edit)
    typed: tuple[tuple[str, str], ...] = ()
    """What stands in the fields of the open form, where it is no longer what they began with."""


@dataclass(frozen=True, slots=True)
class CustomerChoice:
    id: CustomerId
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class SearchView:
    text: str
    status: str
    tone: Tone
    choices: tuple[CustomerChoice, ...]
    can_create: bool
    """Nobody was found, and a new customer can be made."""


@dataclass(frozen=True, slots=True)
class FormRow:
    name: str
    label: str
    value: str
    required: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class FormView:
    """`title` is also what the form is announced as; `busy` means that it is being sent."""

    title: str
    rows: tuple[FormRow, ...]
    submit: str
    status: str = ""
    tone: Tone = Tone.NEUTRAL
    busy: bool = False


def choices_of(words: Words, customers: tuple[Customer, ...], *, numbers: bool) -> tuple[CustomerChoice, ...]:
    """What tells customers apart in a list; the number does not, where they were found by it."""
    return tuple(
        CustomerChoice(
            c.id,
            c.name,
            words.join((c.company, c.email, *c.numbers[:numbers], *c.tags)),
        )
        for c in customers
    )


def present_search(wording: Wording, work: CardWork) -> SearchView:
    lookup, words = work.search.lookup, wording.words
    nobody = lookup.state is LookupState.NONE
    status, tone = "", Tone.NEUTRAL
    if lookup.state in (LookupState.ASKING, LookupState.LATE):
        status = words.t("Searching …")
    elif nobody:
        status = words.t("Nobody found.")
    elif lookup.state is LookupState.FAILED:
        forbidden = lookup.trouble is CrmTrouble.FORBIDDEN
        trouble = FORBIDDEN_SEARCH if forbidden else CRM_TROUBLE[lookup.trouble]
        status, tone = words.t(trouble), Tone.WARNING
    elif len(lookup.matches) >= MANY:
        status = words.t("These are not all. Type more of the name.")
    elif lookup.matches:
        status = words.n("{count} customer found", "{count} customers found", len(lookup.matches))
    return SearchView(
        work.search.text,
        status,
        tone,
        choices_of(words, lookup.matches[:MANY], numbers=True),
        nobody and work.can_create,
    )


def present_new(wording: Wording, work: CardWork, creation: Creation) -> FormView:
    """The form for a customer that the CRM does not know."""
    t, entry, typed = wording.words.t, creation.entry, dict(work.typed)
    needs = {"name" if name.endswith("name") else name for name in work.required} or {"name"}
    labels = (("name", t("Name")), ("company", t("Company")), ("email", t("E-mail")), ("number", t("Phone")))
    rows = tuple(
        FormRow(name, label, typed.get(name, getattr(entry, name)), name in needs, fixed=name == "number")
        for name, label in labels
    )
    status, tone = "", Tone.NEUTRAL
    if creation.saving:
        status = t("The CRM makes the record …")
    elif creation.trouble is not CrmTrouble.NONE:
        trouble = (
            t(CRM_TROUBLE[creation.trouble]),
            _sentence(creation.detail),
            t("What you typed is still here."),
        )
        status, tone = " ".join(p for p in trouble if p), Tone.WARNING
    return FormView(
        t("New customer"),
        tuple(row for row in rows if row.value or not row.fixed),
        t("Create"),
        status,
        tone,
        creation.saving,
    )


def entry_of(typed: Mapping[str, str], creation: Creation) -> NewCustomerEntry:
    """What the form says."""
    entry = creation.entry
    return NewCustomerEntry(
        typed.get("name", entry.name),
        typed.get("company", entry.company),
        typed.get("email", entry.email),
        entry.number,
    )


def present_edit(wording: Wording, work: CardWork, customer: Customer) -> FormView:
    """The form for the fields that may be changed."""
    typed = dict(work.typed)
    rows = tuple(
        FormRow(f.name, label_of(wording.words, f.label), typed.get(f.name, f.value))
        for f in customer.editable
    )
    return FormView(wording.words.t("Change the record"), rows, wording.words.t("Save changes"))


_EDIT_WORDS = {
    EditState.NONE: (Tone.NEUTRAL, ""),
    EditState.SAVING: (Tone.NEUTRAL, mark("Your change is being saved …")),
    EditState.KEPT: (Tone.NEUTRAL, mark("Your change is saved here and on its way to the CRM.")),
    EditState.DELIVERED: (Tone.GOOD, mark("Your change is in the CRM.")),
    EditState.REFUSED: (Tone.DANGER, mark("The CRM refused your change.")),
}


def edit_line(wording: Wording, edit: Edit) -> tuple[Tone, str]:
    """How far the last change has come, with the CRM's own word where it refused."""
    tone, text = _EDIT_WORDS[edit.state]
    parts = [wording.words.t(text) if text else ""]
    if edit.state is EditState.KEPT and edit.trouble is not CrmTrouble.NONE:
        parts = [
            wording.words.t("Your change is saved here; the CRM gets it later."),
            wording.words.t(CRM_TROUBLE[edit.trouble]),
        ]
    if edit.state is EditState.REFUSED:
        if edit.trouble is CrmTrouble.FORBIDDEN:
            parts = [wording.words.t("You may not change this record in the CRM.")]
        parts.append(_sentence(edit.detail))
    return tone, " ".join(p for p in parts if p)


def _sentence(words: str) -> str:
    """The CRM's own words between our sentences."""
    return words if not words or words[-1] in ".!?…" else f"{words}."
