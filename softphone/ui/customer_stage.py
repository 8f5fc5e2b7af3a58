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
class _Open:
    panel: Panel = Panel.NONE
    typed: dict[str, str] = field(default_factory=dict)


class CustomerStage:
    """`touch` has the card drawn anew."""

    def __init__(self, desk: Desk, touch: Callable[[], None]) -> None:
        self._desk = desk
        self._touch = touch
        self._calls: dict[CallId, _Open] = {}
        subscribe = desk.bus.subscribe
        subscribe(CustomerSearchChanged, lambda _e: touch())
        subscribe(CustomerEditChanged, lambda _e: touch())
        subscribe(CrmDescribed, lambda _e: touch())
        subscribe(CustomerCreationChanged, self._on_creation)

    def work(self, call_id: CallId) -> CardWork:
        """What the card of this call offers and shows beside the customer."""
        customers = self._desk.customers
        opened = self._calls.get(call_id, _Open())
        return CardWork(
            can_search=customers.searching.possible(call_id),
            can_create=customers.creating.possible(call_id),
            can_edit=customers.editing.possible(call_id),
            panel=opened.panel,
            search=customers.searching.search(call_id),
            creation=customers.creating.creation(call_id),
            required=customers.creating.required(call_id),
            edit=customers.editing.edit(call_id),
            typed=tuple(opened.typed.items()),
        )

    def panel(self, call_id: CallId) -> Panel:
        return self._calls.get(call_id, _Open()).panel

    def typed(self, call_id: CallId) -> dict[str, str]:
        """What stands in the open form, by field."""
        return dict(self._calls.get(call_id, _Open()).typed)

    def open(self, call_id: CallId, panel: Panel) -> None:
        """Open one part; another that was open closes."""
        if panel is not self.panel(call_id):
            self._leave(call_id)
            self._calls[call_id] = _Open(panel)
        if panel is Panel.NEW:
            self._desk.customers.creating.begin(call_id)
        self._touch()

    def close(self, call_id: CallId) -> None:
        """Close what is open; what was typed there is gone."""
        self._leave(call_id)
        self._touch()

    def note(self, call_id: CallId, name: str, text: str) -> None:
        """A field of the open form says this now."""
        if call_id in self._calls:
            self._calls[call_id].typed[name] = text

    def _leave(self, call_id: CallId) -> None:
        left = self._calls.pop(call_id, _Open())
        if left.panel is Panel.SEARCH:
            self._desk.customers.searching.close(call_id)
        elif left.panel is Panel.NEW:
            self._desk.customers.creating.give_up(call_id)

    def _on_creation(self, event: CustomerCreationChanged) -> None:
        if event.creation is None and self.panel(event.call_id) is Panel.NEW:
            del self._calls[event.call_id]
        self._touch()
