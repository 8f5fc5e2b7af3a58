"""A pack, the adapter that uses it, and the CRM at the other end."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from softphone.crm.http_crm import HttpCrm
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_events import (
    CrmSignInChanged,
    CustomerCreated,
    CustomersFound,
    DoNotCallChecked,
)
from softphone.domain.crm_work import (
    CustomerChange,
    DoNotCallQuery,
    FollowUp,
    FollowUpKind,
    NewCustomer,
    Permission,
    SignInStep,
    TextQuery,
)
from softphone.domain.customer import Customer, CustomerQuery, Lookup
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryResult
from softphone.domain.events import Event
from softphone.domain.ids import CallId, DeliveryId, QueryId
from softphone.domain.keeping_events import DeliveryAttempted
from softphone.system.number_plan import LibPhoneNumbers
from tests.crm.shapes.shape import OtherEnd

E = TypeVar("E", bound=Event)
CALLER = "+442079460018"
STARTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DUE = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
CALL = CallLog(
    call_id=CallId("c1"),
    direction="inbound",
    number=CALLER,
    started_at=STARTED,
    talk_s=180,
    campaign="Meridian Insurance",
    queue="claims",
    disposition="claim opened",
    disposition_label="Claim opened",
    notes='Water in the cellar – "urgent" <b>שלום</b>',
    customer_id="",
    callback_at=None,
    callback_number="",
    answers=(("damage", "water & mud"),),
)


class PackWorld:
    """Questions put to one CRM, and what comes back."""

    def __init__(self, shape: OtherEnd) -> None:
        self.shape = shape
        self._events: queue.Queue[Event] = queue.Queue()
        self._seen: list[Event] = []
        self.secrets = shape.secrets()
        self.crm = HttpCrm([shape.connection()], self.secrets.get, self._events.put, self._keep)

    def _keep(self, name: str, secret: str | None) -> None:
        if secret is None:
            self.secrets.pop(name, None)
        else:
            self.secrets[name] = secret

    def next(self, kind: type[E], timeout_s: float = 30.0) -> E:
        """The next event of this kind; others before it are skipped."""
        while True:
            event = self._events.get(timeout=timeout_s)
            self._seen.append(event)
            if isinstance(event, kind):
                return event

    def all_seen(self, kind: type[E]) -> list[E]:
        """Such events that came until now."""
        return [event for event in self._seen if isinstance(event, kind)]

    def seen(self, kind: type[Event]) -> bool:
        """Whether such an event came before what was waited for."""
        return any(isinstance(event, kind) for event in self._seen)

    def number(self, raw: str = CALLER) -> PhoneNumber:
        return LibPhoneNumbers().read(raw, "GB")

    def looked_up(self, raw: str = CALLER, hint: str = "") -> Lookup:
        name = self.shape.connection().name
        query = CustomerQuery(QueryId("q1"), CallId("c1"), None, name, self.number(raw), hint)
        self.crm.find(query)
        return self.next(CustomerLookedUp).lookup

    def found(self, raw: str = CALLER, hint: str = "") -> Customer:
        """The one customer who is found."""
        lookup = self.looked_up(raw, hint)
        assert lookup.chosen is not None, f"{lookup.state} {lookup.trouble} {lookup.detail} {self.problems()}"
        return lookup.chosen

    def searched(self, text: str) -> Lookup:
        self.crm.search(TextQuery(QueryId("s1"), None, self.shape.connection().name, text))
        return self.next(CustomersFound).lookup

    def created(self, new: NewCustomer) -> CustomerCreated:
        self.crm.create_customer(new)
        return self.next(CustomerCreated)

    def new_customer(self, raw: str = "+442079460777") -> NewCustomer:
        return NewCustomer(
            DeliveryId(str(uuid4())),
            None,
            self.shape.connection().name,
            self.number(raw),
            first_name="Bea",
            last_name="Novák",
            email="bea@example.com",
        )

    def delivery(self, customer: Customer | None = None) -> Delivery:
        """The outcome of a call, for the outbox."""
        log = replace(CALL, customer_id=customer.id if customer else "")
        name = self.shape.connection().name
        return Delivery(DeliveryId(str(uuid4())), DeliveryKind.LOG_CALL, name, log, STARTED)

    def task(self, customer: Customer) -> Delivery:
        due = FollowUp(FollowUpKind.CALLBACK, "Call Anna Ek back", DUE)
        return replace(self.delivery(customer), kind=DeliveryKind.SCHEDULE, follow_up=due)

    def change(self, customer: Customer, name: str, text: str) -> Delivery:
        changed = CustomerChange(customer.id, ((name, text),))
        return replace(self.delivery(customer), kind=DeliveryKind.UPDATE_CUSTOMER, change=changed)

    def delivered(self, delivery: Delivery) -> DeliveryResult:
        self.crm.deliver(delivery)
        return self.next(DeliveryAttempted).result

    def arrives(self, delivery: Delivery) -> str:
        """Deliver it; the CRM's id of it."""
        result = self.delivered(delivery)
        assert result.delivered, f"{result.trouble} {result.detail} {self.problems()}"
        return result.remote_id

    def permission(self) -> Permission:
        name = self.shape.connection().name
        self.crm.check_do_not_call(DoNotCallQuery(QueryId("d1"), None, name, self.number()))
        return self.next(DoNotCallChecked).permission

    def signed_in(self) -> SignInStep:
        self.crm.sign_in(self.shape.connection().name)
        while (news := self.next(CrmSignInChanged).news).step not in (SignInStep.DONE, SignInStep.FAILED):
            pass
        return news.step

    def problems(self) -> str:
        return "; ".join(self.shape.problems)


@contextmanager
def world_of(shape: OtherEnd) -> Iterator[PackWorld]:
    """The adapter at a CRM that is running."""
    world = PackWorld(shape)
    try:
        yield world
    finally:
        world.crm.close()
