"""Which part of the customer's card stands open for each call, and what is typed there. No Qt here.

All of it is kept with the call's draft: typed texts wait while another part is open, and outlive a crash. A
search that outlived one is asked again, once, as soon as the CRM can be searched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from softphone.domain.card_draft import CardDraft
from softphone.domain.crm_events import CrmDescribed
from softphone.domain.customer_work import (
    CustomerCreationChanged,
    CustomerEditChanged,
    CustomerSearchChanged,
)
from softphone.domain.events import CallChanged
from softphone.domain.ids import CallId
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.ui.presenters.customer_work import CardWork, Panel
from softphone.usecases.desk import Desk

_TEXT = "text"
"""The one field of the search box."""


class CustomerStage:
    """`touch` has the card drawn anew."""

    def __init__(self, desk: Desk, touch: Callable[[], None]) -> None:
        self._desk = desk
        self._touch = touch
        self._searched: set[CallId] = set()
        """Calls whose search this desk has begun; that of an earlier desk is taken up once."""
        subscribe = desk.bus.subscribe
        subscribe(CustomerSearchChanged, lambda _e: touch())
        subscribe(CustomerEditChanged, lambda _e: touch())
        subscribe(CrmDescribed, lambda _e: self._search_on())
        subscribe(CustomerCreationChanged, self._on_creation)
        subscribe(CallChanged, lambda e: self._resume(e.call.id))
        subscribe(WrapUpChanged, lambda e: self._resume(e.call_id))

    def work(self, call_id: CallId) -> CardWork:
        """What the card of this call offers and shows beside the customer."""
        customers = self._desk.customers
        return CardWork(
            can_search=customers.searching.possible(call_id),
            can_create=customers.creating.possible(call_id),
            can_edit=customers.editing.possible(call_id),
            panel=self.panel(call_id),
            search=customers.searching.search(call_id),
            creation=customers.creating.creation(call_id),
            required=customers.creating.required(call_id),
            edit=customers.editing.edit(call_id),
            typed=tuple(self.typed(call_id).items()),
        )

    def panel(self, call_id: CallId) -> Panel:
        return _panel(self._card(call_id).panel)

    def typed(self, call_id: CallId) -> dict[str, str]:
        """What stands in the open form, by field."""
        card = self._card(call_id)
        return card.fields(card.panel)

    def open(self, call_id: CallId, panel: Panel) -> None:
        """Open one part of the card, as it was left."""
        self._keep(call_id, self._card(call_id).opened(panel.value))
        if panel is Panel.NEW:
            self._desk.customers.creating.begin(call_id)
        self._resume_search(call_id)
        self._touch()

    def put_aside(self, call_id: CallId) -> None:
        """Make room for something else; what is typed stays."""
        if self.panel(call_id) is not Panel.NONE:
            self._keep(call_id, self._card(call_id).opened(Panel.NONE.value))
            self._touch()

    def close(self, call_id: CallId) -> None:
        """Close what is open; what was typed there is gone."""
        left = self.panel(call_id)
        self._keep(call_id, self._card(call_id).cleared(left.value))
        if left is Panel.SEARCH:
            self._desk.customers.searching.close(call_id)
        elif left is Panel.NEW:
            self._desk.customers.creating.give_up(call_id)
        self._touch()

    def note(self, call_id: CallId, name: str, text: str) -> None:
        """A field of the open form says this now."""
        card = self._card(call_id)
        if card.panel:
            self._keep(call_id, card.noted(card.panel, name, text))

    def search(self, call_id: CallId, text: str, *, at_once: bool) -> None:
        """The search box says this now."""
        self._searched.add(call_id)
        self._keep(call_id, self._card(call_id).noted(Panel.SEARCH.value, _TEXT, text))
        self._desk.customers.searching.type(call_id, text, at_once=at_once)

    # --- inside ---

    def _card(self, call_id: CallId) -> CardDraft:
        return self._desk.wrapping_up.draft(call_id).card

    def _keep(self, call_id: CallId, card: CardDraft) -> None:
        self._desk.wrapping_up.keep_card(call_id, card)

    def _on_creation(self, event: CustomerCreationChanged) -> None:
        card = self._card(event.call_id)
        if event.creation is None:
            self._keep(event.call_id, replace(card.cleared(Panel.NEW.value), creation_id=None))
        elif event.creation.id != card.creation_id:
            self._keep(event.call_id, replace(card, creation_id=event.creation.id))
            self._desk.wrapping_up.write_down(event.call_id)  # before the CRM is asked
        self._touch()

    def _resume(self, call_id: CallId) -> None:
        """A form that an earlier desk has left open is open again."""
        creating, card = self._desk.customers.creating, self._card(call_id)
        if _panel(card.panel) is Panel.NEW and creating.creation(call_id) is None:
            creating.begin(call_id, card.creation_id)
        self._resume_search(call_id)

    def _resume_search(self, call_id: CallId) -> None:
        text = self._card(call_id).fields(Panel.SEARCH.value).get(_TEXT, "")
        if not text or call_id in self._searched or self.panel(call_id) is not Panel.SEARCH:
            return
        if self._desk.customers.searching.possible(call_id):
            self.search(call_id, text, at_once=True)
        else:
            self._desk.customers.searching.type(call_id, text)  # shown; nobody can be asked yet

    def _search_on(self) -> None:
        """A CRM says what it can do: searches that an earlier desk has left open can be asked now."""
        calls = (call.id for call in self._desk.calling.calls)
        for call_id in {*calls, *self._desk.wrapping_up.open_calls}:
            self._resume_search(call_id)
        self._touch()


def _panel(name: str) -> Panel:
    """By its name; one that another version has left open is closed."""
    return Panel(name) if name in {panel.value for panel in Panel} else Panel.NONE
