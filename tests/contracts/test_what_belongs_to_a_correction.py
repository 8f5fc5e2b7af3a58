"""What every store promises for what is typed to correct a record, and for its tasks and barred numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from softphone.domain.crm_work import FollowUp, FollowUpKind
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.ids import CustomerId, DeliveryId
from softphone.domain.keeping_events import (
    BarredNumbersLoaded,
    CallbacksLoaded,
    DraftSaved,
    RecordsPurged,
    WrapUpSaved,
    WrittenOff,
)
from softphone.domain.wrap_up import RecordsShown, RecordStatus, WrapUp
from tests.contracts.correcting import LATER, correct, corrected, delivered, the_only
from tests.contracts.records_world import NOON, Desk, conclude, due, history, opened_desk
from tests.store.samples import START, call_id, delivery, draft, live, tried, wrap_up


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


# --- while it is typed ---


def test_what_is_typed_to_correct_survives_and_what_the_crm_has_stays_known(desk: Desk) -> None:
    entry = delivered(desk)
    desk.records.save_draft(draft(1, "half a correc"), entry.id)
    desk.heard.next(DraftSaved)
    desk.restart()
    found = the_only(desk)
    assert (found.status, found.draft.notes) == (RecordStatus.DELIVERED, "half a correc")
    assert found.saved is not None
    assert (found.saved.notes, found.outcome.notes) == ("Water in the cellar", "Water in the cellar")
    desk.records.abandon_correction(entry.id)
    desk.heard.next(DraftSaved)
    left = the_only(desk)
    assert (left.status, left.draft, left.saved) == (RecordStatus.DELIVERED, draft(1), None)


def test_late_keystrokes_of_the_call_itself_are_no_correction(desk: Desk) -> None:
    entry = delivered(desk)
    desk.records.save_draft(draft(1, "late keystrokes"))
    desk.heard.next(DraftSaved)
    desk.records.save_draft(draft(1, "late keystrokes"), DeliveryId("another"))
    desk.heard.next(DraftSaved)
    assert (the_only(desk).draft.notes, the_only(desk).delivery_id) == ("Water in the cellar", entry.id)


def test_giving_up_a_second_correction_restores_the_first_that_waits(desk: Desk) -> None:
    first = corrected(desk)
    correct(desk, first, "Best")  # waits behind the first, which is on its way
    desk.heard.next(WrapUpSaved)
    desk.records.save_draft(draft(1, "half a correc"), first.id)
    desk.heard.next(DraftSaved)
    desk.records.abandon_correction(first.id)
    desk.heard.next(DraftSaved)
    assert the_only(desk).draft.notes == "Best"


def test_giving_up_a_correction_restores_whose_record_it_is(desk: Desk) -> None:
    entry = delivered(desk)
    other = replace(draft(1), customer_id=CustomerId("c2"), customer_name="Otto Klein")
    desk.records.save_draft(other, entry.id)
    desk.heard.next(DraftSaved)
    desk.records.abandon_correction(entry.id)
    desk.heard.next(DraftSaved)
    assert the_only(desk).draft.customer_id == draft(1).customer_id


# --- what belongs to it ---


def test_a_promise_that_was_kept_is_not_made_anew_by_a_correction(desk: Desk) -> None:
    entry = delivered(desk)
    desk.records.finish_callback(call_id(1), NOON)
    assert desk.heard.next(CallbacksLoaded).callbacks == ()
    correct(desk, entry)
    desk.heard.next(WrapUpSaved)
    desk.records.load_callbacks()
    assert desk.heard.next(CallbacksLoaded).callbacks == ()


def test_a_task_of_the_correction_is_committed_with_it_and_follows_it(desk: Desk) -> None:
    entry = delivered(desk)
    task = replace(delivery(1), id=DeliveryId("task-1"), kind=DeliveryKind.SCHEDULE)
    log = replace(entry.log, notes="Better")
    desk.records.correct_wrap_up(wrap_up(1, "Better"), entry.id, log, LATER, True, (task,))
    desk.heard.next(WrapUpSaved)
    (update,) = due(desk, LATER).deliveries
    assert update.kind is DeliveryKind.UPDATE_CALL
    conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert [d.id for d in due(desk, LATER).deliveries] == [task.id]


def test_a_task_that_is_taken_back_and_promised_again_is_one_task(desk: Desk) -> None:
    entry = delivered(desk)

    def correct_with(at: datetime | None, notes: str) -> None:
        name = DeliveryId(f"task-{notes}")
        follow_up = FollowUp(FollowUpKind.CALLBACK, "Back", at, notes)
        task = replace(delivery(1), id=name, kind=DeliveryKind.SCHEDULE, follow_up=follow_up)
        log = replace(entry.log, notes=notes)
        tasks = (task,) if at else ()
        desk.records.correct_wrap_up(wrap_up(1, notes), entry.id, log, LATER, True, tasks)
        desk.heard.next(WrapUpSaved)

    at, other = START + timedelta(days=2), START + timedelta(days=3)
    given = []
    for when, notes in ((at, "1"), (None, "2"), (at, "3"), (other, "4")):
        correct_with(when, notes)
        (update,) = due(desk, LATER).deliveries
        conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
        for task in due(desk, LATER).deliveries:
            given.append(task.id)
            conclude(desk, tried(task, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id=f"t{notes}")
    assert given == ["task-1", "task-4"]


def test_a_call_whose_correction_waits_is_not_forgotten(desk: Desk) -> None:
    update = corrected(desk)
    desk.records.finish_callback(call_id(1), NOON)
    desk.records.purge(START + timedelta(days=30))
    assert desk.heard.next(RecordsPurged) == RecordsPurged(0)
    conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    desk.records.purge(START + timedelta(days=30))
    assert desk.heard.next(RecordsPurged) == RecordsPurged(1)


BARS = ("do_not_call",)


def barred(desk: Desk) -> list[str]:
    desk.records.load_barred_numbers()
    return [entry.number for entry in desk.heard.next(BarredNumbersLoaded).numbers]


def of_the_same_number(number: int, notes: str = "Water in the cellar") -> WrapUp:
    outcome = wrap_up(number, notes)
    return replace(outcome, record=replace(outcome.record, number=wrap_up(1).record.number))


def barred_by(desk: Desk, number: int) -> Delivery:
    entry = delivery(number)
    desk.records.save_wrap_up(replace(of_the_same_number(number), actions=BARS), entry)
    desk.heard.next(WrapUpSaved)
    return entry


def correct_actions(desk: Desk, entry: Delivery, actions: tuple[str, ...], number: int = 1) -> None:
    better = replace(of_the_same_number(number, "Better"), actions=actions, finished_at=LATER)
    desk.records.correct_wrap_up(better, entry.id, replace(entry.log, actions=actions), LATER, True)
    desk.heard.next(WrapUpSaved)


def test_a_number_that_was_barred_by_mistake_is_free_once_the_outcome_is_corrected(desk: Desk) -> None:
    entry = barred_by(desk, 1)
    assert barred(desk) == [wrap_up(1).record.number]
    correct_actions(desk, entry, BARS)
    assert barred(desk) == [wrap_up(1).record.number]
    correct_actions(desk, entry, ())
    assert barred(desk) == []
    correct_actions(desk, entry, BARS)
    assert barred(desk) == [wrap_up(1).record.number]


def test_a_number_that_several_calls_have_barred_stays_barred(desk: Desk) -> None:
    first, second = barred_by(desk, 1), barred_by(desk, 2)
    correct_actions(desk, first, ())
    correct_actions(desk, second, (), 2)
    assert barred(desk) == [wrap_up(1).record.number]


def test_a_correction_that_bars_and_is_closed_bars_nobody(desk: Desk) -> None:
    entry = delivered(desk)
    correct_actions(desk, entry, BARS)
    conclude(desk, tried(due(desk, LATER).deliveries[0], CrmTrouble.REFUSED), DeliveryState.REFUSED)
    desk.records.write_off(entry.id, "locked after a day")
    assert desk.heard.next(WrittenOff).done
    assert barred(desk) == [wrap_up(1).record.number]  # whoever asked not to be called asked it all the same


def test_a_correction_that_frees_a_number_and_is_closed_bars_it_again(desk: Desk) -> None:
    entry = replace(delivery(1), log=replace(delivery(1).log, actions=BARS))
    desk.records.save_wrap_up(replace(wrap_up(1), actions=BARS), entry)
    desk.heard.next(WrapUpSaved)
    conclude(desk, tried(due(desk).deliveries[0], CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    correct_actions(desk, entry, ())
    assert barred(desk) == []
    conclude(desk, tried(due(desk, LATER).deliveries[0], CrmTrouble.REFUSED), DeliveryState.REFUSED)
    desk.records.write_off(entry.id, "locked after a day")
    assert desk.heard.next(WrittenOff).done
    assert barred(desk) == [wrap_up(1).record.number]


def test_a_correction_that_is_typed_after_its_call_was_forgotten_leaves_nothing(desk: Desk) -> None:
    entry = delivered(desk)
    desk.records.finish_callback(call_id(1), NOON)
    desk.records.purge(START + timedelta(days=30))
    assert desk.heard.next(RecordsPurged) == RecordsPurged(1)
    desk.records.save_draft(draft(1, "half a correc"), entry.id)
    desk.heard.next(DraftSaved)
    desk.records.record_call(live(1), RecordStatus.LIVE)
    assert the_only(desk).draft.notes == ""


def test_the_list_shows_a_waiting_correction_among_what_waits(desk: Desk) -> None:
    corrected(desk)
    desk.records.load_history(50, "", RecordsShown.WAITING)
    loaded = history(desk)
    assert [e.record.call.id for e in loaded.entries] == [call_id(1)]
    assert (loaded.waiting, loaded.refused) == (1, 0)
