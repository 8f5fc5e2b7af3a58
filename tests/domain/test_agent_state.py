"""The agent's state table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.agent_state import (
    MISSED_OFFER_REASON,
    AgentState,
    AgentStatus,
    Trigger,
    reason_among,
)
from softphone.domain.errors import BadInput

REGISTERED = AgentStatus().advance(Trigger.REGISTERED)
READY = REGISTERED.advance(Trigger.CHOSE_READY)


def test_registering_shows_what_was_chosen_before() -> None:
    assert AgentStatus().state is AgentState.OFFLINE
    assert REGISTERED.state is AgentState.NOT_READY
    assert AgentStatus().advance(Trigger.CHOSE_READY).state is AgentState.OFFLINE
    assert AgentStatus().advance(Trigger.CHOSE_READY).advance(Trigger.REGISTERED).state is AgentState.READY


def test_a_choice_during_a_call_is_queued_until_the_wrap_up_is_done() -> None:
    talking = READY.advance(Trigger.CALL_STARTED)
    queued = talking.advance(Trigger.CHOSE_NOT_READY, "lunch")
    assert (queued.state, queued.chosen, queued.reason) == (
        AgentState.ON_CALL,
        AgentState.NOT_READY,
        "lunch",
    )
    assert queued.next_is_queued
    wrapping = queued.advance(Trigger.CALLS_ENDED_TO_WRAP_UP)
    assert wrapping.state is AgentState.AFTER_CALL_WORK
    assert wrapping.advance(Trigger.WRAP_UP_DONE).state is AgentState.NOT_READY


def test_losing_the_registration_keeps_the_choice() -> None:
    lost = READY.advance(Trigger.UNREGISTERED)
    assert lost.state is AgentState.OFFLINE
    assert lost.advance(Trigger.REGISTERED).state is AgentState.READY


def test_losing_the_registration_in_a_call_shows_only_after_the_wrap_up() -> None:
    talking = READY.advance(Trigger.CALL_STARTED).advance(Trigger.UNREGISTERED)
    assert talking.state is AgentState.ON_CALL
    assert talking.advance(Trigger.CALLS_ENDED).state is AgentState.OFFLINE


def test_a_second_call_during_wrap_up_returns_to_the_wrap_up() -> None:
    wrapping = READY.advance(Trigger.CALL_STARTED).advance(Trigger.CALLS_ENDED_TO_WRAP_UP)
    second = wrapping.advance(Trigger.CALL_STARTED)
    assert second.state is AgentState.ON_CALL
    assert second.advance(Trigger.CALLS_ENDED_TO_WRAP_UP).state is AgentState.AFTER_CALL_WORK


def test_a_missed_offer_makes_not_ready_with_its_own_reason() -> None:
    missed = READY.advance(Trigger.OFFER_MISSED)
    assert (missed.state, missed.reason) == (AgentState.NOT_READY, MISSED_OFFER_REASON)
    already = REGISTERED.advance(Trigger.CHOSE_NOT_READY, "lunch").advance(Trigger.OFFER_MISSED)
    assert already.reason == "lunch"


def test_an_unknown_reason_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(BadInput, match="break, lunch"):
        reason_among("nap", ("break", "lunch"))


@given(st.lists(st.sampled_from(list(Trigger)), max_size=40))
def test_an_agent_is_ready_only_while_registered_and_by_choice(triggers: list[Trigger]) -> None:
    status = AgentStatus()
    for trigger in triggers:
        status = status.advance(trigger, "lunch")
        assert status.registered or status.state not in (AgentState.READY, AgentState.NOT_READY)
        assert status.state is not AgentState.READY or status.chosen is AgentState.READY
