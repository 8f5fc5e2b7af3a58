"""What every store of records promises for calls of which the CRM is told before their outcome is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import DeliveryAdded, DraftSaved, StoreFailed, WrapUpSaved
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import RecordStatus
from tests.contracts.records_world import NOON, Desk, conclude, due, history, only, opened_desk
from tests.store.samples import call_id, delivery, draft, ended, tried, wrap_up


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


def told_early(desk: Desk) -> Delivery:
    """A call that is over, of which the CRM is to be told at once."""
    desk.records.record_call(ended(1), RecordStatus.OPEN)
    early = replace(delivery(1, notes=""), id=DeliveryId("early-1"))
    desk.records.log_early(early)
    desk.heard.next(DeliveryAdded)
    return early


def save(desk: Desk, early: Delivery) -> None:
    desk.records.save_wrap_up(wrap_up(1), delivery(1))
    assert desk.heard.next(WrapUpSaved) == WrapUpSaved(call_id(1), early.id)


def the_update(desk: Desk) -> Delivery:
    (update,) = due(desk).deliveries
    assert (update.kind, update.id) == (DeliveryKind.UPDATE_CALL, DeliveryId("early-1"))
    assert update.log.notes == "Water in the cellar"
    return update


def test_the_call_stays_open_whatever_becomes_of_what_is_told_early(desk: Desk) -> None:
    told_early(desk)
    (handed_out,) = due(desk).deliveries
    assert (handed_out.kind, handed_out.log.notes) == (DeliveryKind.LOG_CALL, "")
    assert history(desk).waiting == 0
    conclude(desk, tried(handed_out, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert only(history(desk)).status is RecordStatus.OPEN
    assert [entry.record.call.id for entry in desk.restart().unfinished] == [call_id(1)]


def test_the_outcome_changes_the_record_that_is_there(desk: Desk) -> None:
    early = told_early(desk)
    conclude(desk, tried(due(desk).deliveries[0], CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    save(desk, early)
    assert (only(history(desk)).status, only(history(desk)).correction) == (RecordStatus.SAVED, False)
    update = the_update(desk)
    assert update.remote_id == "r1"
    conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert only(history(desk)).status is RecordStatus.DELIVERED


def test_what_has_not_gone_yet_goes_whole(desk: Desk) -> None:
    early = told_early(desk)
    save(desk, early)
    (create,) = due(desk).deliveries
    assert (create.kind, create.id, create.log.notes) == (
        DeliveryKind.LOG_CALL,
        early.id,
        "Water in the cellar",
    )


def test_an_outcome_saved_while_the_call_is_on_its_way_follows_it(desk: Desk) -> None:
    early = told_early(desk)
    (handed_out,) = due(desk).deliveries
    save(desk, early)
    assert history(desk).waiting == 1
    conclude(desk, tried(handed_out, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert only(history(desk)).correction is False
    the_update(desk)


def test_an_early_call_that_was_refused_goes_again_with_its_outcome(desk: Desk) -> None:
    early = told_early(desk)
    conclude(desk, tried(due(desk).deliveries[0], CrmTrouble.REFUSED), DeliveryState.REFUSED)
    assert history(desk).refused == 0  # nobody can do anything about it yet
    save(desk, early)
    (again,) = due(desk).deliveries
    assert (again.kind, again.log.notes, again.attempts) == (
        DeliveryKind.LOG_CALL,
        "Water in the cellar",
        1,
    )


def test_trying_it_again_by_hand_leaves_what_is_typed(desk: Desk) -> None:
    early = told_early(desk)
    conclude(desk, tried(due(desk).deliveries[0], CrmTrouble.REFUSED), DeliveryState.REFUSED)
    desk.records.save_draft(draft(1, "half a sen"))
    desk.heard.next(DraftSaved)
    desk.records.retry_delivery(early.id, NOON)
    found = only(history(desk))
    assert (found.status, found.draft.notes) == (RecordStatus.OPEN, "half a sen")


def test_a_call_is_told_of_once_however_often_its_end_is_seen(desk: Desk) -> None:
    told_early(desk)
    desk.restart()
    desk.records.log_early(replace(delivery(1, notes=""), id=DeliveryId("early-again")))
    desk.heard.next(DeliveryAdded)
    assert [d.id for d in due(desk).deliveries] == ["early-1"]


def test_a_call_without_an_outcome_has_none_to_correct(desk: Desk) -> None:
    early = told_early(desk)
    desk.records.correct_wrap_up(wrap_up(1), early.id, delivery(1).log, NOON, updates=True)
    assert desk.heard.next(StoreFailed).trouble is StoreTrouble.SUPERSEDED
    assert only(history(desk)).status is RecordStatus.OPEN


def test_a_call_with_an_outcome_is_not_told_of_early(desk: Desk) -> None:
    desk.records.save_wrap_up(wrap_up(1), delivery(1))
    desk.records.log_early(replace(delivery(1, notes=""), id=DeliveryId("late")))
    assert [d.log.notes for d in due(desk).deliveries] == ["Water in the cellar"]
