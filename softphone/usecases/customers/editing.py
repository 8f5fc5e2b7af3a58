"""Correcting the customer's record during a call: kept here first, brought to the CRM by the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from softphone.domain.call import CallView
from softphone.domain.crm_work import CrmAbility, CustomerChange
from softphone.domain.customer import CrmTrouble, Customer
from softphone.domain.customer_work import (
    CustomerEditChanged,
    Edit,
    EditState,
    RefusedChangesChanged,
    changed,
    changes,
)
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryState
from softphone.domain.events import CallChanged
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import (
    DeliveryAdded,
    DeliveryRecorded,
    RefusedChangesLoaded,
    StoreOpened,
    WrittenOff,
)
from softphone.domain.text import FIELD_LIMIT, clean_line
from softphone.usecases.customers.ground import Ground
from softphone.usecases.ports import Records
from softphone.usecases.wrap_up.delivering import Delivering

DISCARDED = "discarded by the agent"


class EditingCustomers:
    """The last change of each call's customer, and the changes that a CRM has refused."""

    def __init__(self, ground: Ground, records: Records, delivering: Delivering) -> None:
        self._ground = ground
        self._records = records
        self._delivering = delivering
        self._edits: dict[CallId, Edit] = {}
        self.refused: tuple[Delivery, ...] = ()
        """Changes that a CRM said no to, also from earlier days, oldest first."""
        ground.bus.subscribe(StoreOpened, lambda _e: self._records.load_refused_changes())
        ground.bus.subscribe(RefusedChangesLoaded, self._on_refused_loaded)
        ground.bus.subscribe(CallChanged, self._on_call)
        ground.bus.subscribe(DeliveryAdded, self._on_added)
        ground.bus.subscribe(DeliveryRecorded, self._on_recorded)
        ground.bus.subscribe(WrittenOff, lambda _e: self._records.load_refused_changes())

    def possible(self, call_id: CallId) -> bool:
        """The customer of this call has fields that the agent may change."""
        customer, crm = self._ground.recognising.customer(call_id), self._ground.crm_of(call_id)
        return bool(customer and customer.editable) and self._ground.connecting.can(crm, CrmAbility.UPDATE)

    def edit(self, call_id: CallId) -> Edit:
        return self._edits.get(call_id, Edit())

    def save(self, call_id: CallId, typed: Mapping[str, str]) -> bool:
        """Keep and send what differs from the record; tell whether anything does."""
        customer, call = self._ground.recognising.customer(call_id), self._ground.calling.call(call_id)
        crm = self._ground.crm_of(call_id)
        if customer is None or call is None or not crm or not self.possible(call_id):
            return False
        fields = changes(customer, {name: clean_line(text, FIELD_LIMIT) for name, text in typed.items()})
        if not fields:
            return False
        delivery = self._delivery(call, customer, crm, CustomerChange(str(customer.id), fields))
        self._set(call_id, Edit(EditState.SAVING, fields, delivery.id))
        self._records.add_delivery(delivery)
        self._ground.recognising.renew(call_id, changed(customer, fields))
        return True

    def forget(self, call_id: CallId) -> None:
        """The call is over and done; what is in the outbox stays there."""
        self._edits.pop(call_id, None)

    def retry_refused(self) -> None:
        """Send every refused change again: its reason may be gone."""
        for delivery in self.refused:
            self._delivering.retry(delivery.id)
        self._records.load_refused_changes()

    def discard_refused(self) -> None:
        """The agent gives refused changes up; the CRM stays as it is."""
        for delivery in self.refused:
            self._records.write_off(delivery.id, DISCARDED)

    # --- what happens ---

    def _on_added(self, event: DeliveryAdded) -> None:
        self._advance(event.delivery.id, EditState.KEPT)

    def _on_recorded(self, event: DeliveryRecorded) -> None:
        delivery = event.delivery
        if delivery.kind is not DeliveryKind.UPDATE_CUSTOMER:
            return
        self._adopt(delivery)
        if delivery.state is DeliveryState.DELIVERED:
            self._advance(delivery.id, EditState.DELIVERED)
        elif delivery.state is DeliveryState.REFUSED:
            self._advance(delivery.id, EditState.REFUSED, delivery.last_trouble, delivery.last_detail)
        else:
            self._advance(delivery.id, EditState.KEPT, delivery.last_trouble, delivery.last_detail)
        if delivery.state is DeliveryState.REFUSED or delivery.id in {d.id for d in self.refused}:
            self._records.load_refused_changes()

    def _adopt(self, delivery: Delivery) -> None:
        """A change that an earlier desk has kept: its call's card says again how it stands."""
        call_id, change = delivery.log.call_id, delivery.change
        if (
            change is not None
            and call_id not in self._edits
            and self._ground.calling.call(call_id) is not None
        ):
            self._edits[call_id] = Edit(EditState.KEPT, change.fields, delivery.id)

    def _on_call(self, event: CallChanged) -> None:
        """A call of an earlier desk is there again, after what was refused has been told."""
        if event.call.id not in self._edits:
            for delivery in self.refused:
                if delivery.log.call_id == event.call.id:
                    self._show_refused(delivery)

    def _show_refused(self, delivery: Delivery) -> None:
        self._adopt(delivery)
        self._advance(delivery.id, EditState.REFUSED, delivery.last_trouble, delivery.last_detail)

    def _on_refused_loaded(self, event: RefusedChangesLoaded) -> None:
        for delivery in event.deliveries:
            self._show_refused(delivery)
        if event.deliveries != self.refused:
            self.refused = event.deliveries
            self._ground.bus.publish(RefusedChangesChanged(len(self.refused)))

    # --- inside ---

    def _advance(
        self,
        delivery_id: DeliveryId,
        state: EditState,
        trouble: CrmTrouble = CrmTrouble.NONE,
        detail: str = "",
    ) -> None:
        for call_id, edit in self._edits.items():
            if edit.delivery_id == delivery_id:
                self._set(call_id, replace(edit, state=state, trouble=trouble, detail=detail))
                return

    def _set(self, call_id: CallId, edit: Edit) -> None:
        self._edits[call_id] = edit
        self._ground.bus.publish(CustomerEditChanged(call_id, edit))

    def _delivery(self, call: CallView, customer: Customer, crm: str, change: CustomerChange) -> Delivery:
        now = self._ground.clock.now()
        campaign = self._ground.calling.campaign(call)
        number = self._ground.calling.number(call)
        facts = CallLog(
            call_id=call.id,
            direction=call.direction.value,
            number=number.e164 or number.raw,
            started_at=call.started_at,
            talk_s=round(call.talk_seconds(now)),
            campaign=campaign.name if campaign else "",
            queue=call.queue,
            disposition="",
            disposition_label="",
            notes="",
            customer_id=str(customer.id),
            callback_at=None,
            callback_number="",
        )
        delivery_id = self._ground.identities.delivery(now)
        return Delivery(delivery_id, DeliveryKind.UPDATE_CUSTOMER, crm, facts, now, change=change)
