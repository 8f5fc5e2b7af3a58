"""The agent's state as a table, with the choice that waits for the end of the call.

An agent who presses *Not ready* during a call means "after it": the choice is queued and shown, as the best
agent desktops do. Losing the registration makes the agent Offline without forgetting the choice.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass


class AgentState(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    NOT_READY = "not_ready"
    ON_CALL = "on_call"
    AFTER_CALL_WORK = "after_call_work"


class Trigger(StrEnum):
    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    CHOSE_READY = "chose_ready"
    CHOSE_NOT_READY = "chose_not_ready"
    CALL_STARTED = "call_started"
    """Dialled, or answered; ringing alone changes nothing."""
    CALLS_ENDED_TO_WRAP_UP = "calls_ended_to_wrap_up"
    CALLS_ENDED = "calls_ended"
    WRAP_UP_DONE = "wrap_up_done"
    OFFER_MISSED = "offer_missed"
    """RONA: a call rang until the server took it back. Nobody should be offered a second one unseen."""


class _Chosen(StrEnum):
    """Stands in the table for "what the agent has chosen", or Offline while not registered."""

    CHOSEN = "chosen"
    QUEUED = "queued"


_CHOSEN, _QUEUED = _Chosen.CHOSEN, _Chosen.QUEUED
_S, _T = AgentState, Trigger

_TABLE: dict[AgentState, dict[Trigger, AgentState | _Chosen]] = {
    _S.OFFLINE: {
        _T.REGISTERED: _CHOSEN,
        _T.CHOSE_READY: _QUEUED,
        _T.CHOSE_NOT_READY: _QUEUED,
        _T.CALL_STARTED: _S.ON_CALL,
        _T.CALLS_ENDED_TO_WRAP_UP: _S.AFTER_CALL_WORK,
    },
    _S.READY: {
        _T.UNREGISTERED: _S.OFFLINE,
        _T.CHOSE_NOT_READY: _CHOSEN,
        _T.CALL_STARTED: _S.ON_CALL,
        _T.CALLS_ENDED_TO_WRAP_UP: _S.AFTER_CALL_WORK,
        _T.OFFER_MISSED: _CHOSEN,
    },
    _S.NOT_READY: {
        _T.UNREGISTERED: _S.OFFLINE,
        _T.CHOSE_READY: _CHOSEN,
        _T.CHOSE_NOT_READY: _CHOSEN,
        _T.CALL_STARTED: _S.ON_CALL,
        _T.CALLS_ENDED_TO_WRAP_UP: _S.AFTER_CALL_WORK,
    },
    _S.ON_CALL: {
        _T.CHOSE_READY: _QUEUED,
        _T.CHOSE_NOT_READY: _QUEUED,
        _T.CALLS_ENDED: _CHOSEN,
        _T.CALLS_ENDED_TO_WRAP_UP: _S.AFTER_CALL_WORK,
    },
    _S.AFTER_CALL_WORK: {
        _T.CHOSE_READY: _QUEUED,
        _T.CHOSE_NOT_READY: _QUEUED,
        _T.CALL_STARTED: _S.ON_CALL,
        _T.WRAP_UP_DONE: _CHOSEN,
    },
}

MISSED_OFFER_REASON = "missed_offer"
"""Reason set by the phone itself when an offer was missed."""


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """The state, the agent's own choice behind it, and whether the registrar knows us.

    `chosen` is READY or NOT_READY with `reason`; while `state` is something else, it is what comes next.
    """

    state: AgentState = AgentState.OFFLINE
    chosen: AgentState = AgentState.NOT_READY
    reason: str = ""
    registered: bool = False

    @property
    def next_is_queued(self) -> bool:
        """The choice differs from the state and will be carried out later."""
        return self.state is not self.chosen

    def advance(self, trigger: Trigger, reason: str = "") -> AgentStatus:
        """Return the status after `trigger`; one that the table does not list for this state changes nothing
        but what is remembered (registration)."""
        noted = replace(
            self,
            chosen=_choice(self.chosen, trigger),
            reason=_reason(self.reason, trigger, reason),
            registered=_registered(self.registered, trigger),
        )
        target = _TABLE[self.state].get(trigger)
        if target is None:
            if trigger in (Trigger.REGISTERED, Trigger.UNREGISTERED):
                return noted
            return self
        if target is _QUEUED:
            return noted
        if target is _CHOSEN:
            return replace(noted, state=noted.chosen if noted.registered else AgentState.OFFLINE)
        assert isinstance(target, AgentState)  # noqa: S101 - narrows the table's union for the type checker
        return replace(noted, state=target)


def reason_among(reason: str, known: tuple[str, ...]) -> str:
    """Return `reason` if the company has it; raise `BadInput` that lists the known ones."""
    if reason in known or not known:
        return reason
    raise BadInput("reason", f"unknown reason {reason!r}; known are {', '.join(known)}")


def _choice(chosen: AgentState, trigger: Trigger) -> AgentState:
    if trigger is Trigger.CHOSE_READY:
        return AgentState.READY
    if trigger in (Trigger.CHOSE_NOT_READY, Trigger.OFFER_MISSED):
        return AgentState.NOT_READY
    return chosen


def _reason(current: str, trigger: Trigger, reason: str) -> str:
    if trigger is Trigger.CHOSE_READY:
        return ""
    if trigger is Trigger.CHOSE_NOT_READY:
        return reason
    return MISSED_OFFER_REASON if trigger is Trigger.OFFER_MISSED else current


def _registered(current: bool, trigger: Trigger) -> bool:
    if trigger is Trigger.REGISTERED:
        return True
    return False if trigger is Trigger.UNREGISTERED else current
