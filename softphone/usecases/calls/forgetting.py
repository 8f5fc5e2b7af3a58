"""Letting go of calls that are over and done, so that a desk that runs for weeks does not grow."""

from __future__ import annotations

from softphone.domain.events import CallChanged
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.calls.minding_the_line import MindingTheLine
from softphone.usecases.customers.customers import Customers
from softphone.usecases.customers.recognising import Recognising
from softphone.usecases.wrap_up.wrapping_up import WrappingUp

KEPT = 50
"""Done calls that stay known, for what is still on the screen or on its way. The database knows all."""


class Forgetting:
    """Keeps every call that lives or whose wrap-up is not committed, and the last done ones."""

    def __init__(
        self,
        calling: Calling,
        recognising: Recognising,
        wrapping_up: WrappingUp,
        minding_the_line: MindingTheLine,
        customers: Customers,
        bus: Bus,
    ) -> None:
        self._calling = calling
        self._recognising = recognising
        self._wrapping_up = wrapping_up
        self._minding_the_line = minding_the_line
        self._customers = customers
        bus.subscribe(CallChanged, self._on_call)

    def _on_call(self, event: CallChanged) -> None:
        if event.call.live:
            return
        for call_id in self._wrapping_up.done_calls[:-KEPT]:
            self._wrapping_up.forget(call_id)
            self._recognising.forget(call_id)
            self._customers.forget(call_id)
            self._minding_the_line.forget(call_id)
            self._calling.forget(call_id)
