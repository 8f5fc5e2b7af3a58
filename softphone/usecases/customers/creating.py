"""A customer whom the CRM does not know: made only when the agent asks for it, once, and tied to the call."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.crm_events import CustomerCreated
from softphone.domain.crm_work import CrmAbility, NewCustomer
from softphone.domain.customer import CrmTrouble
from softphone.domain.customer_work import Creation, CustomerCreationChanged, NewCustomerEntry
from softphone.domain.errors import BadInput
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.text import clean_line
from softphone.usecases.customers.ground import Ground

_REFUSED_BEFORE_WRITING = (
    CrmTrouble.CREDENTIALS,
    CrmTrouble.FORBIDDEN,
    CrmTrouble.REFUSED,
    CrmTrouble.NOT_FOUND,
    CrmTrouble.INSECURE,
    CrmTrouble.NOT_CONFIGURED,
)
"""After these there is no record; after all others there may be one, and the CRM is asked first."""


class CreatingCustomers:
    """At most one new customer per call at a time."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._creations: dict[CallId, Creation] = {}
        ground.bus.subscribe(CustomerCreated, self._on_created)

    def possible(self, call_id: CallId) -> bool:
        """The call belongs to a company whose CRM takes new customers from here."""
        _, campaign = self._ground.company_of(call_id)
        return campaign is not None and self._ground.connecting.can(campaign.crm, CrmAbility.CREATE)

    def required(self, call_id: CallId) -> tuple[str, ...]:
        """Names of the fields that this CRM needs for a new customer."""
        _, campaign = self._ground.company_of(call_id)
        return self._ground.connecting.description(campaign.crm).required if campaign else ()

    def creation(self, call_id: CallId) -> Creation | None:
        return self._creations.get(call_id)

    def begin(self, call_id: CallId, asked_as: DeliveryId | None = None) -> None:
        """Open the form, with what the call itself tells: its number, and the name if one was signalled.

        `asked_as`: an earlier desk has asked the CRM under this id, and nobody knows what came of it.
        """
        call, _ = self._ground.company_of(call_id)
        if call is not None and call_id not in self._creations:
            number = self._ground.calling.number(call)
            name = call.party.display_name
            known = "" if name in (number.raw, number.e164) else name
            entry = NewCustomerEntry(name=known, number=number.shown)
            self._set(call_id, Creation(entry, asked_as, attempts=int(asked_as is not None)))

    def forget(self, call_id: CallId) -> None:
        """The call is over and done."""
        self._creations.pop(call_id, None)

    def give_up(self, call_id: CallId) -> None:
        """Close the form; what was typed is gone. Nothing is taken back that is on its way."""
        if self._creations.pop(call_id, None):
            self._ground.bus.publish(CustomerCreationChanged(call_id, None))

    def create(self, call_id: CallId, entry: NewCustomerEntry) -> None:
        """Ask the CRM to make the customer.

        Raises `BadInput` (`customer_<field>`) for a required field that is empty.
        """
        call, campaign = self._ground.company_of(call_id)
        creation = self._creations.get(call_id)
        if call is None or campaign is None or creation is None or creation.saving:
            return
        entry = _cleaned(entry)
        self._check(call_id, entry)
        creation_id = creation.id or self._ground.identities.delivery(self._ground.clock.now())
        self._set(call_id, replace(creation, entry=entry, id=creation_id, saving=True, detail=""))
        first, last = _parts(entry.name)
        self._ground.crm.create_customer(
            NewCustomer(
                id=creation_id,
                campaign_id=call.campaign_id,
                crm=campaign.crm,
                number=self._ground.calling.number(call),
                name=entry.name,
                first_name=first,
                last_name=last,
                company=entry.company,
                email=entry.email,
                call_id=call_id,
                attempts=creation.attempts,
            )
        )

    def _check(self, call_id: CallId, entry: NewCustomerEntry) -> None:
        given = {
            "name": entry.name,
            "first_name": _parts(entry.name)[0],
            "last_name": _parts(entry.name)[1],
            "company": entry.company,
            "email": entry.email,
            "number": entry.number,
        }
        for name in self.required(call_id) or ("name",):
            if not given.get(name, ""):
                field = "name" if name.endswith("name") else name
                raise BadInput(f"customer_{field}", f"{name} is missing")

    def _on_created(self, event: CustomerCreated) -> None:
        call_id = event.call_id
        creation = self._creations.get(call_id) if call_id else None
        call, _ = self._ground.company_of(call_id) if call_id else (None, None)
        if call_id is None or creation is None or creation.id != event.request_id or call is None:
            return
        if event.customer is not None and event.campaign_id == call.campaign_id:
            del self._creations[call_id]
            self._ground.recognising.attach(call_id, event.customer)
            self._ground.bus.publish(CustomerCreationChanged(call_id, None))
            return
        lost = event.trouble not in _REFUSED_BEFORE_WRITING
        again = replace(creation, saving=False, trouble=event.trouble, detail=event.detail)
        self._set(call_id, replace(again, attempts=creation.attempts + lost))

    def _set(self, call_id: CallId, creation: Creation) -> None:
        self._creations[call_id] = creation
        self._ground.bus.publish(CustomerCreationChanged(call_id, creation))


def _cleaned(entry: NewCustomerEntry) -> NewCustomerEntry:
    return NewCustomerEntry(
        clean_line(entry.name), clean_line(entry.company), clean_line(entry.email), entry.number
    )


def _parts(name: str) -> tuple[str, str]:
    """First and last name for CRMs that want both: the last word is the last name."""
    first, _, last = name.rpartition(" ")
    return first, last
