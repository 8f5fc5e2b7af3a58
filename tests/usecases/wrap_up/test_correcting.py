"""Refused records: corrected and sent again, left as they were, or overtaken by an answer."""

from __future__ import annotations

import pytest

from softphone.domain.agent_state import AgentState
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import HistoryLoaded
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from softphone.domain.wrap_up_events import WrapUpChanged
from tests.fakes.world import MARIA, World

CLAIMS = (("X-Queue", "claims"),)


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    made.crm.know(MARIA)
    made.desk.being_available.choose_ready()
    made.run()
    return made


def refused(world: World) -> CallId:
    """A saved record that the CRM has refused."""
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    call_id = world.phone.ring("in-1", headers=CLAIMS)
    world.run()
    world.crm.answer_all()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    work = world.desk.wrapping_up
    work.choose_code(call_id, "solved")
    work.type_notes(call_id, "as it was sent")
    work.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    assert entry(world).status is RecordStatus.REFUSED
    return call_id


def entry(world: World) -> HistoryEntry:
    world.desk.looking_back.reload()
    world.run()
    return world.last(HistoryLoaded).entries[0]


def begin(world: World, notes: str) -> CallId:
    """A correction that somebody has begun to type."""
    call_id = refused(world)
    assert world.desk.wrapping_up.correct(entry(world))
    world.desk.wrapping_up.type_notes(call_id, notes)
    return call_id


def test_a_refused_outcome_is_corrected_and_sent_again_without_after_call_work(world: World) -> None:
    call_id = begin(world, "in other words")
    work = world.desk.wrapping_up
    assert work.open_calls == (call_id,)
    assert world.last(WrapUpChanged).correcting
    assert world.desk.being_available.status.state is AgentState.READY
    assert work.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    assert entry(world).status is RecordStatus.DELIVERED
    (log,) = world.crm.records.values()
    assert log.notes == "in other words"


def test_a_record_that_was_written_and_refused_all_the_same_ends_as_its_correction(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.REFUSED, written=True)
    call_id = begin(world, "in other words")
    assert [log.notes for log in world.crm.records.values()] == ["as it was sent"]
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    assert entry(world).status is RecordStatus.DELIVERED
    assert [log.notes for log in world.crm.records.values()] == ["in other words"]


def test_where_the_crm_cannot_change_it_a_half_written_record_is_not_called_delivered(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.REFUSED, written=True)
    world.crm.changes_records = False
    call_id = begin(world, "in other words")
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    assert entry(world).status is RecordStatus.REFUSED
    assert [log.notes for log in world.crm.records.values()] == ["as it was sent"]


def test_a_correction_that_is_given_up_leaves_the_record_as_it_was(world: World) -> None:
    call_id = begin(world, "half a senten")
    world.clock.advance(1)
    world.run()
    assert entry(world).draft.notes == "half a senten"  # kept while typed, as everything
    assert world.desk.wrapping_up.cancel_correction(call_id)
    world.run()
    assert world.last(WrapUpChanged).left
    assert world.desk.wrapping_up.open_calls == ()
    left = entry(world)
    assert (left.status, left.draft.notes) == (RecordStatus.REFUSED, "as it was sent")
    assert world.desk.wrapping_up.correct(left)  # and can be begun anew


def test_a_wrap_up_that_is_no_correction_cannot_be_given_up(world: World) -> None:
    call_id = world.phone.ring("in-1", headers=CLAIMS)
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    assert not world.desk.wrapping_up.cancel_correction(call_id)
    assert world.desk.wrapping_up.open_calls == (call_id,)


def test_a_correction_that_is_being_saved_is_not_taken_back(world: World) -> None:
    call_id = begin(world, "in other words")
    world.desk.wrapping_up.save(call_id)
    assert not world.desk.wrapping_up.cancel_correction(call_id)


def test_a_record_taken_by_the_crm_meanwhile_ends_its_correction_and_says_so(world: World) -> None:
    call_id = begin(world, "")
    world.desk.delivering.retry(world.crm.attempted[0].id)
    world.run()
    world.desk.wrapping_up.type_notes(call_id, "too late")
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    assert world.last(WrapUpChanged).trouble is StoreTrouble.SUPERSEDED
    world.crm.answer_all()
    world.run()
    assert world.desk.wrapping_up.open_calls == ()
    last = world.last(WrapUpChanged)
    assert (last.saved, last.superseded) == (True, True)
    assert (entry(world).status, entry(world).draft.notes) == (RecordStatus.DELIVERED, "as it was sent")


def test_a_record_refused_once_more_is_corrected_after_all(world: World) -> None:
    call_id = begin(world, "better words")
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    world.desk.delivering.retry(world.crm.attempted[0].id)
    world.run()
    world.desk.wrapping_up.save(call_id)
    world.run()
    assert world.last(WrapUpChanged).trouble is StoreTrouble.SUPERSEDED
    world.crm.answer_all()
    world.run()
    assert world.last(WrapUpChanged).trouble is StoreTrouble.NONE
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    assert [log.notes for log in world.crm.records.values()] == ["better words"]
