"""Screen pop: asking the CRM who is calling, the moment the call arrives, without anything waiting for it.

What is kept on this computer is shown at once, while the CRM is asked whether it still holds. A campaign may
want the card only when the call is answered, or only on the agent's word: the question still goes out with
the INVITE in the first case, and not by itself in the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace

from softphone.domain.call import CallState, CallView
from softphone.domain.crm_events import CrmSignInChanged
from softphone.domain.crm_work import SignInStep
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery, Lookup, LookupState
from softphone.domain.customer_events import CustomerCardChanged, CustomerLookedUp, CustomersRecalled
from softphone.domain.events import CallChanged
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, CustomerId
from softphone.domain.pop import NotAsked, PopMoment, PopPolicy, why_not_ask
from softphone.domain.record_hint import record_id
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.customers.keeping import KeepingCustomers
from softphone.usecases.ports import Clock, Crm, Desktop, Identities, Timer

LATE_AFTER_S = 1.5
"""From here on the card says that the CRM is slow; the question itself goes on."""


@dataclass
class _Caller:
    """The other side of one call. `query` is the last question, `asking` that its answer is awaited; `hint`
    the id of the record, where the telephone system or an earlier desk has named it."""

    number: str
    hint: str = ""
    lookup: Lookup = field(default_factory=Lookup)
    query: CustomerQuery | None = None
    late: Timer | None = None
    held_back: bool = False
    popped: bool = False

    @property
    def asking(self) -> bool:
        return self.late is not None


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
        keeping: KeepingCustomers,
    ) -> None:
        self._crm = crm
        self._calling = calling
        self._configuring = configuring
        self._desktop = desktop
        self._clock = clock
        self._identities = identities
        self._bus = bus
        self._keeping = keeping
        self._callers: dict[CallId, _Caller] = {}
        self._chosen_before: Callable[[CallId], CustomerId | None] = lambda _call_id: None
        bus.subscribe(CallChanged, self._on_call)
        bus.subscribe(CustomersRecalled, self._on_recalled)
        bus.subscribe(CustomerLookedUp, self._on_looked_up)
        bus.subscribe(CrmSignInChanged, self._on_signed_in)

    # --- what is there ---

    def lookup(self, call_id: CallId) -> Lookup:
        """What the agent may see of the caller at this moment."""
        caller = self._callers.get(call_id)
        if caller is None:
            return Lookup()
        return Lookup.silent(NotAsked.UNTIL_ANSWERED) if caller.held_back else caller.lookup

    def customer(self, call_id: CallId) -> Customer | None:
        """The customer that the call is about, once one is certain or chosen."""
        return self.lookup(call_id).chosen

    def remember_by(self, chosen_before: Callable[[CallId], CustomerId | None]) -> None:
        """Where the choice of an earlier desk is written down; it holds if the CRM still has that one."""
        self._chosen_before = chosen_before

    def forget(self, call_id: CallId) -> None:
        """The call is over and done; an answer that still comes is of no use."""
        self._give_up(call_id)
        self._callers.pop(call_id, None)

    # --- what the agent does ---

    def choose(self, call_id: CallId, customer_id: CustomerId) -> None:
        """The agent says which of several matches it is; the choice stays with the call."""
        lookup = self.lookup(call_id)
        chosen = next((c for c in lookup.matches if c.id == customer_id), None)
        if chosen is not None:
            self._show(call_id, lookup.picked(chosen))

    def attach(self, call_id: CallId, customer: Customer) -> None:
        """The agent found or made this customer of the call's own company; later answers do not
        replace it."""
        call = self._calling.call(call_id)
        if call is not None:
            self._callers.setdefault(call_id, _Caller(call.party.user))
            self._show(call_id, replace(Lookup.found((customer,)), by_agent=True))

    def renew(self, call_id: CallId, customer: Customer) -> None:
        """The same customer with other facts: the agent has changed them."""
        lookup = self.lookup(call_id)
        if lookup.chosen is not None and lookup.chosen.id == customer.id:
            caller = self._callers[call_id]
            if caller.query:
                self._keeping.keep(caller.query, ())  # what is kept is out of date
            matches = tuple(customer if c.id == customer.id else c for c in lookup.matches)
            self._show(call_id, replace(lookup, matches=matches, chosen=customer))

    def ask_again(self, call_id: CallId) -> None:
        """Ask, or repeat the question after a failure."""
        call, caller = self._calling.call(call_id), self._callers.get(call_id)
        if call and caller and not caller.asking:
            caller.held_back = False
            self._ask(call, caller)

    def open_record(self, call_id: CallId) -> bool:
        """Show the customer's record in the browser; tell whether there was one to show."""
        customer = self.customer(call_id)
        if customer is None or not customer.url.startswith(("https://", "http://")):
            return False
        return self._desktop.open_link(customer.url)

    # --- what happens ---

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        caller = self._callers.get(call.id)
        if call.state is CallState.TERMINATED and not call.talked:
            self._give_up(call.id)
        elif call.live and (
            caller is None or (caller.number != call.party.user and not caller.lookup.by_agent)
        ):
            self._begin(call)
        elif caller is None and call.talked and self._chosen_before(call.id):
            self._begin(call)  # from before a restart: its outcome is still open
        elif caller and call.state is CallState.ESTABLISHED:
            self._answered(call, caller)

    def _begin(self, call: CallView) -> None:
        """A caller is heard of, or another one has taken the place of the first (a transfer)."""
        known_before = "" if call.id in self._callers else self._chosen_before(call.id) or ""
        self._give_up(call.id)
        caller = self._callers[call.id] = _Caller(call.party.user, hint=known_before or self._named_in(call))
        campaign = self._calling.campaign(call)
        policy = campaign.pop if campaign else PopPolicy()
        number, crm = self._calling.number(call), campaign.crm if campaign else ""
        reason = why_not_ask(call, number, caller.hint, crm, policy)
        if reason is not NotAsked.NOTHING and not (known_before and crm):
            self._show(call.id, Lookup.silent(reason))
            return
        on_answer = policy.moment(call.direction) is PopMoment.ON_ANSWER
        caller.held_back = on_answer and call.live and call.state is not CallState.ESTABLISHED
        self._ask(call, caller)

    def _answered(self, call: CallView, caller: _Caller) -> None:
        if caller.held_back:
            caller.held_back = False
            self._show(call.id, caller.lookup)
        self._pop(call)

    def _ask(self, call: CallView, caller: _Caller) -> None:
        campaign = self._calling.campaign(call)
        number = self._calling.number(call)
        if campaign is None or not campaign.crm or not (number.raw or caller.hint):
            return
        query = CustomerQuery(
            id=self._identities.query(),
            call_id=call.id,
            campaign_id=call.campaign_id,
            crm=campaign.crm,
            number=number,
            record_hint=caller.hint,
        )
        caller.query = query
        caller.late = self._clock.after(LATE_AFTER_S, lambda: self._late(query))
        self._keeping.recall(query)
        self._crm.find(query)
        self._show(call.id, Lookup(LookupState.ASKING))

    def _named_in(self, call: CallView) -> str:
        """The record's id that the telephone system has sent along."""
        names = self._configuring.settings.calls.record_id_headers
        return next((found for n in names if (found := record_id(n, call.invitation.header(n)))), "")

    def _late(self, query: CustomerQuery) -> None:
        caller = self._asking(query.call_id, query)
        if caller and caller.lookup.state is LookupState.ASKING:
            self._show(query.call_id, Lookup(LookupState.LATE))

    def _on_recalled(self, event: CustomersRecalled) -> None:
        """The kept card, unless the CRM was faster; if it has failed already, the kept card stands."""
        caller = self._callers.get(event.call_id)
        if caller is None or caller.query is None or caller.query.id != event.query_id or not event.kept:
            return
        kept = Lookup.kept(event.kept.matches, event.kept.at)
        if caller.asking and not caller.lookup.by_agent:
            self._show(event.call_id, self._with_choice(event.call_id, kept))
        elif caller.lookup.state is LookupState.FAILED:
            self._show(event.call_id, self._with_choice(event.call_id, kept.stands_in_for(caller.lookup)))

    def _on_looked_up(self, event: CustomerLookedUp) -> None:
        caller = self._callers.get(event.call_id)
        if caller is None or caller.query is None or not self._asking(event.call_id, caller.query):
            return
        if caller.query.id != event.query_id:
            return
        self._stop_waiting(caller)
        failed = event.lookup.state is LookupState.FAILED
        if not failed:
            self._keeping.keep(caller.query, event.lookup.matches)
        if caller.lookup.by_agent and caller.lookup.kept_at is None:
            return  # the agent has found the customer meanwhile
        if failed and caller.lookup.kept_at is not None:
            self._show(event.call_id, caller.lookup.stands_in_for(event.lookup))
        else:
            self._show(event.call_id, self._with_choice(event.call_id, event.lookup))

    def _on_signed_in(self, event: CrmSignInChanged) -> None:
        """Somebody has signed in again: the cards that failed for want of it are asked for once more."""
        if event.news.step is not SignInStep.DONE:
            return
        for call_id, caller in list(self._callers.items()):
            refused = caller.lookup.trouble is CrmTrouble.CREDENTIALS
            if refused and caller.query and caller.query.crm == event.news.crm:
                self.ask_again(call_id)

    def _with_choice(self, call_id: CallId, lookup: Lookup) -> Lookup:
        """With the choice that the agent has made before, if that customer is still among them."""
        caller = self._callers[call_id]
        before = caller.lookup.chosen.id if caller.lookup.by_agent and caller.lookup.chosen else None
        wanted = before or self._chosen_before(call_id)
        chosen = next((c for c in lookup.matches if c.id == wanted), None)
        return lookup.picked(chosen) if chosen is not None and lookup.chosen is None else lookup

    def _give_up(self, call_id: CallId) -> None:
        caller = self._callers.get(call_id)
        if caller and caller.asking and caller.query:
            self._stop_waiting(caller)
            self._crm.cancel(caller.query.id)

    def _asking(self, call_id: CallId, query: CustomerQuery) -> _Caller | None:
        caller = self._callers.get(call_id)
        waiting = caller is not None and caller.asking and caller.query is not None
        return caller if waiting and caller and caller.query and caller.query.id == query.id else None

    def _stop_waiting(self, caller: _Caller) -> None:
        if caller.late:
            caller.late.cancel()
            caller.late = None

    def _pop(self, call: CallView) -> None:
        """Open the record by itself, once per call, where the settings say so."""
        caller = self._callers.get(call.id)
        wanted = self._configuring.settings.window.open_record_on_answer
        if wanted and caller and not caller.popped and self.open_record(call.id):
            caller.popped = True

    def _show(self, call_id: CallId, lookup: Lookup) -> None:
        self._callers[call_id].lookup = lookup
        self._bus.publish(CustomerCardChanged(call_id, self.lookup(call_id)))
        call = self._calling.call(call_id)
        if call and call.state is CallState.ESTABLISHED:
            self._pop(call)
