"""Wrap-ups: complete, saved, delivered once; and whatever happens, kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallState, EndCause
from softphone.domain.customer import CrmTrouble
from softphone.domain.events import EngineAttached
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import DraftSaved, HistoryLoaded, StoreFailed
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import Problem, RecordStatus
from softphone.domain.wrap_up_events import WrapUpChanged
from tests.fakes.world import INSURER, MARIA, World

CLAIMS = (("X-Queue", "claims"),)
ORDERS = (("X-Queue", "orders"),)


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    made.crm.know(MARIA)
    made.desk.being_available.choose_ready()
    made.run()
    return made


def talked(world: World, headers: tuple[tuple[str, str], ...] = CLAIMS, name: str = "in-1") -> CallId:
    """A call that was answered and has ended after a minute."""
    ringing = world.phone.ring(name, headers=headers)
    world.run()
    world.crm.answer_all()
    world.desk.calling.answer(ringing)
    world.run()
    world.clock.advance(60)
    world.phone.end(ringing)
    world.run()
    return ringing


def state(world: World) -> AgentState:
    return world.desk.being_available.status.state


def open_calls(world: World) -> list[CallId]:
    return list(world.desk.wrapping_up.open_calls)


def status(world: World) -> RecordStatus:
    world.desk.looking_back.reload()
    world.run()
    return world.last(HistoryLoaded).entries[0].status


def test_hanging_up_opens_the_wrap_up_and_after_call_work(world: World) -> None:
    ended = talked(world)
    assert open_calls(world) == [ended]
    assert state(world) is AgentState.AFTER_CALL_WORK
    assert world.last(WrapUpChanged).problems == (Problem.CODE_MISSING,)


def test_without_the_required_code_nothing_is_saved(world: World) -> None:
    ended = talked(world)
    assert not world.desk.wrapping_up.save(ended)
    world.run()
    assert status(world) is RecordStatus.OPEN


def test_saving_delivers_once_and_returns_to_ready(world: World) -> None:
    ended = talked(world)
    world.desk.wrapping_up.type_notes(ended, "Hail on the roof")
    world.desk.wrapping_up.choose_code(ended, "solved")
    assert world.desk.wrapping_up.save(ended)
    assert not world.last(WrapUpChanged).saved, "not before the commit"
    world.run()
    assert world.last(WrapUpChanged).saved
    assert state(world) is AgentState.READY
    world.crm.answer_all()
    world.run()
    (log,) = world.crm.records.values()
    assert (log.disposition, log.notes, log.customer_id, log.talk_s) == (
        "solved",
        "Hail on the roof",
        "c1",
        60,
    )
    assert status(world) is RecordStatus.DELIVERED
    assert not world.desk.wrapping_up.save(ended), "a saved wrap-up is saved"


def test_notes_typed_during_the_call_are_written_in_a_pause(world: World) -> None:
    ringing = world.phone.ring(headers=CLAIMS)
    world.run()
    world.desk.wrapping_up.type_notes(ringing, "H")
    world.desk.wrapping_up.type_notes(ringing, "Ha")
    assert world.all(DraftSaved) == []
    assert not world.desk.wrapping_up.is_written(ringing)
    world.clock.advance(0.5)
    assert not world.desk.wrapping_up.is_written(ringing), "not before the commit"
    world.run()
    assert len(world.all(DraftSaved)) == 1
    assert world.desk.wrapping_up.is_written(ringing)


def test_a_delivery_is_tried_again_until_it_arrives(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE, CrmTrouble.SERVER_ERROR)
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "solved")
    world.desk.wrapping_up.save(ended)
    for _attempt in range(3):
        world.run()
        world.crm.answer_all()
        world.run()
        assert world.desk.looking_back.outbox.waiting == (0 if _attempt == 2 else 1)
        world.clock.advance(20)
    assert len(world.crm.attempted) == 3
    assert len(world.crm.records) == 1


def test_an_answer_that_was_lost_makes_no_second_record(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE, written=True)
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "solved")
    world.desk.wrapping_up.save(ended)
    world.run()
    world.crm.answer_all()
    world.run()
    world.clock.advance(20)
    world.run()
    world.crm.answer_all()
    world.run()
    assert [d.attempts for d in world.crm.attempted] == [0, 1]
    assert len(world.crm.records) == 1
    assert status(world) is RecordStatus.DELIVERED


def test_a_refused_record_waits_for_the_agent(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "solved")
    world.desk.wrapping_up.save(ended)
    world.run()
    world.crm.answer_all()
    world.run()
    assert status(world) is RecordStatus.REFUSED
    world.clock.advance(7200)
    world.run()
    assert len(world.crm.attempted) == 1
    world.desk.delivering.retry(world.crm.attempted[0].id)
    world.run()
    world.crm.answer_all()
    world.run()
    assert status(world) is RecordStatus.DELIVERED


def test_a_failed_commit_keeps_what_was_typed_and_can_be_repeated(world: World) -> None:
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "solved")
    world.run()
    world.bus.publish(StoreFailed(StoreTrouble.DISK_FULL, ended))
    shown = world.last(WrapUpChanged)
    assert (shown.trouble, shown.saving, shown.draft.code) == (StoreTrouble.DISK_FULL, False, "solved")
    assert world.desk.wrapping_up.save(ended)
    world.run()
    assert world.last(WrapUpChanged).saved


def test_a_missed_call_needs_no_wrap_up(world: World) -> None:
    ringing = world.phone.ring(headers=CLAIMS)
    world.run()
    world.phone.end(ringing, EndCause.ABANDONED)
    world.run()
    assert open_calls(world) == []
    assert status(world) is RecordStatus.CLOSED
    assert state(world) is AgentState.READY


def test_a_failed_outbound_call_leads_to_no_after_call_work(world: World) -> None:
    placed = world.desk.calling.place_call("030123456", world.desk.signing_in.first_registered())
    world.run()
    assert state(world) is AgentState.ON_CALL
    world.phone.end(placed, EndCause.BUSY, 486)
    world.run()
    assert state(world) is AgentState.READY


def test_the_time_limit_saves_with_the_default_code(world: World) -> None:
    ended = talked(world, ORDERS)
    assert world.desk.wrapping_up.state(ended).deadline == world.clock.now() + timedelta(seconds=30)
    world.clock.advance(31)
    world.run()
    assert world.last(WrapUpChanged).saved
    assert world.last(WrapUpChanged).draft.code == "timeout"
    assert state(world) is AgentState.READY


def test_more_time_moves_the_limit(world: World) -> None:
    ended = talked(world, ORDERS)
    world.desk.wrapping_up.extend(ended, 1)
    world.clock.advance(60)
    world.run()
    assert open_calls(world) == [ended]
    world.clock.advance(31)
    world.run()
    assert open_calls(world) == []


def test_notes_of_a_call_without_campaign_are_kept_without_after_call_work(world: World) -> None:
    ringing = world.phone.ring(headers=())
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    world.desk.wrapping_up.type_notes(ringing, "colleague")
    world.phone.end(ringing)
    world.run()
    assert state(world) is AgentState.READY
    assert world.last(WrapUpChanged).saved


def test_a_second_call_during_wrap_up_leaves_both_to_be_finished(world: World) -> None:
    first = talked(world, name="one")
    second = talked(world, name="two")
    assert open_calls(world) == [first, second]
    for ended in (second, first):
        assert state(world) is AgentState.AFTER_CALL_WORK
        world.desk.wrapping_up.choose_code(ended, "solved")
        world.desk.wrapping_up.save(ended)
        world.run()
    assert state(world) is AgentState.READY


def test_an_unfinished_wrap_up_is_offered_again_after_a_crash(world: World) -> None:
    ended = talked(world)
    world.desk.wrapping_up.type_notes(ended, "half a sen")
    world.clock.advance(1)
    world.run()
    after = World(records=world.store)
    world.store.restart(after.post)
    after.start()
    assert open_calls(after) == [ended]
    assert after.desk.wrapping_up.draft(ended).notes == "half a sen"
    assert state(after) is AgentState.AFTER_CALL_WORK
    after.desk.wrapping_up.choose_code(ended, "solved")
    after.desk.wrapping_up.save(ended)
    after.run()
    after.crm.answer_all()
    after.run()
    assert len(after.crm.records) == 1


def test_a_call_lost_with_the_engine_is_wrapped_up_like_any_other(world: World) -> None:
    ringing = world.phone.ring(headers=CLAIMS)
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    world.phone.die()
    world.run()
    assert open_calls(world) == [ringing]


def test_what_is_kept_in_memory_only_is_never_called_saved_on_disk(world: World) -> None:
    world.store.open_trouble = StoreTrouble.READ_ONLY
    ended = talked(world)
    world.desk.wrapping_up.choose_code(ended, "solved")
    world.desk.wrapping_up.save(ended)
    world.run()
    shown = world.last(WrapUpChanged)
    assert (shown.saved, shown.in_memory) == (True, True)
    assert state(world) is AgentState.READY


@pytest.mark.parametrize("store_first", [True, False])
@pytest.mark.parametrize("crm_is_quick", [True, False])
def test_a_killed_desks_notes_are_there_when_the_next_one_goes_on_with_the_call(
    world: World, store_first: bool, crm_is_quick: bool
) -> None:
    ringing = world.phone.ring(headers=CLAIMS)
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    world.desk.wrapping_up.type_notes(ringing, "typed before the kill")
    world.clock.advance(1)
    world.run()

    after = World(telephone=world.phone, records=world.store)
    world.store.restart(after.post)
    after.crm.know(MARIA)

    def attach() -> None:
        after.phone.start(after.settings.calls, after.settings.audio)

    first, second = (after.store.open, attach) if store_first else (attach, after.store.open)
    first()
    after.run()
    if crm_is_quick:
        after.crm.answer_all()
        after.run()
    second()
    after.run()
    assert open_calls(after) == [], "the call goes on"
    after.crm.answer_all()
    after.run()
    draft = after.desk.wrapping_up.draft(ringing)
    assert (draft.notes, draft.customer_id) == ("typed before the kill", MARIA.id)
    after.phone.end(ringing)
    after.run()
    assert open_calls(after) == [ringing]
    assert world.store.rows[ringing].draft.notes == "typed before the kill"


def test_a_call_that_was_answered_and_ended_unwritten_is_wrapped_up_by_what_the_engine_knows(
    world: World,
) -> None:
    ringing = world.phone.ring(headers=CLAIMS)
    world.run()
    world.desk.calling.answer(ringing)
    established = replace(
        world.phone.calls[ringing], state=CallState.ESTABLISHED, established_at=world.clock.now()
    )
    ended = replace(
        established, state=CallState.TERMINATED, ended_at=world.clock.now(), end_cause=EndCause.NORMAL
    )
    after = World(records=world.store)
    world.store.restart(after.post)
    after.store.open()
    after.post(EngineAttached(1, calls=(ended,)))
    after.run()
    assert open_calls(after) == [ringing]
    record = after.desk.wrapping_up.record(ringing)
    assert record is not None
    assert (record.call.end_cause, record.call.campaign_id) == (EndCause.NORMAL, INSURER.id)


def test_the_crm_is_told_where_the_recording_is(world: World) -> None:
    link = ("X-Recording-URL", "https://rec.example.com/17.wav")
    call = world.phone.ring(headers=(*CLAIMS, link))
    world.run()
    world.desk.calling.answer(call)
    world.run()
    world.phone.end(call)
    world.run()
    world.desk.wrapping_up.choose_code(call, "solved")
    world.desk.wrapping_up.save(call)
    world.run()
    world.crm.answer_all()
    (log,) = world.crm.records.values()
    assert log.recording_url == link[1]
