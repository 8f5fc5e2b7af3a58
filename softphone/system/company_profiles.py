"""Port `CompanyProfiles`: provisioning on a thread of its own, one order after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from softphone.domain.events import Event
from softphone.domain.provisioning import ProvisioningOrder, ProvisioningState
from softphone.system.folders import Folders
from softphone.system.provisioning import Provisioning
from softphone.usecases.ports import Secrets


class BackgroundProfiles:
    """`post` takes the event on the worker's thread. The worker is started by the first order."""

    def __init__(self, where: Folders, secrets: Secrets, post: Callable[[Event], None]) -> None:
        self._provisioning = Provisioning(where, secrets)
        self._post = post
        self._orders: SimpleQueue[ProvisioningOrder] = SimpleQueue()
        self._worker: threading.Thread | None = None

    def state(self) -> ProvisioningState:
        return self._provisioning.state

    def carry_out(self, order: ProvisioningOrder) -> None:
        """Thread: main."""
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="provisioning", daemon=True)
            self._worker.start()
        self._orders.put(order)

    def _work(self) -> None:
        while True:
            self._post(self._provisioning.carry_out(self._orders.get()))
