"""Telling CRMs that want to know it in which state the agent is: a team can see there who is free."""

from __future__ import annotations

from softphone.domain.crm_events import CrmDescribed
from softphone.domain.crm_work import CrmAbility, ReportedState
from softphone.domain.events import AgentStatusChanged
from softphone.usecases.bus import Bus
from softphone.usecases.calls.being_available import BeingAvailable
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Crm


class TellingCrms:
    """Reports each change once to every connection whose pack has `[team_state]`."""

    def __init__(self, crm: Crm, being_available: BeingAvailable, configuring: Configuring, bus: Bus) -> None:
        self._crm = crm
        self._being_available = being_available
        self._configuring = configuring
        self._told: dict[str, ReportedState] = {}
        self._wanting: set[str] = set()
        bus.subscribe(AgentStatusChanged, lambda _e: self._tell())
        bus.subscribe(CrmDescribed, self._on_described)

    def _on_described(self, event: CrmDescribed) -> None:
        name = event.description.crm
        if CrmAbility.TEAM_STATE in event.description.abilities:
            self._wanting.add(name)
            self._told.pop(name, None)  # the connection may be another one now
            self._tell()
        else:
            self._wanting.discard(name)

    def _tell(self) -> None:
        state = self._state()
        for name in sorted(self._wanting):
            if self._told.get(name) != state:
                self._told[name] = state
                self._crm.report_state(name, state)

    def _state(self) -> ReportedState:
        status = self._being_available.status
        reasons = self._configuring.settings.agent.not_ready_reasons
        paid = next((reason.paid for reason in reasons if reason.name == status.reason), False)
        return ReportedState(status.state.value, status.reason, paid, self._being_available.since)
