"""Bringing outcomes to the CRM: at least once on the wire, exactly once in effect, in the background.

The database decides what is due; this use case only moves one attempt at a time and CRM, and commits how it
ended. Nothing is remembered here that a kill could lose.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from softphone.domain.crm_events import CrmSignInChanged
from softphone.domain.crm_work import SignInStep
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryState, retry_delay_s
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import (
    DeliveriesDue,
    DeliveryAdded,
    DeliveryAttempted,
    DeliveryRecorded,
    StoreOpened,
    WrapUpSaved,
)
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Clock, Deliveries, Identities, Records, Timer

LOOK_AGAIN_S = 60.0
"""The outbox is looked through at least this often: clocks jump, computers sleep."""

CREDENTIALS_DELAY_S = 60.0
AT_ONCE = 5


class Delivering:
    """The postman of the outbox."""

    def __init__(
        self, records: Records, crm: Deliveries, clock: Clock, identities: Identities, bus: Bus
    ) -> None:
        self._records = records
        self._crm = crm
        self._clock = clock
        self._identities = identities
        self._in_flight: dict[DeliveryId, Delivery] = {}
        self._timer: Timer | None = None
        bus.subscribe(StoreOpened, lambda _e: self.look())
        bus.subscribe(WrapUpSaved, lambda _e: self.look())
        bus.subscribe(DeliveryAdded, lambda _e: self.look())
        bus.subscribe(CrmSignInChanged, self._on_sign_in)
        bus.subscribe(DeliveriesDue, self._on_due)
        bus.subscribe(DeliveryAttempted, self._on_attempted)
        bus.subscribe(DeliveryRecorded, self._on_recorded)

    def look(self) -> None:
        """See now whether something is due."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._clock.after(LOOK_AGAIN_S, self.look)
        self._records.load_due(self._clock.now(), AT_ONCE)

    def retry(self, delivery_id: DeliveryId) -> None:
        """The agent wants a refused or waiting record tried again now."""
        self._records.retry_delivery(delivery_id, self._clock.now())
        self.look()

    def _on_sign_in(self, event: CrmSignInChanged) -> None:
        """What waited for it goes out at once."""
        if event.news.step is SignInStep.DONE:
            self._records.wake_deliveries(event.news.crm, self._clock.now())
            self.look()

    def _on_due(self, event: DeliveriesDue) -> None:
        for delivery in event.deliveries:
            busy = {d.crm for d in self._in_flight.values()}
            if delivery.crm not in busy:
                self._in_flight[delivery.id] = delivery
                self._crm.deliver(delivery)
        if event.next_due_at:
            delay = (event.next_due_at - self._clock.now()).total_seconds()
            self._wake_in(min(max(delay, 0.1), LOOK_AGAIN_S))

    def _wake_in(self, delay_s: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._clock.after(delay_s, self.look)

    def _on_attempted(self, event: DeliveryAttempted) -> None:
        delivery = self._in_flight.get(event.result.delivery_id)
        if delivery is None:
            return
        result = event.result
        tried = replace(
            delivery,
            attempts=delivery.attempts + 1,
            last_trouble=result.trouble,
            last_detail=result.detail,
        )
        if result.delivered:
            self._records.record_attempt(tried, DeliveryState.DELIVERED, None, result.remote_id)
        elif result.final:
            self._records.record_attempt(tried, DeliveryState.REFUSED, None)
        else:
            delay = retry_delay_s(tried.attempts, result.retry_after_s, self._identities.jitter())
            if result.trouble is CrmTrouble.CREDENTIALS:
                delay = max(delay, CREDENTIALS_DELAY_S)
            due = self._clock.now() + timedelta(seconds=delay)
            self._records.record_attempt(tried, DeliveryState.WAITING, due)

    def _on_recorded(self, event: DeliveryRecorded) -> None:
        self._in_flight.pop(event.delivery.id, None)
        self.look()
