"""Finding a customer by name or number in a call, in the CRM of the company that is being called only."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.call import CallState, Party
from softphone.domain.crm_events import CustomersFound
from softphone.domain.crm_work import CrmAbility, TextQuery
from softphone.domain.customer import CustomerQuery, Lookup, LookupState
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.customer_work import CustomerSearchChanged, Search, is_number
from softphone.domain.events import CallChanged
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CampaignId, CustomerId, QueryId
from softphone.domain.text import clean_line
from softphone.usecases.customers.ground import Ground
from softphone.usecases.ports import Timer

ASK_AFTER_S = 0.25
"""A pause in typing, after which the CRM is asked; Enter asks at once."""

_NO_CALL = CallId("")
SHORTEST = 2
LONGEST = 100


@dataclass
class _Box:
    """The search box of one call."""

    search: Search
    query: TextQuery | None = None
    pause: Timer | None = None


class SearchingCustomers:
    """One search box for each call; nothing typed here creates or changes anything."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._boxes: dict[CallId, _Box] = {}
        ground.bus.subscribe(CustomersFound, self._on_found)
        ground.bus.subscribe(CustomerLookedUp, self._on_looked_up)
        ground.bus.subscribe(CallChanged, self._on_call)

    def possible(self, call_id: CallId) -> bool:
        """The call belongs to a company whose CRM can be searched by text."""
        crm = self._ground.crm_of(call_id)
        return bool(crm) and self._ground.connecting.can(crm, CrmAbility.SEARCH)

    def search(self, call_id: CallId) -> Search:
        box = self._boxes.get(call_id)
        return box.search if box else Search()

    def type(self, call_id: CallId, text: str, *, at_once: bool = False) -> None:
        """What stands in the box now; asked after a pause in typing, or at once."""
        text = clean_line(text, LONGEST)
        box = self._boxes.setdefault(call_id, _Box(Search()))
        if text == box.search.text and not at_once:
            return
        self._take_back(box)
        if len(text) < SHORTEST or not self.possible(call_id):
            self._show(call_id, box, Search(text))
            return
        self._show(call_id, box, Search(text, Lookup(LookupState.ASKING)))
        if at_once:
            self._ask(call_id, box)
        else:
            box.pause = self._ground.clock.after(ASK_AFTER_S, lambda: self._ask(call_id, box))

    def take(self, call_id: CallId, customer_id: CustomerId) -> None:
        """This found customer is the one that the call is about."""
        box = self._boxes.get(call_id)
        found = next((c for c in box.search.lookup.matches if c.id == customer_id), None) if box else None
        if found is not None:
            self._ground.recognising.attach(call_id, found)
            self.close(call_id)

    def close(self, call_id: CallId) -> None:
        """The agent is done with searching for this call."""
        box = self._boxes.pop(call_id, None)
        if box:
            self._take_back(box)
            self._ground.bus.publish(CustomerSearchChanged(call_id, Search()))

    def _ask(self, call_id: CallId, box: _Box) -> None:
        call, crm = self._ground.calling.call(call_id), self._ground.crm_of(call_id)
        box.pause = None
        if call is None or not crm:
            return
        box.query = TextQuery(self._ground.identities.query(), call.campaign_id, crm, box.search.text)
        if is_number(box.search.text):
            typed = self._ground.calling.number(replace(call, party=Party(user=box.search.text)))
            self._ground.crm.find(CustomerQuery(box.query.id, _NO_CALL, call.campaign_id, crm, typed))
        else:
            self._ground.crm.search(box.query)

    def _on_found(self, event: CustomersFound) -> None:
        self._answered(event.query_id, event.lookup, event.campaign_id)

    def _on_looked_up(self, event: CustomerLookedUp) -> None:
        self._answered(event.query_id, event.lookup)

    def _answered(self, query_id: QueryId, lookup: Lookup, campaign_id: CampaignId | None = None) -> None:
        for call_id, box in self._boxes.items():
            query = box.query
            if query and query.id == query_id and campaign_id in (None, query.campaign_id):
                box.query = None
                self._show(call_id, box, Search(query.text, lookup))
                return

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        if call.state is CallState.TERMINATED and not call.talked:
            self.close(call.id)

    def _take_back(self, box: _Box) -> None:
        if box.pause:
            box.pause.cancel()
            box.pause = None
        if box.query:
            self._ground.crm.cancel(box.query.id)
            box.query = None

    def _show(self, call_id: CallId, box: _Box, search: Search) -> None:
        box.search = search
        self._ground.bus.publish(CustomerSearchChanged(call_id, search))
