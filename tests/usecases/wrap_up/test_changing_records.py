"""Outcomes that the CRM has and the agent corrects: its record is changed, none is added, none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.correction import Correction
from softphone.domain.crm_work import FollowUpKind
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryKind
from softphone.domain.wrap_up import Problem, RecordStatus
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.usecases.remote import record_requests
from softphone.usecases.remote import requests as ask
from softphone.usecases.remote.control import RemoteControl
from tests.fakes.world import SETTINGS, World
from tests.usecases.wrap_up.changing import (
    after_call_work,
    arrived,
    begin,
    change,
    deliver,
    entry,
    in_crm,
    saved,
    started,
)


@pytest.fixture
def world() -> World:
    return started(World())


def test_what_the_crm_has_is_changed_there_and_no_second_record_is_made(world: World) -> None:
    call_id = arrived(world)
    begin(world, call_id, "in other words")
    picture = world.last(WrapUpChanged)
    assert (picture.correcting, picture.changes) == (True, True)
    world.desk.wrapping_up.choose_code(call_id, "callback")
    world.desk.wrapping_up.plan_callback(call_id, world.clock.now() + timedelta(days=1))
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    assert entry(world).correction
    deliver(world)
    assert entry(world).status is RecordStatus.DELIVERED
    assert (in_crm(world).notes, in_crm(world).disposition) == ("in other words", "callback")
    update = next(d for d in world.crm.attempted if d.kind is DeliveryKind.UPDATE_CALL)
    assert (update.id, update.remote_id) == (world.crm.attempted[0].id, f"log-{update.id}")


def test_a_change_needs_no_after_call_work_and_bars_nobody(world: World) -> None:
    call_id = arrived(world)
    begin(world, call_id, "in other words")
    assert not world.desk.wrapping_up.busy
    assert not world.desk.wrapping_up.bars_answering()
    assert world.desk.wrapping_up.open_calls == (call_id,)


def test_a_change_that_is_given_up_leaves_what_the_crm_has(world: World) -> None:
    call_id = arrived(world)
    begin(world, call_id, "half a senten")
    world.clock.advance(1)
    world.run()
    typed = entry(world)
    assert (typed.draft.notes, typed.outcome.notes) == ("half a senten", "as it was sent")
    assert world.desk.wrapping_up.cancel_correction(call_id)
    world.run()
    left = entry(world)
    assert (left.status, left.draft.notes, left.saved) == (RecordStatus.DELIVERED, "as it was sent", None)
    deliver(world)
    assert in_crm(world).notes == "as it was sent"


def test_the_list_forgets_a_change_that_is_given_up(world: World) -> None:
    call_id = arrived(world)
    begin(world, call_id, "half a senten")
    world.clock.advance(1)
    world.run()
    assert entry(world).saved is not None
    assert world.desk.wrapping_up.cancel_correction(call_id)
    world.run()
    (listed,) = world.desk.looking_back.loaded.entries
    assert (listed.draft.notes, listed.saved) == ("as it was sent", None)


def test_a_change_begins_with_what_was_saved_last_even_where_the_list_is_older(world: World) -> None:
    call_id = arrived(world)
    older = entry(world)
    change(world, call_id, "in other words")
    assert older.draft.notes == "as it was sent"
    assert world.desk.wrapping_up.correct(older)
    assert world.desk.wrapping_up.draft(call_id).notes == "in other words"


def test_a_script_that_leaves_a_change_finds_the_record_as_it_was(world: World) -> None:
    call_id = arrived(world)
    begin(world, call_id, "half a senten")
    world.clock.advance(1)
    world.run()
    assert entry(world).saved is not None
    control = RemoteControl(world.desk, lambda: None, lambda _link: None)
    answers: list[Mapping[str, object]] = []
    control.handle(record_requests.LeaveRecord(call=call_id), answers.append)
    assert answers == []  # the list is being read anew
    world.run()
    assert answers[0]["ok"] is True
    assert world.desk.looking_back.loaded.entries[0].saved is None


def test_a_half_typed_change_is_there_again_after_a_crash(world: World) -> None:
    call_id = arrived(world)
    begin(world, call_id, "half a senten")
    world.clock.advance(1)
    world.run()
    again = World(records=world.store)
    world.store.restart(again.post)
    started(again)
    found = entry(again)
    assert (found.status, found.outcome.notes) == (RecordStatus.DELIVERED, "as it was sent")
    assert again.desk.wrapping_up.correct(found)
    assert again.desk.wrapping_up.draft(call_id).notes == "half a senten"
    assert again.desk.wrapping_up.open_calls == (call_id,)


def test_a_crm_that_cannot_change_its_records_is_not_offered_a_change() -> None:
    world = started(World(), frozenset())
    arrived(world)
    found = entry(world)
    assert world.desk.wrapping_up.correction(found) is Correction.CRM_CANNOT
    assert not world.desk.wrapping_up.correct(found)


def test_what_was_never_sent_is_corrected_even_where_the_crm_cannot_change_records() -> None:
    world = started(World(), frozenset())
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE)
    first = saved(world)
    deliver(world)
    second = saved(world, "waits behind it", "in-2")
    found = entry(world)
    assert (found.record.call.id, found.attempts) == (second, 0)
    assert world.desk.wrapping_up.correction(found) is Correction.SEND_AGAIN
    change(world, second, "in other words")
    for _ in range(3):
        world.clock.advance(120)
        world.run()
        deliver(world)
    notes = {log.call_id: log.notes for log in world.crm.records.values()}
    assert notes == {first: "as it was sent", second: "in other words"}


def test_what_may_have_arrived_is_not_corrected_where_the_crm_cannot_change_records() -> None:
    world = started(World(), frozenset())
    world.crm.fail_deliveries(CrmTrouble.TIMEOUT)
    saved(world)
    deliver(world)
    assert world.desk.wrapping_up.correction(entry(world)) is Correction.CRM_CANNOT


def test_a_record_of_a_company_that_is_gone_is_not_changed(world: World) -> None:
    arrived(world)
    found = entry(world)
    gone = World(replace(SETTINGS, campaigns=()), records=world.store)
    world.store.restart(gone.post)
    started(gone)
    assert gone.desk.wrapping_up.correction(found) is Correction.NONE
    assert not gone.desk.wrapping_up.correct(found)


def test_a_callback_whose_time_has_passed_does_not_stand_in_the_way(world: World) -> None:
    call_id = after_call_work(world)
    work = world.desk.wrapping_up
    work.choose_code(call_id, "callback")
    work.plan_callback(call_id, world.clock.now() + timedelta(hours=1))
    assert work.save(call_id)
    world.run()
    deliver(world)
    deliver(world)
    world.clock.advance(7200)
    world.run()
    begin(world, call_id, "one more thing")
    assert Problem.CALLBACK_PAST not in work.state(call_id).problems
    assert work.save(call_id)
    work.plan_callback(call_id, world.clock.now() - timedelta(minutes=1))
    world.run()
    deliver(world)
    assert in_crm(world).notes == "one more thing"


def test_a_new_promise_becomes_a_task_and_an_old_one_no_second(world: World) -> None:
    call_id = arrived(world)
    work, at = world.desk.wrapping_up, world.clock.now() + timedelta(days=1)
    begin(world, call_id, "call her back")
    work.choose_code(call_id, "callback")
    work.plan_callback(call_id, at)
    assert work.save(call_id)
    world.run()
    deliver(world)
    deliver(world)
    change(world, call_id, "call her back in the evening")
    deliver(world)
    deliver(world)
    tasks = [d.follow_up for d in world.crm.written.values() if d.kind is DeliveryKind.SCHEDULE]
    assert [(task.kind, task.due_at) for task in tasks if task] == [(FollowUpKind.CALLBACK, at)]
    assert in_crm(world).notes == "call her back in the evening"


def test_scripts_change_a_record_too(world: World) -> None:
    call_id = arrived(world)
    control = RemoteControl(world.desk, lambda: None, lambda _link: None)
    answers: list[Mapping[str, object]] = []
    requests = (
        record_requests.CorrectRecord(call=call_id),
        ask.WrapUp(call=call_id, note="by script"),
        ask.History(),
    )
    for request in requests:
        control.handle(request, answers.append)
        world.run()
    begun, done, listed = answers
    assert [answer["ok"] for answer in answers] == [True, True, True]
    assert begun["wrap_up"]["changes"] is True  # type: ignore[index]  # checked by test_schemas
    assert done["wrap_up"]["saved"] is True  # type: ignore[index]  # as above
    assert listed["history"][0]["notes"] == "by script"  # type: ignore[index]  # as above
    assert listed["history"][0]["correction"] is True  # type: ignore[index]  # as above
    deliver(world)
    assert in_crm(world).notes == "by script"


def test_a_script_hears_why_a_record_cannot_be_changed() -> None:
    world = started(World(), frozenset())
    call_id = arrived(world)
    control = RemoteControl(world.desk, lambda: None, lambda _link: None)
    answers: list[Mapping[str, object]] = []
    control.handle(record_requests.CorrectRecord(call=call_id), answers.append)
    world.run()
    error = answers[0]["error"]
    assert isinstance(error, dict)
    assert (error["kind"], error["thing"]) == ("refused", "crm_cannot")
