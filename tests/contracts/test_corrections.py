"""What every store of records promises for outcomes that are corrected after they were saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.keeping_events import (
    CallbacksLoaded,
    StoreFailed,
    WrapUpSaved,
    WrittenOff,
)
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import RecordStatus
from tests.contracts.correcting import LATER, correct, corrected, delivered, the_only
from tests.contracts.records_world import NOON, Desk, conclude, due, history, opened_desk, save
from tests.store.samples import START, call_id, tried, wrap_up


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


# --- what the CRM has ---


def test_what_the_crm_has_is_known_by_its_id_there(desk: Desk) -> None:
    delivered(desk)
    entry = the_only(desk)
    assert (entry.status, entry.remote_id, entry.crm) == (RecordStatus.DELIVERED, "r1", "crm")
    assert not entry.correction
    assert entry.saved is None


def test_a_correction_of_what_the_crm_has_is_an_update_of_that_record(desk: Desk) -> None:
    entry = delivered(desk)
    correct(desk, entry)
    assert desk.heard.next(WrapUpSaved) == WrapUpSaved(call_id(1), entry.id)
    found = the_only(desk)
    assert (found.status, found.correction, found.attempts) == (RecordStatus.SAVED, True, 0)
    assert (found.draft.notes, found.saved, found.delivery_id) == ("Better", None, entry.id)
    assert history(desk).waiting == 1
    desk.restart()
    (update,) = due(desk, LATER).deliveries
    assert (update.id, update.kind, update.remote_id) == (entry.id, DeliveryKind.UPDATE_CALL, "r1")
    assert (update.log.notes, update.attempts, update.revision) == ("Better", 0, 1)


def test_a_correction_that_arrived_is_what_the_crm_has_then(desk: Desk) -> None:
    update = corrected(desk)
    told = conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert (told.kind, told.state) == (DeliveryKind.UPDATE_CALL, DeliveryState.DELIVERED)
    found = the_only(desk)
    assert (found.status, found.draft.notes, found.remote_id) == (RecordStatus.DELIVERED, "Better", "r1")
    assert due(desk, LATER).deliveries == ()


def test_it_can_be_corrected_again_and_each_correction_has_its_own_number(desk: Desk) -> None:
    update = corrected(desk)
    conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    correct(desk, update, "Best")
    desk.heard.next(WrapUpSaved)
    (second,) = due(desk, LATER).deliveries
    assert (second.log.notes, second.revision, second.remote_id) == ("Best", 2, "r1")


def test_a_crm_that_cannot_change_records_gets_no_correction_of_what_it_has(desk: Desk) -> None:
    entry = delivered(desk)
    correct(desk, entry, updates=False)
    failed = desk.heard.next(StoreFailed)
    assert (failed.trouble, failed.call_id) == (StoreTrouble.SUPERSEDED, call_id(1))
    assert (the_only(desk).status, the_only(desk).draft.notes) == (
        RecordStatus.DELIVERED,
        "Water in the cellar",
    )


def test_a_record_whose_id_the_crm_never_told_is_not_corrected(desk: Desk) -> None:
    entry = save(desk, 1)
    conclude(desk, tried(due(desk).deliveries[0], CrmTrouble.NONE), DeliveryState.DELIVERED)
    correct(desk, entry)
    assert desk.heard.next(StoreFailed).trouble is StoreTrouble.SUPERSEDED


# --- what waits ---


def test_what_was_never_sent_is_simply_changed(desk: Desk) -> None:
    entry = save(desk, 1)
    correct(desk, entry)
    desk.heard.next(WrapUpSaved)
    (create,) = due(desk).deliveries
    assert (create.kind, create.log.notes, create.attempts) == (DeliveryKind.LOG_CALL, "Better", 0)


def test_what_was_never_sent_can_be_changed_without_any_right_to_change_what_the_crm_has(desk: Desk) -> None:
    entry = save(desk, 1)
    correct(desk, entry, updates=False)
    desk.heard.next(WrapUpSaved)
    (create,) = due(desk).deliveries
    assert (create.kind, create.log.notes) == (DeliveryKind.LOG_CALL, "Better")
    correct(desk, entry, "Best", updates=False)  # while it is on its way
    assert desk.heard.next(StoreFailed).trouble is StoreTrouble.SUPERSEDED
    conclude(desk, tried(create), DeliveryState.WAITING, NOON)
    correct(desk, entry, "Best", updates=False)  # it may have arrived
    assert desk.heard.next(StoreFailed).trouble is StoreTrouble.SUPERSEDED


def test_what_may_be_there_already_arrives_first_and_is_changed_then(desk: Desk) -> None:
    entry = save(desk, 1)
    (attempted,) = due(desk).deliveries
    correct(desk, entry)  # while it is on its way
    desk.heard.next(WrapUpSaved)
    after = conclude(desk, tried(attempted), DeliveryState.WAITING, NOON)
    assert (after.log.notes, after.kind) == ("Water in the cellar", DeliveryKind.LOG_CALL)
    (again,) = due(desk).deliveries
    assert (again.log.notes, again.attempts) == ("Water in the cellar", 1)  # the same thing under the same id
    conclude(desk, tried(again, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert (the_only(desk).status, the_only(desk).correction) == (RecordStatus.SAVED, True)
    (update,) = due(desk).deliveries
    assert (update.kind, update.log.notes, update.remote_id) == (DeliveryKind.UPDATE_CALL, "Better", "r1")


def test_what_was_interrupted_may_be_there_too(desk: Desk) -> None:
    entry = save(desk, 1)
    due(desk)
    desk.restart()  # killed in the middle of the attempt
    correct(desk, entry)
    desk.heard.next(WrapUpSaved)
    (again,) = due(desk).deliveries
    assert (again.log.notes, again.attempts) == ("Water in the cellar", 1)


def test_a_refusal_meanwhile_is_answered_by_the_correction(desk: Desk) -> None:
    entry = save(desk, 1)
    (attempted,) = due(desk).deliveries
    correct(desk, entry)
    desk.heard.next(WrapUpSaved)
    conclude(desk, tried(attempted, CrmTrouble.REFUSED), DeliveryState.REFUSED)
    assert the_only(desk).status is RecordStatus.SAVED
    (again,) = due(desk).deliveries
    assert (again.kind, again.log.notes, again.attempts) == (DeliveryKind.LOG_CALL, "Better", 1)


def test_of_two_corrections_while_nothing_is_sent_the_last_arrives(desk: Desk) -> None:
    entry = delivered(desk)
    for notes in ("Better", "Best"):
        correct(desk, entry, notes)
        desk.heard.next(WrapUpSaved)
    (update,) = due(desk, LATER).deliveries
    assert (update.log.notes, update.revision) == ("Best", 2)
    conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert due(desk, LATER).deliveries == ()


def test_a_second_correction_follows_the_first_that_is_on_its_way(desk: Desk) -> None:
    first = corrected(desk)
    correct(desk, first, "Best")
    desk.heard.next(WrapUpSaved)
    conclude(desk, tried(first, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    (second,) = due(desk, LATER).deliveries
    assert (second.log.notes, second.revision) == ("Best", 2)


def test_a_late_answer_to_what_has_been_corrected_since_changes_nothing(desk: Desk) -> None:
    first = corrected(desk)
    conclude(desk, tried(first), DeliveryState.WAITING, LATER)
    correct(desk, first, "Best")
    desk.heard.next(WrapUpSaved)
    conclude(desk, tried(first, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert the_only(desk).status is RecordStatus.SAVED
    assert [d.log.notes for d in due(desk, LATER).deliveries] == ["Best"]


# --- refusals, giving up, closing ---


def refused_correction(desk: Desk) -> Delivery:
    update = corrected(desk)
    gone = tried(update, CrmTrouble.NOT_FOUND, "no such call")
    conclude(desk, gone, DeliveryState.REFUSED)
    return update


def test_a_refused_correction_says_so_and_can_be_sent_again(desk: Desk) -> None:
    update = refused_correction(desk)
    found = the_only(desk)
    assert (found.status, found.correction) == (RecordStatus.REFUSED, True)
    assert (found.last_trouble, found.last_error) == (CrmTrouble.NOT_FOUND, "no such call")
    desk.records.retry_delivery(update.id, LATER)
    assert the_only(desk).status is RecordStatus.SAVED
    (again,) = due(desk, LATER).deliveries
    assert (again.kind, again.attempts, again.log.notes) == (DeliveryKind.UPDATE_CALL, 1, "Better")


def test_a_refused_correction_can_be_corrected_without_any_right_to_change(desk: Desk) -> None:
    update = refused_correction(desk)
    correct(desk, update, "Best", updates=False)
    desk.heard.next(WrapUpSaved)
    (again,) = due(desk, LATER).deliveries
    assert (again.kind, again.log.notes, again.revision) == (DeliveryKind.UPDATE_CALL, "Best", 2)


def test_closing_a_correction_restores_what_the_crm_has(desk: Desk) -> None:
    entry = delivered(desk)
    other = replace(wrap_up(1, "Better"), code_label="Open")
    other = replace(other, draft=replace(other.draft, code="open", callback_at=START + timedelta(days=3)))
    log = replace(entry.log, notes="Better", disposition="open", disposition_label="Open")
    desk.records.correct_wrap_up(other, entry.id, log, LATER, True)
    desk.heard.next(WrapUpSaved)
    conclude(desk, tried(due(desk, LATER).deliveries[0], CrmTrouble.REFUSED), DeliveryState.REFUSED)
    desk.records.write_off(entry.id, "locked after a day")
    assert desk.heard.next(WrittenOff).done
    found = the_only(desk)
    assert (found.status, found.correction) == (RecordStatus.WRITTEN_OFF, True)
    assert (found.draft.notes, found.draft.code, found.code_label) == (
        "Water in the cellar",
        "solved",
        "Solved",
    )
    desk.records.load_callbacks()
    assert [p.at for p in desk.heard.next(CallbacksLoaded).callbacks] == [START + timedelta(days=1)]
    assert due(desk, LATER).deliveries == ()


def test_a_correction_that_arrives_although_it_was_closed_counts(desk: Desk) -> None:
    update = corrected(desk)
    once = tried(update)
    conclude(desk, once, DeliveryState.WAITING, LATER)
    (again,) = due(desk, LATER).deliveries
    desk.records.write_off(update.id, "not worth it")
    assert desk.heard.next(WrittenOff).done
    conclude(desk, tried(again, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert (the_only(desk).status, the_only(desk).draft.notes) == (RecordStatus.DELIVERED, "Better")


def test_a_closed_record_takes_no_correction(desk: Desk) -> None:
    update = refused_correction(desk)
    desk.records.write_off(update.id, "not worth it")
    desk.heard.next(WrittenOff)
    correct(desk, update)
    assert desk.heard.next(StoreFailed).trouble is StoreTrouble.SUPERSEDED
