"""Which part of the customer's card stands open for each call, and what is typed there. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from softphone.domain.crm_events import CrmDescribed
from softphone.domain.customer_work import (
    CustomerCreationChanged,
    CustomerEditChanged,
    CustomerSearchChanged,
)
from softphone.domain.ids import CallId
from softphone.ui.presenters.customer_work import CardWork, Panel
from softphone.usecases.desk import Desk


@dataclass
class _Card:
    """The card of one call. What is typed in one part waits there while another is open."""

    panel: Panel = Panel.NONE
    typed: dict[Panel, dict[str, str]] = field(default_factory=dict)


class CustomerStage:
    """`touch` has the card drawn anew."""

    def __init__(self, desk: Desk, touch: Callable[[], None]) -> None:
        self._desk = desk
        self._touch = touch
        self._cards: dict[CallId, _Card] = {}
        subscribe = desk.bus.subscribe
        subscribe(CustomerSearchChanged, lambda _e: touch())
        subscribe(CustomerEditChanged, lambda _e: touch())
        subscribe(CrmDescribed, lambda _e: touch())
        subscribe(CustomerCreationChanged, self._on_creation)

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
        return self._cards.get(call_id, _Card()).panel

    def typed(self, call_id: CallId) -> dict[str, str]:
        """What stands in the open form, by field."""
        card = self._cards.get(call_id, _Card())
        return dict(card.typed.get(card.panel, {}))

    def open(self, call_id: CallId, panel: Panel) -> None:
        """Open one part of the card, as it was left."""
        self._cards = {c: card for c, card in self._cards.items() if self._desk.calling.call(c) is not None}
        self._cards.setdefault(call_id, _Card()).panel = panel
        if panel is Panel.NEW:
            self._desk.customers.creating.begin(call_id)
        self._touch()

    def put_aside(self, call_id: CallId) -> None:
        """Make room for something else; what is typed stays."""
        if self.panel(call_id) is not Panel.NONE:
            self._cards[call_id].panel = Panel.NONE
            self._touch()

    def close(self, call_id: CallId) -> None:
        """Close what is open; what was typed there is gone."""
        card = self._cards.get(call_id, _Card())
        left, card.panel = card.panel, Panel.NONE
        card.typed.pop(left, None)
        if left is Panel.SEARCH:
            self._desk.customers.searching.close(call_id)
        elif left is Panel.NEW:
            self._desk.customers.creating.give_up(call_id)
        self._touch()

    def note(self, call_id: CallId, name: str, text: str) -> None:
        """A field of the open form says this now."""
        card = self._cards.get(call_id)
        if card is not None:
            card.typed.setdefault(card.panel, {})[name] = text

    def _on_creation(self, event: CustomerCreationChanged) -> None:
        card = self._cards.get(event.call_id)
        if event.creation is None and card is not None:
            card.typed.pop(Panel.NEW, None)
            if card.panel is Panel.NEW:
                card.panel = Panel.NONE
        self._touch()
