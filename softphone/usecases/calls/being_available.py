"""The agent's state: what they choose, and what calls and the registration make of it."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.agent_state import AgentState, AgentStatus, Trigger, reason_among
from softphone.domain.call import CallState, Direction, EndCause
from softphone.domain.errors import Refused
from softphone.domain.events import AgentStatusChanged, CallChanged, RegistrationChanged
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.wrap_up.wrapping_up import WrappingUp


class BeingAvailable:
    """Holds the agent's status and moves it along the domain's table."""

    def __init__(
        self,
        signing_in: SigningIn,
        calling: Calling,
        wrapping_up: WrappingUp,
        configuring: Configuring,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self._signing_in = signing_in
        self._calling = calling
        self._wrapping_up = wrapping_up
        self._configuring = configuring
        self._clock = clock
        self._bus = bus
        ready = configuring.settings.agent.ready_after_sign_in
        self._status = AgentStatus(chosen=AgentState.READY if ready else AgentState.NOT_READY)
        self._since = clock.now()
        bus.subscribe(RegistrationChanged, self._on_registration)
        bus.subscribe(CallChanged, self._on_call)
        bus.subscribe(WrapUpChanged, self._on_wrap_up)

    @property
    def status(self) -> AgentStatus:
        return self._status

    @property
    def since(self) -> datetime:
        """When the present state began (UTC)."""
        return self._since

    def choose_ready(self) -> None:
        """Ready now, or after the call and its wrap-up; an optional wrap-up ends by it."""
        self._advance(Trigger.CHOSE_READY)
        self._wrapping_up.leave_optional()

    def choose_not_ready(self, reason: str) -> None:
        """Not ready now, or after the call; raise `BadInput` for a reason that the company does not have,
        `Refused` without any reason where the company wants one."""
        known = tuple(r.name for r in self._configuring.settings.agent.not_ready_reasons)
        if known and not reason:
            raise Refused("reason", "a reason is required")
        self._advance(Trigger.CHOSE_NOT_READY, reason_among(reason, known))

    def _on_registration(self, _event: RegistrationChanged) -> None:
        registered = self._signing_in.registered
        if registered != self._status.registered:
            self._advance(Trigger.REGISTERED if registered else Trigger.UNREGISTERED)

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        busy = any(self._occupies(c.state, c.direction) for c in self._calling.calls)
        if busy:
            self._advance(Trigger.CALL_STARTED)
        elif call.state is CallState.TERMINATED:
            if self._wrapping_up.busy:
                self._advance(Trigger.CALLS_ENDED_TO_WRAP_UP)
            else:
                self._advance(Trigger.CALLS_ENDED)
        if call.end_cause is EndCause.MISSED and self._goes_away_after_missed():
            self._advance(Trigger.OFFER_MISSED)

    def _on_wrap_up(self, event: WrapUpChanged) -> None:
        if event.saved and not self._wrapping_up.busy:
            self._advance(Trigger.WRAP_UP_DONE)

    def _goes_away_after_missed(self) -> bool:
        return self._configuring.settings.agent.not_ready_after_missed_offer

    @staticmethod
    def _occupies(state: CallState, direction: Direction) -> bool:
        return state is CallState.ESTABLISHED or direction is Direction.OUTBOUND

    def _advance(self, trigger: Trigger, reason: str = "") -> None:
        after = self._status.advance(trigger, reason)
        if after == self._status:
            return
        if after.state is not self._status.state or after.reason != self._status.reason:
            self._since = self._clock.now()
        self._status = after
        self._bus.publish(AgentStatusChanged(after, self._since))
