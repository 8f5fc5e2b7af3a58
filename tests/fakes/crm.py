"""A CRM that answers what the test scripts, when the test wants it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery, Lookup
from softphone.domain.delivery import CallLog, Delivery, DeliveryResult
from softphone.domain.events import CustomerLookedUp, DeliveryAttempted, Event
from softphone.domain.ids import DeliveryId, QueryId


class FakeCrm:
    """Implements `usecases.ports.Crm`.

    Nothing is answered before `answer_all` (or `answer`, `answer_with`): a real adapter never answers inside
    the call either. `know` puts customers in; `fail_finds` and `fail_deliveries` script troubles, one per
    attempt. A trouble with `written=True` records the call before it fails: the answer was lost.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._known: list[Customer] = []
        self._find_troubles: deque[CrmTrouble] = deque()
        self._delivery_troubles: deque[tuple[CrmTrouble, bool, float]] = deque()
        self.asked: list[CustomerQuery] = []
        """Every question ever put."""
        self.cancelled: list[QueryId] = []
        self.open_queries: dict[QueryId, CustomerQuery] = {}
        self.open_deliveries: dict[DeliveryId, Delivery] = {}
        self.attempted: list[Delivery] = []
        self.records: dict[DeliveryId, CallLog] = {}
        """What the CRM holds: one record per idempotency key, however often it was sent."""

    def know(self, *customers: Customer) -> None:
        self._known.extend(customers)

    def forget_all(self) -> None:
        """The CRM holds no customers any more."""
        self._known.clear()

    def fail_finds(self, *troubles: CrmTrouble) -> None:
        self._find_troubles.extend(troubles)

    def fail_deliveries(
        self, *troubles: CrmTrouble, written: bool = False, retry_after_s: float = 0.0
    ) -> None:
        self._delivery_troubles.extend((trouble, written, retry_after_s) for trouble in troubles)

    # --- the port ---------------------------------------------------------------------------------------

    def find(self, query: CustomerQuery) -> None:
        self.asked.append(query)
        self.open_queries[query.id] = query

    def cancel(self, query_id: QueryId) -> None:
        self.cancelled.append(query_id)
        self.open_queries.pop(query_id, None)

    def deliver(self, delivery: Delivery) -> None:
        self.attempted.append(delivery)
        self.open_deliveries[delivery.id] = delivery

    # --- the test's side --------------------------------------------------------------------------------

    def answer_all(self) -> None:
        """Answer everything that was asked and not cancelled, in order."""
        for query_id in list(self.open_queries):
            self.answer(query_id)
        for delivery_id in list(self.open_deliveries):
            self.finish(delivery_id)

    def answer(self, query_id: QueryId) -> None:
        """Answer one question from what is known, or with the next scripted trouble."""
        query = self.open_queries[query_id]
        if self._find_troubles:
            self.answer_with(query_id, Lookup.failed(self._find_troubles.popleft()))
            return
        self.answer_with(query_id, Lookup.found(self._matches(query), took_ms=1.0))

    def answer_with(self, query_id: QueryId, lookup: Lookup) -> None:
        query = self.open_queries.pop(query_id)
        self._post(CustomerLookedUp(query.id, query.call_id, lookup))

    def finish(self, delivery_id: DeliveryId) -> None:
        """End one delivery attempt, well or with the next scripted trouble."""
        delivery = self.open_deliveries.pop(delivery_id)
        trouble, written, retry_after_s = CrmTrouble.NONE, True, 0.0
        if self._delivery_troubles and not (delivery.attempts and delivery_id in self.records):
            trouble, written, retry_after_s = self._delivery_troubles.popleft()
        if written:
            self.records.setdefault(delivery_id, delivery.log)
        remote_id = f"log-{delivery_id}" if trouble is CrmTrouble.NONE else ""
        result = DeliveryResult(delivery_id, trouble, remote_id=remote_id, retry_after_s=retry_after_s)
        self._post(DeliveryAttempted(result))

    def _matches(self, query: CustomerQuery) -> tuple[Customer, ...]:
        if query.record_hint:
            hinted = tuple(c for c in self._known if c.id == query.record_hint)
            if hinted:
                return hinted
        return tuple(c for c in self._known if any(_same(n, query.number.digits) for n in c.numbers))


def _same(stored: str, digits: str) -> bool:
    ours = "".join(c for c in stored if c.isdigit())
    return bool(digits) and (
        ours == digits or (min(len(ours), len(digits)) >= 9 and ours[-9:] == digits[-9:])
    )
