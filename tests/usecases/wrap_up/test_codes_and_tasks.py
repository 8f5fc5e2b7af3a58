"""Outcomes that the CRM knows, and tasks that outcomes set off there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.campaign import Campaign, CodeAction, Disposition, with_codes_of_crm
from softphone.domain.crm_work import CrmAbility, CrmDescription, FollowUpKind
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind
from softphone.domain.ids import CallId
from softphone.domain.record_settings import CrmCodes
from tests.fakes.world import INSURER, MARIA, SETTINGS, World

SOLD, LOST = Disposition("sold", "Sold"), Disposition("lost", "Lost", needs_note=True)
BARE = replace(INSURER, dispositions=())
ABLE = CrmDescription("crm", abilities=frozenset({CrmAbility.CODES, CrmAbility.TASK}))


def world_of(campaign: Campaign, described: CrmDescription = ABLE) -> World:
    world = World(settings=replace(SETTINGS, campaigns=(campaign, *SETTINGS.campaigns[1:])))
    world.crm.codes = (SOLD, LOST)
    world.crm.know(MARIA)
    world.start()
    world.crm.describe(described)
    world.run()
    return world


def answered(world: World) -> World:
    world.crm.answer_all()
    world.run()
    return world


def talked(world: World, name: str = "in-1") -> CallId:
    call_id = world.phone.ring(name, headers=(("X-Queue", "claims"),))
    world.run()
    world.crm.answer_all()
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


def codes(world: World, call_id: CallId) -> list[str]:
    record = world.desk.wrapping_up.record(call_id)
    campaign = world.desk.calling.campaign(record.call) if record else None
    return [disposition.code for disposition in campaign.codes()] if campaign else []


# --- codes ---


def test_a_campaign_without_codes_has_those_of_its_crm() -> None:
    world = answered(world_of(BARE))
    call_id = talked(world)
    assert codes(world, call_id) == ["sold", "lost"]
    world.desk.wrapping_up.choose_code(call_id, "lost")
    assert not world.desk.wrapping_up.save(call_id)  # their rules count, too
    world.desk.wrapping_up.type_notes(call_id, "too expensive")
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    assert world.store.deliveries[0].log.disposition_label == "Lost"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (CrmCodes.WHEN_NONE, ["solved", "callback", "complaint"]),
        (CrmCodes.MERGE, ["solved", "callback", "complaint", "sold", "lost"]),
        (CrmCodes.NEVER, ["solved", "callback", "complaint"]),
    ],
)
def test_the_settings_say_what_is_done_with_the_crms_codes(wanted: CrmCodes, expected: list[str]) -> None:
    world = answered(world_of(replace(INSURER, crm_codes=wanted)))
    assert codes(world, talked(world)) == expected


def test_a_code_of_the_file_keeps_its_words_and_none_is_there_twice() -> None:
    ours = Disposition("sold", "Verkauft", needs_note=True)
    folder = Disposition("more", "More", children=(SOLD, LOST, LOST))
    merged = with_codes_of_crm(replace(INSURER, dispositions=(ours,)), (SOLD, folder))
    assert [(d.code, d.label) for d in merged.codes()] == [("sold", "Verkauft"), ("lost", "Lost")]


def test_the_last_good_answer_is_kept_over_faults_and_restarts() -> None:
    world = answered(world_of(BARE))
    world.crm.fail_work(CrmTrouble.SERVER_ERROR)
    world.desk.fetching_codes.look()
    answered(world)
    assert codes(world, talked(world)) == ["sold", "lost"]
    after = World(settings=world.settings, records=world.store)
    world.store.restart(after.post)
    after.start()  # this CRM never answers
    assert codes(after, talked(after, "in-2")) == ["sold", "lost"]


def test_a_crm_that_names_no_codes_takes_none_away() -> None:
    world = answered(world_of(BARE))
    world.crm.codes = ()
    world.desk.fetching_codes.look()
    answered(world)
    assert codes(world, talked(world)) == ["sold", "lost"]


def test_codes_are_asked_again_every_few_hours_and_only_where_the_crm_knows_any() -> None:
    world = answered(world_of(BARE))
    world.crm.codes = (SOLD,)
    world.clock.advance(timedelta(hours=7).total_seconds())
    world.run()
    answered(world)
    assert codes(world, talked(world)) == ["sold"]
    mute = world_of(BARE, CrmDescription("crm"))
    assert mute.crm.open_codes == []


# --- tasks ---


FOLLOW = Disposition("follow", "Follow up", actions=(CodeAction.FOLLOW_UP_TASK,))
BOSS = Disposition("boss", "To the lead", actions=(CodeAction.ESCALATE,))
CLOSE = Disposition("close", "Settled for good", actions=(CodeAction.CLOSE_CASE,))
TASKS = replace(INSURER, dispositions=(*INSURER.dispositions, FOLLOW, BOSS, CLOSE))


def saved(world: World, code: str, hours: float = 0) -> list[Delivery]:
    """The outbox after a wrap-up with that outcome."""
    call_id = talked(world)
    work = world.desk.wrapping_up
    work.choose_code(call_id, code)
    work.type_notes(call_id, "about the roof")
    if hours:
        work.plan_callback(call_id, world.clock.now() + timedelta(hours=hours), "+4930777")
    assert work.save(call_id)
    world.run()
    return world.store.deliveries


@pytest.mark.parametrize("code", ["follow", "boss", "close"])
def test_an_outcome_hands_a_task_to_a_crm_that_takes_them(code: str) -> None:
    world = world_of(TASKS)
    log, task = saved(world, code)
    assert (log.kind, task.kind) == (DeliveryKind.LOG_CALL, DeliveryKind.SCHEDULE)
    assert task.follow_up is not None
    assert task.follow_up.kind is FollowUpKind.TASK
    assert task.follow_up.subject.endswith(": María Schäfer")
    assert task.follow_up.notes == "about the roof"
    for _ in range(3):
        answered(world)
    assert set(world.crm.written) == {log.id, task.id}  # after the call, once each


def test_a_promised_callback_is_handed_over_with_its_time_and_number() -> None:
    world = world_of(TASKS)
    _log, task = saved(world, "callback", hours=3)
    assert task.follow_up is not None
    assert task.follow_up.kind is FollowUpKind.CALLBACK
    assert task.follow_up.due_at == world.clock.now() + timedelta(hours=3)
    assert "+4930777" in task.follow_up.subject


def test_a_crm_without_tasks_gets_the_actions_with_the_call_only() -> None:
    world = world_of(TASKS, CrmDescription("crm"))
    (log,) = saved(world, "follow")
    assert log.log.actions == ("follow_up_task",)


def test_a_task_that_is_refused_does_not_mark_the_record_as_refused() -> None:
    world = world_of(TASKS)
    log, _task = saved(world, "follow")
    world.crm.fail_deliveries(CrmTrouble.NONE, CrmTrouble.REFUSED)
    for _ in range(3):
        answered(world)
    assert world.store.rows[log.log.call_id].status.value == "delivered"
