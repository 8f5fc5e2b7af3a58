"""After-call work as the company wants it: required, optional, timed, fixed, on request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallState, EndCause
from softphone.domain.campaign import AcwPolicy, Campaign, CodeAction, Disposition
from softphone.domain.errors import Refused
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import Problem, RecordStatus
from softphone.domain.wrap_up_events import WrapUpChanged
from tests.fakes.world import INSURER, ORDERS, SETTINGS, World

HEADERS = (("X-Queue", "claims"),)


def begin(campaign: Campaign) -> World:
    made = World(settings=replace(SETTINGS, campaigns=(campaign,)))
    made.start()
    made.desk.being_available.choose_ready()
    made.run()
    return made


def answered(world: World, name: str = "in-1") -> CallId:
    ringing = world.phone.ring(name, headers=HEADERS)
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    return ringing


def talked(world: World, name: str = "in-1") -> CallId:
    ringing = answered(world, name)
    world.clock.advance(60)
    world.phone.end(ringing)
    world.run()
    return ringing


def state(world: World) -> AgentState:
    return world.desk.being_available.status.state


def test_choosing_ready_ends_optional_after_call_work_with_what_is_there() -> None:
    world = begin(replace(INSURER, acw=AcwPolicy.OPTIONAL))
    ended = talked(world)
    assert state(world) is AgentState.AFTER_CALL_WORK
    world.desk.wrapping_up.type_notes(ended, "short")
    world.desk.being_available.choose_ready()
    world.run()
    assert state(world) is AgentState.READY
    assert world.store.deliveries[0].log.notes == "short"


def test_choosing_ready_does_not_end_required_after_call_work() -> None:
    world = begin(INSURER)
    ended = talked(world)
    world.desk.being_available.choose_ready()
    world.run()
    assert state(world) is AgentState.AFTER_CALL_WORK
    assert world.desk.wrapping_up.open_calls == (ended,)


def test_saving_early_does_not_shorten_fixed_after_call_work() -> None:
    world = begin(replace(INSURER, acw=AcwPolicy.TIMED_FIXED, acw_limit_s=30))
    ended = talked(world)
    world.desk.wrapping_up.extend(ended, 5)
    world.desk.wrapping_up.choose_code(ended, "solved")
    assert world.desk.wrapping_up.save(ended)
    world.run()
    assert world.last(WrapUpChanged).saved
    world.clock.advance(29)
    world.run()
    assert state(world) is AgentState.AFTER_CALL_WORK
    world.clock.advance(2)
    world.run()
    assert state(world) is AgentState.READY


def test_fixed_after_call_work_without_a_code_ends_with_the_default_code() -> None:
    fixed = replace(ORDERS, acw=AcwPolicy.TIMED_FIXED, matching=INSURER.matching)
    world = begin(fixed)
    ended = talked(world)
    world.clock.advance(31)
    world.run()
    assert world.desk.wrapping_up.state(ended).saved
    assert state(world) is AgentState.READY


def test_without_asking_there_is_no_after_call_work_on_request_and_the_crm_is_told() -> None:
    world = begin(replace(INSURER, acw=AcwPolicy.ON_REQUEST))
    talked(world)
    assert state(world) is AgentState.READY
    assert len(world.store.deliveries) == 1


def test_after_call_work_that_was_asked_for_during_the_call_comes_also_after_a_crash() -> None:
    world = begin(replace(INSURER, acw=AcwPolicy.ON_REQUEST))
    live = answered(world)
    world.desk.wrapping_up.request(live, True)
    assert world.last(WrapUpChanged).requested
    world.phone.end(live)
    world.run()
    assert state(world) is AgentState.AFTER_CALL_WORK
    after = World(settings=world.settings, records=world.store)
    world.store.restart(after.post)
    after.start()
    assert after.desk.wrapping_up.open_calls == (live,)


def test_the_next_call_is_not_answered_before_the_outcome_is_complete() -> None:
    world = begin(replace(INSURER, code_before_next_call=True))
    first = talked(world, "one")
    second = world.phone.ring("two")  # not of a queue: nobody else could take it
    world.run()
    with pytest.raises(Refused, match="outcome"):
        world.desk.calling.answer(second)
    call = world.desk.calling.call(second)
    assert call is not None
    assert (call.state, call.answering) == (CallState.INCOMING, False)
    world.desk.wrapping_up.choose_code(first, "solved")
    world.desk.calling.answer(second)
    world.run()
    assert state(world) is AgentState.ON_CALL


def test_a_queues_call_is_not_offered_before_the_outcome_is_complete_and_goes_to_a_colleague() -> None:
    world = begin(replace(INSURER, code_before_next_call=True))
    first = talked(world, "one")
    second = world.phone.ring("two", headers=HEADERS)
    world.run()
    assert world.phone.sent("reject") == [("two", 486)]
    assert world.desk.calling.ringing() is None
    assert world.desk.wrapping_up.open_calls == (first,)
    assert state(world) is AgentState.AFTER_CALL_WORK
    world.phone.end(second)
    world.run()
    kept = world.store.rows[second]
    assert (kept.status, kept.record.call.end_cause) == (RecordStatus.CLOSED, EndCause.NOT_OFFERED)
    world.desk.wrapping_up.choose_code(first, "solved")
    answered(world, "three")
    assert state(world) is AgentState.ON_CALL


def test_a_call_that_rang_before_the_outcome_was_missing_rings_on() -> None:
    world = begin(replace(INSURER, code_before_next_call=True))
    first = answered(world, "one")
    second = world.phone.ring("two", headers=HEADERS)
    world.run()
    world.phone.end(first)
    world.run()
    ringing = world.desk.calling.ringing()
    assert ringing is not None
    assert ringing.id == second
    with pytest.raises(Refused, match="outcome"):
        world.desk.calling.answer(second)


def test_an_outcome_that_was_begun_must_be_completed_also_when_the_time_is_up() -> None:
    note = Disposition("complaint", "Complaint", needs_note=True)
    limited = replace(INSURER, acw_limit_s=30, default_code="solved")
    world = begin(replace(limited, dispositions=(*INSURER.dispositions, note)))
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "complaint")
    world.clock.advance(31)
    world.run()
    assert world.desk.wrapping_up.open_calls == (ended,)
    assert world.desk.wrapping_up.state(ended).problems == (Problem.NOTE_MISSING,)
    world.desk.wrapping_up.type_notes(ended, "rude")
    assert world.desk.wrapping_up.save(ended)


def test_timed_after_call_work_ends_with_what_is_there() -> None:
    note = Disposition("complaint", "Complaint", needs_note=True)
    world = begin(replace(INSURER, dispositions=(note,), acw=AcwPolicy.TIMED, acw_limit_s=30))
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "complaint")
    world.clock.advance(31)
    world.run()
    assert state(world) is AgentState.READY
    assert world.store.deliveries[0].log.disposition == "complaint"


def test_what_is_saved_by_itself_promises_no_call_to_who_wants_none() -> None:
    stop = Disposition("stop", "Wants no calls", actions=(CodeAction.DO_NOT_CALL,))
    world = begin(replace(INSURER, dispositions=(stop,), acw=AcwPolicy.TIMED, acw_limit_s=30))
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "stop")
    world.desk.wrapping_up.plan_callback(ended, world.clock.now() + timedelta(days=1))
    world.clock.advance(31)
    world.run()
    assert world.store.deliveries[0].log.callback_at is None
    assert world.store.promised == {}


def test_elsewhere_the_next_call_may_come_before_the_outcome() -> None:
    world = begin(INSURER)
    talked(world, "one")
    answered(world, "two")
    assert state(world) is AgentState.ON_CALL
