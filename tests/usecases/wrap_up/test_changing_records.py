"""Outcomes that the CRM has and the agent corrects: its record is changed, none is added, none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.campaign import LogAt
from softphone.domain.correction import Correction
from softphone.domain.crm_work import CrmAbility, CrmDescription, FollowUpKind
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import CallLog, DeliveryKind
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import HistoryLoaded, WrittenOff
from softphone.domain.settings import Settings
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import HistoryEntry, Problem, RecordStatus
from softphone.domain.wrap_up_events import WrapUpChanged
from softphone.usecases.remote import requests as ask
from softphone.usecases.remote.control import RemoteControl
from tests.fakes.world import MARIA, SETTINGS, World

CLAIMS = (("X-Queue", "claims"),)
CHANGES = frozenset({CrmAbility.LOG_UPDATE, CrmAbility.TASK})


@pytest.fixture
def world() -> World:
    return started(World())


def started(made: World, abilities: frozenset[CrmAbility] = CHANGES) -> World:
    made.start()
    made.crm.describe(CrmDescription("crm", abilities=abilities))
    made.crm.know(MARIA)
    made.desk.being_available.choose_ready()
    made.run()
    return made


def after_call_work(world: World, name: str = "in-1") -> CallId:
    """A call that is over, its wrap-up open."""
    call_id = world.phone.ring(name, headers=CLAIMS)
    world.run()
    world.crm.answer_all()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


def saved(world: World, notes: str = "as it was sent", name: str = "in-1") -> CallId:
    """A saved record that is on its way to the CRM."""
    call_id = after_call_work(world, name)
    work = world.desk.wrapping_up
    work.choose_code(call_id, "solved")
    work.type_notes(call_id, notes)
    assert work.save(call_id)
    world.run()
    return call_id


def arrived(world: World) -> CallId:
    """A saved record that the CRM has."""
    call_id = saved(world)
    deliver(world)
    assert entry(world).status is RecordStatus.DELIVERED
    return call_id


def deliver(world: World) -> None:
    world.crm.answer_all()
    world.run()


def entry(world: World) -> HistoryEntry:
    world.desk.looking_back.reload()
    world.run()
    return world.last(HistoryLoaded).entries[0]


def begin(world: World, call_id: CallId, notes: str) -> None:
    assert world.desk.wrapping_up.correct(entry(world))
    world.desk.wrapping_up.type_notes(call_id, notes)


def change(world: World, call_id: CallId, notes: str) -> None:
    begin(world, call_id, notes)
    assert world.desk.wrapping_up.save(call_id)
    world.run()


def in_crm(world: World) -> CallLog:
    """The one record that the CRM has."""
    (log,) = world.crm.records.values()
    return log


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
    control.handle(ask.LeaveRecord(call=call_id), answers.append)
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


def test_a_record_deleted_in_the_crm_refuses_its_change_and_none_is_made_anew(world: World) -> None:
    call_id = arrived(world)
    world.crm.records.clear()
    change(world, call_id, "too late")
    deliver(world)
    found = entry(world)
    assert (found.status, found.correction, found.last_trouble) == (
        RecordStatus.REFUSED,
        True,
        CrmTrouble.NOT_FOUND,
    )
    assert world.crm.records == {}
    assert world.desk.wrapping_up.correction(found) is Correction.CHANGE


def test_the_agent_may_close_an_own_change_that_the_crm_refuses(world: World) -> None:
    call_id = arrived(world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    change(world, call_id, "not taken")
    deliver(world)
    found = entry(world)
    assert world.desk.closing_records.can_close(found)
    assert not world.desk.asking_to_close.can_ask(found)
    world.desk.closing_records.close(found, "locked after a day")
    world.run()
    assert world.last(WrittenOff).done
    closed = entry(world)
    assert (closed.status, closed.draft.notes, closed.correction) == (
        RecordStatus.WRITTEN_OFF,
        "as it was sent",
        True,
    )
    assert in_crm(world).notes == "as it was sent"


def test_a_change_waits_while_the_crm_cannot_be_reached(world: World) -> None:
    call_id = arrived(world)
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE, CrmTrouble.TIMEOUT)
    change(world, call_id, "in other words")
    for _ in range(3):
        deliver(world)
        world.clock.advance(120)
        world.run()
    deliver(world)
    assert in_crm(world).notes == "in other words"
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_change_whose_answer_was_lost_arrives_once_more_and_is_the_same(world: World) -> None:
    call_id = arrived(world)
    world.crm.fail_deliveries(CrmTrouble.TIMEOUT, written=True)
    change(world, call_id, "in other words")
    deliver(world)
    world.clock.advance(120)
    world.run()
    deliver(world)
    assert in_crm(world).notes == "in other words"
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_second_change_while_the_first_waits_arrives_last(world: World) -> None:
    call_id = arrived(world)
    change(world, call_id, "better")  # handed out at once, not answered yet
    change(world, call_id, "best")
    deliver(world)
    deliver(world)
    assert in_crm(world).notes == "best"
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_record_that_is_on_its_way_can_be_changed_and_follows_itself(world: World) -> None:
    call_id = saved(world)
    change(world, call_id, "in other words")
    deliver(world)
    assert entry(world).correction
    deliver(world)
    assert in_crm(world).notes == "in other words"
    kinds = [delivery.kind for delivery in world.crm.attempted]
    assert kinds == [DeliveryKind.LOG_CALL, DeliveryKind.UPDATE_CALL]


def test_a_refused_record_that_the_crm_takes_meanwhile_is_changed_there(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    call_id = saved(world)
    deliver(world)
    begin(world, call_id, "in other words")
    assert not world.last(WrapUpChanged).changes
    world.desk.delivering.retry(world.crm.attempted[0].id)
    world.run()
    deliver(world)
    assert world.last(WrapUpChanged).changes  # the agent sees what saving means now
    assert world.last(WrapUpChanged).trouble is StoreTrouble.NONE
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    deliver(world)
    assert in_crm(world).notes == "in other words"


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
        ask.CorrectRecord(call=call_id),
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
    control.handle(ask.CorrectRecord(call=call_id), answers.append)
    world.run()
    error = answers[0]["error"]
    assert isinstance(error, dict)
    assert (error["kind"], error["thing"]) == ("refused", "crm_cannot")


# --- the CRM hears of a call at its end ---


AT_THE_END = replace(SETTINGS, campaigns=tuple(replace(c, log_at=LogAt.CALL_END) for c in SETTINGS.campaigns))


def test_the_crm_hears_of_a_call_at_its_end_and_of_the_outcome_in_the_same_record() -> None:
    world = started(World(AT_THE_END))
    call_id = after_call_work(world)
    deliver(world)
    told = in_crm(world)
    assert (told.call_id, told.customer_id, told.disposition, told.notes) == (call_id, MARIA.id, "", "")
    assert world.desk.wrapping_up.open_calls == (call_id,)
    assert entry(world).status is RecordStatus.OPEN
    work = world.desk.wrapping_up
    work.choose_code(call_id, "solved")
    work.type_notes(call_id, "the outcome")
    assert work.save(call_id)
    world.run()
    deliver(world)
    assert (in_crm(world).notes, in_crm(world).disposition) == ("the outcome", "solved")
    assert entry(world).status is RecordStatus.DELIVERED


def test_a_crash_in_after_call_work_makes_no_second_record() -> None:
    world = started(World(AT_THE_END))
    call_id = after_call_work(world)
    deliver(world)
    again = World(AT_THE_END, records=world.store)
    world.store.restart(again.post)
    started(again)
    deliver(again)
    assert again.crm.attempted == []
    work = again.desk.wrapping_up
    assert work.open_calls == (call_id,)
    again.crm.records.update(world.crm.records)
    work.choose_code(call_id, "solved")
    assert work.save(call_id)
    again.run()
    deliver(again)
    assert [d.kind for d in again.crm.attempted] == [DeliveryKind.UPDATE_CALL]
    assert in_crm(again).disposition == "solved"


def test_an_outcome_saved_before_the_call_has_gone_is_one_request() -> None:
    world = World(AT_THE_END)
    world.crm.fail_deliveries(CrmTrouble.UNREACHABLE)
    started(world)
    call_id = after_call_work(world)
    world.desk.wrapping_up.choose_code(call_id, "solved")
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    for _ in range(3):
        deliver(world)
        world.clock.advance(120)
        world.run()
    deliver(world)
    assert in_crm(world).disposition == "solved"


@pytest.mark.parametrize(
    ("settings", "abilities"), [(AT_THE_END, frozenset[CrmAbility]()), (SETTINGS, CHANGES)]
)
def test_without_the_wish_or_the_ability_the_crm_hears_of_the_outcome_alone(
    settings: Settings, abilities: frozenset[CrmAbility]
) -> None:
    world = started(World(settings), abilities)
    after_call_work(world)
    deliver(world)
    assert world.crm.attempted == []


def test_a_call_of_nobody_waits_for_its_outcome() -> None:
    world = World(AT_THE_END)
    world.start()
    world.crm.describe(CrmDescription("crm", abilities=CHANGES))
    world.desk.being_available.choose_ready()
    world.run()
    after_call_work(world)
    deliver(world)
    assert world.crm.attempted == []
