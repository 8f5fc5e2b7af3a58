"""The customer's card: who is on the line, as far as the CRM knows, and how it answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from softphone.domain.customer import CrmTrouble, Customer, Lookup, LookupState
from softphone.domain.facts import dataclass
from softphone.domain.pop import NotAsked
from softphone.ui.presenters.customer_work import (
    CardWork,
    CustomerChoice,
    FormView,
    Panel,
    SearchView,
    choices_of,
    edit_line,
    present_edit,
    present_new,
    present_search,
)
from softphone.ui.presenters.pack_labels import label_of
from softphone.ui.presenters.phrases import CRM_TROUBLE, FORBIDDEN, NOT_ASKED
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import ltr, mark


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the card; `copy` is what its copy button puts on the clipboard, `dial` what its call button
    calls, each empty for no button."""

    label: str
    value: str
    copy: str = ""
    dial: str = ""


@dataclass(frozen=True, slots=True)
class CustomerView:
    """`headline` is always there; the rest as far as it is known."""

    state: LookupState
    tone: Tone
    icon: str
    headline: str
    detail: str = ""
    tags: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    cases: tuple[str, ...] = ()
    contacts: tuple[Fact, ...] = ()
    choices: tuple[CustomerChoice, ...] = ()
    can_open: bool = False
    can_ask_again: bool = False
    can_look_up: bool = False
    busy: bool = False
    age: str = ""
    """Where the card is one that was kept: how old it is, and why there is no newer one."""
    age_tone: Tone = Tone.NEUTRAL
    can_search: bool = False
    can_create: bool = False
    can_edit: bool = False
    warning: str = ""
    change: str = ""
    """How far the agent's last change of the record has come."""
    change_tone: Tone = Tone.NEUTRAL
    search: SearchView | None = None
    form: FormView | None = None


_PLAIN = {
    LookupState.ASKING: (Tone.NEUTRAL, "search", mark("Looking up the caller …"), ""),
    LookupState.LATE: (
        Tone.WARNING,
        "hourglass",
        mark("The CRM is slow"),
        mark("We keep waiting for it. You can answer meanwhile."),
    ),
    LookupState.NONE: (
        Tone.NEUTRAL,
        "customer",
        mark("Not in the CRM"),
        mark("No customer has this number. Nothing was created."),
    ),
}


_UNKNOWN = (LookupState.NONE, LookupState.SEVERAL)
_UNASKED = (NotAsked.ANONYMOUS, NotAsked.INTERNAL, NotAsked.ON_REQUEST)
_CAN_BE_LOOKED_UP = (NotAsked.ON_REQUEST, NotAsked.INTERNAL)


def present_customer(
    wording: Wording, lookup: Lookup, now: datetime | None = None, work: CardWork | None = None
) -> CustomerView:
    """The card; without `now` it says nothing of its age, without `work` it offers nothing to do."""
    view = _card(wording, lookup, now)
    return _with_work(wording, view, lookup, work) if work is not None else view


def _card(wording: Wording, lookup: Lookup, now: datetime | None) -> CustomerView:
    if lookup.chosen is not None:
        return _known(wording, lookup, lookup.chosen, now)
    if lookup.state is LookupState.SEVERAL:
        return _several(wording, lookup, now)
    if lookup.state is LookupState.FAILED:
        return _failed(wording, lookup)
    if lookup.state is LookupState.NOT_ASKED:
        return _not_asked(wording, lookup)
    tone, icon, headline, detail = _PLAIN[lookup.state]
    return CustomerView(
        lookup.state,
        tone,
        icon,
        wording.words.t(headline),
        wording.words.t(detail) if detail else "",
        busy=lookup.state in (LookupState.ASKING, LookupState.LATE),
    )


def _with_work(wording: Wording, view: CustomerView, lookup: Lookup, work: CardWork) -> CustomerView:
    customer = lookup.chosen
    change_tone, change = edit_line(wording, work.edit) if customer is not None else (Tone.NEUTRAL, "")
    unknown = lookup.state in _UNKNOWN or lookup.not_asked in _UNASKED
    form = None
    if work.panel is Panel.NEW and work.creation is not None:
        form = present_new(wording, work, work.creation)
    elif work.panel is Panel.EDIT and customer is not None:
        form = present_edit(wording, work, customer)
    return replace(
        view,
        can_search=work.can_search and lookup.not_asked is not NotAsked.UNTIL_ANSWERED,
        can_create=work.can_create and customer is None and unknown,
        can_edit=work.can_edit and customer is not None,
        change=change,
        change_tone=change_tone,
        search=present_search(wording, work) if work.panel is Panel.SEARCH else None,
        form=form,
    )


