"""One question or delivery, and its answer."""

from __future__ import annotations

from softphone.domain.customer import Lookup
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.delivery import DeliveryResult
from softphone.domain.keeping_events import DeliveryAttempted
from tests.contracts.crm_world import HttpWorld, delivery, question


def looked_up(world: HttpWorld, number: str = "+442079460018") -> Lookup:
    world.crm.find(question(number))
    return world.inbox.next(CustomerLookedUp).lookup


def delivered(world: HttpWorld, name: str = "d1", *, attempts: int = 0) -> DeliveryResult:
    world.crm.deliver(delivery(name, attempts=attempts))
    return world.inbox.next(DeliveryAttempted).result
