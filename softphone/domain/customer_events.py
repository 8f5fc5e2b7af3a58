"""What has happened around customers: what the CRM and the cache answered, and what the card shows now."""

from __future__ import annotations

from softphone.domain.customer import Lookup
from softphone.domain.customer_cache import KeptCustomers
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, QueryId


@dataclass(frozen=True, slots=True)
class CustomerLookedUp(Event):
    query_id: QueryId
    call_id: CallId
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class CustomersRecalled(Event):
    """What is kept on this computer about the caller of that question; `kept` is None where nothing is."""

    query_id: QueryId
    call_id: CallId
    kept: KeptCustomers | None


@dataclass(frozen=True, slots=True)
class KeptCustomersCounted(Event):
    """So many callers' customers are kept on this computer now."""

    count: int


@dataclass(frozen=True, slots=True)
class CustomerCardChanged(Event):
    call_id: CallId
    lookup: Lookup
