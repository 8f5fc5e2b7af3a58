"""Looking a customer up while no call is there: by name, other text or number, in one company's CRM.

With several companies the agent says first whose customer it is: a name typed for one company is never sent
to another's CRM, and nothing found for one stays in sight under another.
"""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.address import PhoneNumber
from softphone.domain.campaign import Campaign
from softphone.domain.crm_events import CrmDescribed, CrmSignInChanged, CustomersFound
from softphone.domain.crm_work import CrmAbility, SignInStep, TextQuery
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery, Lookup, LookupState
from softphone.domain.customer_cache import CacheScope
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.customer_work import CustomerFindingChanged, Finding, Search, is_number
from softphone.domain.ids import AccountId, CallId, CampaignId, CustomerId, QueryId
from softphone.domain.text import clean_line
from softphone.usecases.configuring import Configuring
from softphone.usecases.customers.ground import Ground
from softphone.usecases.customers.keeping import scope_of
from softphone.usecases.customers.searching import ASK_AFTER_S, LONGEST, SHORTEST
from softphone.usecases.ports import Desktop, NumberPlan, Timer

_NO_CALL = CallId("")


class FindingCustomers:
    """One search for the whole desk; it creates and changes nothing."""

    def __init__(
        self, ground: Ground, configuring: Configuring, numbers: NumberPlan, desktop: Desktop
    ) -> None:
        self._ground = ground
        self._configuring = configuring
        self._numbers = numbers
        self._desktop = desktop
        self._chosen: CampaignId | None = None
        self._finding = Finding()
        self._scope: CacheScope | None = None
        self._query: QueryId | None = None
        self._pause: Timer | None = None
        ground.bus.subscribe(CustomersFound, lambda e: self._on_answer(e.query_id, e.lookup))
        ground.bus.subscribe(CustomerLookedUp, lambda e: self._on_answer(e.query_id, e.lookup))
        ground.bus.subscribe(CrmSignInChanged, self._on_sign_in)
        ground.bus.subscribe(CrmDescribed, lambda _e: self._settle())
        configuring.on_change(lambda _settings: self._settle())

    # --- what is there ---

    @property
    def companies(self) -> tuple[Campaign, ...]:
        """The companies in whose CRM can be looked for customers."""
        campaigns = self._configuring.settings.campaigns
        return tuple(c for c in campaigns if c.crm and self._usable(c.crm))

    @property
    def finding(self) -> Finding:
        return self._finding

    def by_number_only(self) -> bool:
        """The chosen company's CRM cannot be searched by text."""
        company = self._company()
        return company is not None and not self._ground.connecting.can(company.crm, CrmAbility.SEARCH)

    # --- what the agent does ---

    def choose_company(self, campaign_id: CampaignId) -> None:
        """Look for customers of this company; what was typed and found for another is gone."""
        if campaign_id != self._finding.campaign_id and any(c.id == campaign_id for c in self.companies):
            self._chosen = campaign_id
            self._settle()

    def type(self, text: str, *, at_once: bool = False) -> None:
        """What stands in the box now; asked after a pause in typing, or at once."""
        text = clean_line(text, LONGEST)
        if text == self._finding.search.text and not at_once:
            return
        self._take_back()
        company = self._company()
        if company is None or len(text) < SHORTEST or not self._can_be_asked(text):
            self._show(Finding(self._finding.campaign_id, Search(text)))
            return
        self._show(Finding(company.id, Search(text, Lookup(LookupState.ASKING))))
        if at_once:
            self._ask()
        else:
            self._pause = self._ground.clock.after(ASK_AFTER_S, self._ask)

    def open(self, customer_id: CustomerId) -> None:
        """Show the card of one who was found."""
        matches = self._finding.search.lookup.matches
        found = next((c for c in matches if c.id == customer_id), None)
        if found is not None:
            self._show(replace(self._finding, shown=found))

    def back(self) -> None:
        """From the card to who was found."""
        self._show(replace(self._finding, shown=None))

    def clear(self) -> None:
        """Nothing typed, nothing found; the company stays."""
        self._take_back()
        self._show(Finding(self._finding.campaign_id))

    def open_record(self) -> bool:
        """Show the record in the browser; tell whether there was one to show."""
        shown = self._finding.shown
        if shown is None or not shown.url.startswith(("https://", "http://")):
            return False
        return self._desktop.open_link(shown.url)

    def call(self, number: str, account_id: AccountId | None) -> CallId:
        """Call the customer who is shown, on behalf of the company: the call is about this record.

        Raises what `Calling.place_call` raises.
        """
        shown, company = self._finding.shown, self._company()
        call_id = self._ground.calling.place_call(number, account_id, company.id if company else None)
        if shown is not None and company is not None:
            self._ground.recognising.attach(call_id, shown)
        return call_id

    # --- what happens ---

    def _on_answer(self, query_id: QueryId, lookup: Lookup) -> None:
        if query_id != self._query:
            return
        self._query = None
        only: Customer | None = lookup.chosen if lookup.state is LookupState.ONE else None
        search = Search(self._finding.search.text, lookup)
        self._show(replace(self._finding, search=search, shown=only if is_number(search.text) else None))

    def _on_sign_in(self, event: CrmSignInChanged) -> None:
        """Signed out: nothing of that CRM stays in sight. Signed in: what failed for want of it is asked."""
        company = self._company()
        if company is None or event.news.crm != company.crm:
            return
        if event.news.step is SignInStep.SIGNED_OUT:
            self.clear()
        elif event.news.step is SignInStep.DONE:
            search = self._finding.search
            if search.lookup.trouble is CrmTrouble.CREDENTIALS:
                self.type(search.text, at_once=True)

    def _settle(self) -> None:
        """The settings or a CRM have changed: the only company needs no choice; one that is gone, or has its
        customers elsewhere now, leaves nothing in sight."""
        companies = self.companies
        chosen = next((c for c in companies if c.id == self._chosen or len(companies) == 1), None)
        settings = self._configuring.settings
        scope = scope_of(settings, chosen.id, chosen.crm) if chosen else None
        if scope != self._scope:
            self._scope = scope
            self._take_back()
            self._show(Finding(chosen.id if chosen else None))

    # --- inside ---

    def _usable(self, crm: str) -> bool:
        description = self._ground.connecting.description(crm)
        return description.trouble is CrmTrouble.NONE and bool(description.title or description.abilities)

    def _company(self) -> Campaign | None:
        return next((c for c in self.companies if c.id == self._finding.campaign_id), None)

    def _can_be_asked(self, text: str) -> bool:
        return is_number(text) or not self.by_number_only()

    def _ask(self) -> None:
        self._pause = None
        company, text = self._company(), self._finding.search.text
        if company is None:
            return
        self._query = self._ground.identities.query()
        if is_number(text):
            number = self._read(text, company)
            self._ground.crm.find(CustomerQuery(self._query, _NO_CALL, company.id, company.crm, number))
        else:
            self._ground.crm.search(TextQuery(self._query, company.id, company.crm, text))

    def _read(self, text: str, company: Campaign) -> PhoneNumber:
        return self._numbers.read(text, company.region or self._configuring.settings.calls.region)

    def _take_back(self) -> None:
        if self._pause:
            self._pause.cancel()
            self._pause = None
        if self._query:
            self._ground.crm.cancel(self._query)
            self._query = None

    def _show(self, finding: Finding) -> None:
        if finding != self._finding:
            self._finding = finding
            self._ground.bus.publish(CustomerFindingChanged(finding))