def match_line(wording: Wording, lookup: Lookup) -> tuple[Tone, str, str]:
    """Tone, icon and one line about the customer for the ringing card; an empty line if there is none."""
    if lookup.chosen is not None:
        customer = lookup.chosen
        cases = len(customer.open_cases)
        known = wording.words.n("{count} open case", "{count} open cases", cases) if cases else ""
        line = wording.words.join((known, *customer.tags[:1], customer.company))
        return Tone.GOOD, "customer", line or wording.words.t("Known customer")
    if lookup.state is LookupState.NOT_ASKED and lookup.not_asked is not NotAsked.ANONYMOUS:
        return Tone.NEUTRAL, "", ""
    view = present_customer(wording, lookup)
    return view.tone, view.icon, view.headline


def _not_asked(wording: Wording, lookup: Lookup) -> CustomerView:
    words = NOT_ASKED[lookup.not_asked]
    return CustomerView(
        lookup.state,
        Tone.NEUTRAL,
        "customer",
        wording.words.t(words.what),
        wording.words.t(words.do) if words.do else "",
        can_look_up=lookup.not_asked in _CAN_BE_LOOKED_UP,
    )


def _age(wording: Wording, lookup: Lookup, now: datetime | None) -> tuple[str, Tone]:
    """How old a kept card is, and what has become of the question for a newer one."""
    if lookup.kept_at is None or now is None:
        return "", Tone.NEUTRAL
    t, ago = wording.words.t, wording.ago(lookup.kept_at, now)
    if lookup.refreshing:
        return t("As of {ago}; the CRM is being asked …", ago=ago), Tone.NEUTRAL
    trouble = t(CRM_TROUBLE[lookup.trouble]) if CRM_TROUBLE[lookup.trouble] else ""
    return " ".join(p for p in (t("As of {ago}.", ago=ago), trouble) if p), Tone.WARNING


def _known(wording: Wording, lookup: Lookup, customer: Customer, now: datetime | None) -> CustomerView:
    t = wording.words.t
    facts = [Fact(t("Phone"), ltr(number), number) for number in customer.numbers]
    if customer.email:
        facts.append(Fact(t("E-mail"), ltr(customer.email), customer.email))
    facts += [Fact(label_of(wording.words, label), value, value) for label, value in customer.fields]
    contacts = [
        Fact(contact.when, wording.words.join((contact.summary, contact.outcome)))
        for contact in customer.last_contacts
    ]
    several = lookup.state is LookupState.SEVERAL
    age, age_tone = _age(wording, lookup, now)
    return CustomerView(
        lookup.state,
        Tone.GOOD,
        "customer",
        customer.name or t("Without a name"),
        customer.company,
        customer.tags,
        tuple(facts),
        customer.open_cases,
        tuple(contacts),
        choices_of(wording.words, lookup.matches, numbers=False) if several else (),
        can_open=bool(customer.url),
        warning=t("This customer asked not to be called.") if customer.do_not_call else "",
        can_ask_again=_can_ask_again(lookup),
        age=age,
        age_tone=age_tone,
    )


def _can_ask_again(lookup: Lookup) -> bool:
    return lookup.trouble not in (CrmTrouble.NONE, CrmTrouble.NOT_CONFIGURED)


def _several(wording: Wording, lookup: Lookup, now: datetime | None) -> CustomerView:
    words = wording.words
    age, age_tone = _age(wording, lookup, now)
    count = len(lookup.matches)
    return CustomerView(
        lookup.state,
        Tone.ACCENT,
        "customer",
        words.n("{count} customer has this number", "{count} customers have this number", count),
        words.t("Choose who it is:"),
        choices=choices_of(words, lookup.matches, numbers=False),
        can_ask_again=_can_ask_again(lookup),
        age=age,
        age_tone=age_tone,
    )


def _failed(wording: Wording, lookup: Lookup) -> CustomerView:
    t = wording.words.t
    headline = t(CRM_TROUBLE[lookup.trouble]) or t("The CRM did not answer.")
    detail = t("The outcome of the call is kept here and sent later.")
    if lookup.trouble is CrmTrouble.FORBIDDEN:
        headline, detail = t(FORBIDDEN.what), t(FORBIDDEN.do)
    return CustomerView(
        lookup.state,
        Tone.WARNING,
        "warning",
        headline,
        detail,
        can_ask_again=_can_ask_again(lookup),
    )
