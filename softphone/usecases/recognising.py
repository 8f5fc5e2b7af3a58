"""Screen pop: asking the CRM who is calling, the moment the call arrives, without anything waiting for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from softphone.domain.call import CallState, CallView
from softphone.domain.customer import Customer, CustomerQuery, Lookup, LookupState
from softphone.domain.events import CallChanged, CustomerCardChanged, CustomerLookedUp
from softphone.domain.ids import CallId, CustomerId, QueryId
from softphone.usecases.bus import Bus
from softphone.usecases.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, Crm, Desktop, Identities, Timer

LATE_AFTER_S = 1.5
"""From here on the card says that the CRM is slow; the question itself goes on."""


@dataclass
class _Open:
    query: CustomerQuery
    late: Timer


class Recognising:
    """What is known of the other side of each call."""

    def __init__(
        self,
        crm: Crm,
        calling: Calling,
        configuring: Configuring,
        desktop: Desktop,
        clock: Clock,
        identities: Identities,
        bus: Bus,
    ) -> None:
        self._crm = crm
        self._calling = calling
        self._configuring = configuring
        self._desktop = desktop
        self._clock = clock
        self._identities = identities
        self._bus = bus
        self._lookups: dict[CallId, Lookup] = {}
        self._open: dict[CallId, _Open] = {}
        self._popped: set[CallId] = set()
        bus.subscribe(CallChanged, self._on_call)
        bus.subscribe(CustomerLookedUp, self._on_looked_up)

    def lookup(self, call_id: CallId) -> Lookup:
        return self._lookups.get(call_id, Lookup())

    def customer(self, call_id: CallId) -> Customer | None:
        """The customer that the call is about, once one is certain or chosen."""
        return self.lookup(call_id).chosen

    def forget(self, call_id: CallId) -> None:
        """The call is over and done; an answer that still comes is of no use."""
        self._give_up(call_id)
        self._lookups.pop(call_id, None)
        self._popped.discard(call_id)

    def choose(self, call_id: CallId, customer_id: CustomerId) -> None:
        """The agent says which of several matches it is; the choice stays with the call."""
        lookup = self.lookup(call_id)
        chosen = next((c for c in lookup.matches if c.id == customer_id), None)
        if chosen is not None:
            self._show(call_id, replace(lookup, chosen=chosen))

    def ask_again(self, call_id: CallId) -> None:
        """Repeat the question after a failure."""
        call = self._calling.call(call_id)
        if call and call_id not in self._open:
            self._ask(call)

    def open_record(self, call_id: CallId) -> bool:
        """Show the customer's record in the browser; tell whether there was one to show."""
        customer = self.customer(call_id)
        if customer is None or not customer.url.startswith(("https://", "http://")):
            return False
        return self._desktop.open_link(customer.url)

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        if call.id not in self._lookups and call.live:
            self._ask(call)
        elif call.state is CallState.ESTABLISHED:
            self._pop(call)
        elif call.state is CallState.TERMINATED and not call.talked:
            self._give_up(call.id)

    def _ask(self, call: CallView) -> None:
        campaign = self._calling.campaign(call)
        crm = campaign.crm if campaign else ""
        hint = self._record_hint(call)
        if not crm or (not call.party.user and not hint):
            self._show(call.id, Lookup(LookupState.NOT_ASKED))
            return
        query = CustomerQuery(
            id=self._identities.query(),
            call_id=call.id,
            campaign_id=call.campaign_id,
            crm=crm,
            number=self._calling.number(call),
            record_hint=hint,
        )
        self._open[call.id] = _Open(
            query, self._clock.after(LATE_AFTER_S, lambda: self._late(call.id, query.id))
        )
        self._crm.find(query)
        self._show(call.id, Lookup(LookupState.ASKING))

    def _record_hint(self, call: CallView) -> str:
        names = self._configuring.settings.calls.record_id_headers
        return next((v for v in map(call.invitation.header, names) if v), "")

    def _late(self, call_id: CallId, query_id: QueryId) -> None:
        waiting = self._open.get(call_id)
        if waiting and waiting.query.id == query_id:
            self._show(call_id, Lookup(LookupState.LATE))

    def _on_looked_up(self, event: CustomerLookedUp) -> None:
        waiting = self._open.get(event.call_id)
        if waiting is None or waiting.query.id != event.query_id:
            return
        del self._open[event.call_id]
        waiting.late.cancel()
        self._show(event.call_id, event.lookup)

    def _give_up(self, call_id: CallId) -> None:
        waiting = self._open.pop(call_id, None)
        if waiting:
            waiting.late.cancel()
            self._crm.cancel(waiting.query.id)

    def _pop(self, call: CallView) -> None:
        """Open the record by itself, once per call, where the settings say so."""
        wanted = self._configuring.settings.window.open_record_on_answer
        if wanted and call.id not in self._popped and self.open_record(call.id):
            self._popped.add(call.id)

    def _show(self, call_id: CallId, lookup: Lookup) -> None:
        self._lookups[call_id] = lookup
        self._bus.publish(CustomerCardChanged(call_id, lookup))
        call = self._calling.call(call_id)
        if call and call.state is CallState.ESTABLISHED:
            self._pop(call)
