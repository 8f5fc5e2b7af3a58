"""Asking the telephone system to pause the recording of a call, and what is known of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.errors import Refused
from softphone.domain.events import CommandRefused, RefusalReason
from softphone.domain.ids import CallId
from softphone.domain.recording import (
    RecordingOrder,
    RecordingPolicy,
    RecordingRules,
    RecordingState,
)
from softphone.domain.recording_events import RecordingChanged
from softphone.usecases.calls.recording import REFUSED_WITHIN_S, CallRecording
from tests.fakes.world import INSURER, SETTINGS, World

RECORDED = RecordingRules(RecordingPolicy.RECORDED, pause_code="*61", resume_code="*62", say="Recorded.")
ON_REQUEST = RecordingRules(RecordingPolicy.ON_REQUEST, start_code="*1", stop_code="*2")


def talk(rules: RecordingRules) -> tuple[World, CallId]:
    world = World(replace(SETTINGS, campaigns=(replace(INSURER, recording=rules),)))
    world.start()
    return world, another(world, "one")


def another(world: World, name: str) -> CallId:
    call_id = world.phone.ring(name, headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    return call_id


def how(world: World, call_id: CallId) -> CallRecording:
    call = world.desk.calling.call(call_id)
    assert call is not None
    found = world.desk.recording.of(call)
    assert found is not None
    return found


def digits(world: World) -> list[object]:
    return [command[1] for command in world.phone.sent("send_dtmf")]


def test_a_recorded_call_is_paused_and_resumed_by_the_campaigns_digits() -> None:
    world, call_id = talk(RECORDED)
    assert (how(world, call_id).state, how(world, call_id).since) == (RecordingState.RUNNING, None)
    world.desk.recording.order(call_id, RecordingOrder.PAUSE)
    assert how(world, call_id).state is RecordingState.PAUSED
    assert how(world, call_id).since == world.clock.now()
    world.desk.recording.toggle(call_id)
    assert how(world, call_id).state is RecordingState.RUNNING
    assert digits(world) == ["*61", "*62"]
    news = [event.state for event in world.seen if isinstance(event, RecordingChanged)]
    assert news == [RecordingState.PAUSED, RecordingState.RUNNING]


def test_a_call_on_request_is_recorded_between_start_and_stop() -> None:
    world, call_id = talk(ON_REQUEST)
    assert how(world, call_id).state is RecordingState.OFF
    world.desk.recording.toggle(call_id)
    assert how(world, call_id).state is RecordingState.RUNNING
    world.desk.recording.toggle(call_id)
    assert how(world, call_id).state is RecordingState.OFF
    assert digits(world) == ["*1", "*2"]


def test_a_recorded_call_without_codes_offers_nothing_and_sends_nothing() -> None:
    world, call_id = talk(RecordingRules(RecordingPolicy.RECORDED))
    assert how(world, call_id).possible is None
    world.desk.recording.toggle(call_id)
    with pytest.raises(Refused, match="pause is not possible"):
        world.desk.recording.order(call_id, RecordingOrder.PAUSE)
    assert digits(world) == []


def test_nothing_is_known_where_nothing_is_stated() -> None:
    world, call_id = talk(RecordingRules())
    call = world.desk.calling.call(call_id)
    assert call is not None
    assert world.desk.recording.of(call) is None
    assert not world.desk.recording.stated


def test_while_it_rings_nothing_can_be_asked_for() -> None:
    world, _ = talk(RECORDED)
    ringing = world.phone.ring("two", headers=(("X-Queue", "claims"),))
    world.run()
    assert how(world, ringing).possible is None


def test_every_call_has_its_own_pause_and_the_next_begins_as_the_policy_says() -> None:
    world, first = talk(RECORDED)
    world.desk.recording.toggle(first)
    second = another(world, "two")
    assert how(world, second).state is RecordingState.RUNNING
    assert how(world, first).state is RecordingState.PAUSED
    world.phone.end(first)
    world.run()
    assert how(world, first).state is RecordingState.RUNNING  # forgotten with its call


def refuse(world: World, call_id: CallId) -> None:
    world.post(CommandRefused("SendDtmf", RefusalReason.FAILED, call_id))
    world.run()


def test_digits_that_could_not_be_sent_leave_it_as_it_was() -> None:
    world, call_id = talk(RECORDED)
    world.desk.recording.toggle(call_id)
    refuse(world, call_id)
    assert (how(world, call_id).state, how(world, call_id).since) == (RecordingState.RUNNING, None)


def test_a_key_that_is_refused_much_later_does_not_undo_the_pause() -> None:
    world, call_id = talk(RECORDED)
    world.desk.recording.toggle(call_id)
    world.clock.advance(REFUSED_WITHIN_S + 1)
    refuse(world, call_id)
    assert how(world, call_id).state is RecordingState.PAUSED
