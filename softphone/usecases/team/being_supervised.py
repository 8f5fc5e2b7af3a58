"""The agent's side: who is on this phone and how, allowing it where policy asks, and the trace of it all.

For a view: `supervisors` are those the agent may see, each change is a `SupervisorsChanged`; `asking` is a
lead who waits for `allow` or `deny`.
"""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audit import AuditAction, Side
from softphone.domain.call import Party
from softphone.domain.events import EngineAttached, EngineLost
from softphone.domain.ids import CallId
from softphone.domain.settings import Settings
from softphone.domain.supervision import Supervisor
from softphone.domain.team_events import (
    SupervisionTurnedAway,
    SupervisorArrived,
    SupervisorChangedMode,
    SupervisorLeft,
    SupervisorsChanged,
)
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.team.audit_duty import AuditDuty
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.ports import TeamLine


class BeingSupervised:
    """Keeps the engine's policy up to date and knows the leads on this phone."""

    def __init__(
        self, team: TeamLine, configuring: Configuring, auditing: Auditing, duty: AuditDuty, bus: Bus
    ) -> None:
        self._team = team
        self._configuring = configuring
        self._auditing = auditing
        self._duty = duty
        self._bus = bus
        self._policy = configuring.settings.team.policy()
        self._all: dict[CallId, Supervisor] = {}
        self._shown: tuple[Supervisor, ...] = ()
        configuring.on_change(self._on_settings)
        duty.on_change(self._tell_policy)
        bus.subscribe(SupervisorArrived, self._on_arrived)
        bus.subscribe(SupervisorChangedMode, self._on_mode)
        bus.subscribe(SupervisorLeft, lambda e: self._leave(e.call_id))
        bus.subscribe(SupervisionTurnedAway, self._on_turned_away)
        bus.subscribe(EngineLost, lambda _e: self._leave_all())
        bus.subscribe(EngineAttached, self._on_attached)

    def start(self) -> None:
        """Tell the engine the policy, before the first call can come."""
        self._tell_policy()

    @property
    def supervisors(self) -> tuple[Supervisor, ...]:
        """Leads on this phone that the agent may see, oldest first."""
        return self._shown

    @property
    def asking(self) -> Supervisor | None:
        """A lead who waits to be let in."""
        return next((s for s in self._shown if s.asks), None)

    def allow(self, call_id: CallId) -> None:
        """Let the lead in who asks; one who is gone is no error."""
        self._decide(call_id, allowed=True)

    def deny(self, call_id: CallId) -> None:
        self._decide(call_id, allowed=False)

    def _decide(self, call_id: CallId, *, allowed: bool) -> None:
        supervisor = self._all.get(call_id)
        if supervisor is None or not supervisor.asks:
            return
        action = AuditAction.CONSENT_GIVEN if allowed else AuditAction.CONSENT_DENIED
        self._auditing.note(
            action, Side.AGENT, subject=_name(supervisor.lead), detail=supervisor.mode.value, call_id=call_id
        )
        self._team.let_supervisor_in(call_id, allowed)

    # --- what the engine says ----------------------------------------------------------------------------

    def _on_arrived(self, event: SupervisorArrived) -> None:
        known = self._all.get(event.call_id)
        if known is None and not event.asks:
            self._started(event.lead, event.mode.value, event.call_id)
        self._all[event.call_id] = Supervisor(
            event.call_id,
            event.account_id,
            event.lead,
            event.mode,
            event.at if known is None else known.since,
            self._policy.notice,
            event.asks,
        )
        self._tell()

    def _on_mode(self, event: SupervisorChangedMode) -> None:
        supervisor = self._all.get(event.call_id)
        if supervisor is None:
            return
        if supervisor.asks:
            self._started(supervisor.lead, event.mode.value, event.call_id)
        else:
            self._auditing.note(
                AuditAction.MODE_CHANGED,
                Side.AGENT,
                actor=_name(supervisor.lead),
                subject=self._auditing.own_name,
                detail=event.mode.value,
                call_id=event.call_id,
            )
        self._all[event.call_id] = replace(supervisor, mode=event.mode, asks=False)
        self._tell()

    def _started(self, lead: Party, mode: str, call_id: CallId) -> None:
        self._auditing.note(
            AuditAction.SUPERVISION_STARTED,
            Side.AGENT,
            actor=_name(lead),
            subject=self._auditing.own_name,
            detail=mode,
            call_id=call_id,
        )

    def _on_turned_away(self, event: SupervisionTurnedAway) -> None:
        mode = event.mode.value if event.mode else "?"
        self._auditing.note(
            AuditAction.SUPERVISION_REFUSED,
            Side.AGENT,
            actor=_name(event.claimed),
            subject=self._auditing.own_name,
            detail=f"{mode} {event.reason}",
        )

    def _leave(self, call_id: CallId) -> None:
        supervisor = self._all.pop(call_id, None)
        if supervisor is None:
            return
        if not supervisor.asks:
            self._auditing.note(
                AuditAction.SUPERVISION_ENDED,
                Side.AGENT,
                actor=_name(supervisor.lead),
                subject=self._auditing.own_name,
                call_id=call_id,
            )
        self._tell()

    def _leave_all(self) -> None:
        for call_id in list(self._all):
            self._leave(call_id)

    def _on_attached(self, event: EngineAttached) -> None:
        if event.restarted:
            self._leave_all()

    def _on_settings(self, settings: Settings) -> None:
        policy = settings.team.policy()
        if policy == self._policy:
            return
        self._policy = policy
        self._tell_policy()
        said = f"leads {', '.join(policy.leads) or '-'}; notice {policy.notice}; {', '.join(policy.modes)}"
        self._auditing.note(AuditAction.POLICY_CHANGED, Side.AGENT, detail=said)

    def _tell_policy(self) -> None:
        """While nothing can be recorded the engine lets nobody in, and sends away who is here."""
        self._team.allow_supervision(replace(self._policy, recordable=self._duty.fulfilled))

    def _tell(self) -> None:
        shown = tuple(s for s in self._all.values() if s.shown)
        if shown != self._shown:
            self._shown = shown
            self._bus.publish(SupervisorsChanged(shown))


def _name(party: Party) -> str:
    if party.anonymous or not party.user:
        return "anonymous"
    address = f"{party.user}@{party.host}" if party.host else party.user
    return address if party.asserted else f"{address} (not asserted)"
