"""Asking the company's CRM, before anything is dialled, whether this number may be called.

A CRM that does not answer in time stops nobody: what this phone itself knows to be barred is refused anyway
(`not_calling`), and a callback was promised.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.call import CallState, CallView
from softphone.domain.crm_events import DoNotCallChecked
from softphone.domain.crm_work import CrmAbility, DoNotCallQuery, Permission
from softphone.domain.events import CallChanged
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.customers.connecting_crms import ConnectingCrms
from softphone.usecases.ports import Clock, Crm, Identities, Timer

WAIT_S = 2.0


@dataclass
class _Open:
    query: DoNotCallQuery
    decide: Callable[[bool], None]
    patience: Timer


class AskingPermission:
    """Only for companies whose CRM can say, and for numbers that somebody outside has."""

    def __init__(
        self,
        crm: Crm,
        connecting: ConnectingCrms,
        calling: Calling,
        clock: Clock,
        identities: Identities,
        bus: Bus,
    ) -> None:
        self._crm = crm
        self._connecting = connecting
        self._calling = calling
        self._clock = clock
        self._identities = identities
        self._open: dict[CallId, _Open] = {}
        calling.dialling.ask_first(self._ask)
        bus.subscribe(DoNotCallChecked, self._on_checked)
        bus.subscribe(CallChanged, self._on_call)

    def _ask(self, call: CallView, decide: Callable[[bool], None]) -> bool:
        campaign, number = self._calling.campaign(call), self._calling.number(call)
        if campaign is None or not self._connecting.can(campaign.crm, CrmAbility.DO_NOT_CALL):
            return False
        if number.internal:
            return False
        query = DoNotCallQuery(self._identities.query(), call.campaign_id, campaign.crm, number)
        patience = self._clock.after(WAIT_S, lambda: self._decided(call.id, allowed=True))
        self._open[call.id] = _Open(query, decide, patience)
        self._crm.check_do_not_call(query)
        return True

    def _on_checked(self, event: DoNotCallChecked) -> None:
        for call_id, waiting in self._open.items():
            if waiting.query.id == event.query_id:
                self._decided(call_id, allowed=event.permission is not Permission.BARRED)
                return

    def _on_call(self, event: CallChanged) -> None:
        if event.call.state is CallState.TERMINATED:
            waiting = self._open.pop(event.call.id, None)
            if waiting:
                waiting.patience.cancel()
                self._crm.cancel(waiting.query.id)

    def _decided(self, call_id: CallId, *, allowed: bool) -> None:
        waiting = self._open.pop(call_id, None)
        if waiting:
            waiting.patience.cancel()
            waiting.decide(allowed)
