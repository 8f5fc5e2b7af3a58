"""A company's provisioning that answers when the test says so."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.events import Event
from softphone.domain.ids import AccountId
from softphone.domain.provisioning import (
    ProvisioningChecked,
    ProvisioningOrder,
    ProvisioningState,
    ProvisioningTrouble,
)


class FakeProfiles:
    """Port `CompanyProfiles`. `answer` ends the oldest order."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self.orders: list[ProvisioningOrder] = []
        self.known = ProvisioningState()

    def state(self) -> ProvisioningState:
        return self.known

    def carry_out(self, order: ProvisioningOrder) -> None:
        self.orders.append(order)

    def answer(
        self,
        trouble: ProvisioningTrouble = ProvisioningTrouble.NONE,
        *,
        changed: bool = False,
        enrolled: tuple[AccountId, ...] = (),
        company: str = "Storm Outsourcing",
    ) -> None:
        order = self.orders.pop(0)
        if trouble is ProvisioningTrouble.NONE:
            self.known = ProvisioningState(order.url, company)
        self._post(ProvisioningChecked(self.known, changed, enrolled, trouble, "as the test said"))
