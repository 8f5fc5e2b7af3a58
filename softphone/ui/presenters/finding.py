"""The page on which a customer is looked up without a call."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.campaign import Campaign
from softphone.domain.customer import Customer, Lookup
from softphone.domain.customer_work import Finding
from softphone.domain.facts import dataclass
from softphone.ui.presenters.customer import CustomerView, present_customer
from softphone.ui.presenters.customer_work import CardWork, SearchView, present_search
from softphone.ui.presenters.wording import Wording


@dataclass(frozen=True, slots=True)
class FindView:
    """`companies` are ids and names to choose among, `chosen` the one that is searched, empty before the
    choice. `hint` says what to do first; `card` is the customer who is shown instead of the results."""

    companies: tuple[tuple[str, str], ...]
    chosen: str
    placeholder: str
    hint: str
    search: SearchView
    card: CustomerView | None = None


def present_finding(
    wording: Wording, finding: Finding, companies: tuple[Campaign, ...], *, by_number_only: bool
) -> FindView:
    t, chosen = wording.words.t, finding.campaign_id or ""
    hint = "" if chosen else t("Choose first whose customer it is.")
    if chosen and not finding.search.text:
        hint = t("Customer and notes appear here when a call comes in.")
    return FindView(
        tuple((company.id, company.name) for company in companies),
        chosen,
        t("Phone number") if by_number_only else t("Name, other text or phone number"),
        hint,
        present_search(wording, CardWork(search=finding.search)),
        _card(wording, finding.shown) if finding.shown is not None else None,
    )


def _card(wording: Wording, customer: Customer) -> CustomerView:
    """The card as in a call, with a button to call each number, unless the customer does not want that."""
    view = present_customer(wording, Lookup.found((customer,)))
    if customer.do_not_call:
        return view
    count = len(customer.numbers)
    dialled = tuple(replace(fact, dial=fact.copy) for fact in view.facts[:count])
    return replace(view, facts=(*dialled, *view.facts[count:]))
