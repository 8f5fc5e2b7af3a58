"""What every store must do with what waits for the CRM: in order, never forgotten, never sent unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryState
from softphone.domain.keeping_events import DeliveriesDue
from softphone.domain.wrap_up import RecordStatus
from tests.contracts.records_world import NOON, Desk, conclude, due, history, only, opened_desk, save
from tests.store.samples import tried


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


def test_one_delivery_per_crm_is_due_its_oldest(desk: Desk) -> None:
    first, other = save(desk, 1, "a"), save(desk, 3, "b")
    save(desk, 2, "a")
    assert due(desk).deliveries == (first, other)


def test_no_more_are_due_than_asked_for_and_the_rest_is_announced(desk: Desk) -> None:
    save(desk, 1, "a")
    save(desk, 2, "b")
    found = due(desk, limit=1)
    assert [d.crm for d in found.deliveries] == ["a"]
    assert found.next_due_at == NOON


def test_what_backs_off_is_due_at_its_time_and_holds_those_behind_it(desk: Desk) -> None:
    first = save(desk, 1)
    save(desk, 2)
    due(desk)
    later = NOON + timedelta(seconds=15)
    failed = conclude(desk, tried(first), DeliveryState.WAITING, later)
    assert failed == replace(tried(first), next_attempt_at=later)
    assert due(desk) == DeliveriesDue((), later)
    assert due(desk, later).deliveries == (failed,)


def test_the_next_one_is_due_when_the_oldest_is_delivered(desk: Desk) -> None:
    first, second = save(desk, 1), save(desk, 2)
    due(desk)
    done = conclude(desk, tried(first, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert done.state is DeliveryState.DELIVERED
    assert due(desk).deliveries == (second,)
    assert [e.status for e in history(desk).entries] == [RecordStatus.SAVED, RecordStatus.DELIVERED]


def test_a_refused_delivery_is_seen_with_its_reason_and_holds_nobody_up(desk: Desk) -> None:
    first, second = save(desk, 1), save(desk, 2)
    due(desk)
    conclude(desk, tried(first, CrmTrouble.REFUSED, "code unknown"), DeliveryState.REFUSED)
    assert due(desk).deliveries == (second,)
    loaded = history(desk)
    assert (loaded.waiting, loaded.refused) == (1, 1)
    refused = loaded.entries[-1]
    assert refused.status is RecordStatus.REFUSED
    assert (refused.last_trouble, refused.last_error) == (CrmTrouble.REFUSED, "code unknown")
    assert refused.delivery_id == first.id


def test_a_refused_delivery_can_be_tried_again_in_its_old_place(desk: Desk) -> None:
    first = save(desk, 1)
    save(desk, 2)
    due(desk)
    refused = conclude(desk, tried(first, CrmTrouble.REFUSED), DeliveryState.REFUSED)
    desk.records.retry_delivery(first.id, NOON)
    (again,) = due(desk).deliveries
    assert again == replace(refused, state=DeliveryState.WAITING, next_attempt_at=NOON)
    assert history(desk).entries[-1].status is RecordStatus.SAVED


def test_a_delivery_that_backs_off_can_be_tried_at_once(desk: Desk) -> None:
    first = save(desk, 1)
    due(desk)
    conclude(desk, tried(first), DeliveryState.WAITING, NOON + timedelta(hours=1))
    desk.records.retry_delivery(first.id, NOON)
    assert [d.id for d in due(desk).deliveries] == [first.id]


def test_what_waits_for_a_sign_in_is_due_once_somebody_has_signed_in(desk: Desk) -> None:
    first = save(desk, 1)
    due(desk)
    conclude(desk, tried(first, CrmTrouble.CREDENTIALS), DeliveryState.WAITING, NOON + timedelta(hours=1))
    desk.records.wake_deliveries("another crm", NOON)
    assert not due(desk).deliveries
    desk.records.wake_deliveries(first.crm, NOON)
    assert [d.id for d in due(desk).deliveries] == [first.id]


def test_a_sign_in_hurries_nothing_that_waits_for_another_reason(desk: Desk) -> None:
    first = save(desk, 1)
    due(desk)
    conclude(desk, tried(first, CrmTrouble.BUSY), DeliveryState.WAITING, NOON + timedelta(hours=1))
    desk.records.wake_deliveries(first.crm, NOON)
    assert not due(desk).deliveries


def test_what_is_tried_again_stays_due_when_the_clock_is_set_back(desk: Desk) -> None:
    first = save(desk, 1)
    due(desk)
    conclude(desk, tried(first, CrmTrouble.REFUSED), DeliveryState.REFUSED)
    desk.records.retry_delivery(first.id, NOON)
    assert [d.id for d in due(desk, NOON - timedelta(days=1)).deliveries] == [first.id]


def test_what_is_delivered_stays_delivered(desk: Desk) -> None:
    first = save(desk, 1)
    due(desk)
    conclude(desk, tried(first, CrmTrouble.NONE), DeliveryState.DELIVERED)
    late = conclude(desk, tried(tried(first)), DeliveryState.WAITING, NOON)
    assert late.state is DeliveryState.DELIVERED
    desk.records.retry_delivery(first.id, NOON)
    assert due(desk) == DeliveriesDue(())
    assert only(history(desk)).status is RecordStatus.DELIVERED


def test_an_attempt_that_a_kill_interrupted_counts_as_one(desk: Desk) -> None:
    first = save(desk, 1)
    assert due(desk).deliveries[0].attempts == 0
    desk.restart()
    assert due(desk).deliveries == (replace(first, attempts=1),)


def test_an_attempt_that_ended_does_not_count_twice(desk: Desk) -> None:
    first = save(desk, 1)
    due(desk)
    conclude(desk, tried(first), DeliveryState.WAITING, NOON)
    desk.restart()
    assert due(desk).deliveries[0].attempts == 1


def test_asking_again_while_an_attempt_runs_does_not_count(desk: Desk) -> None:
    first = save(desk, 1)
    due(desk)
    assert due(desk).deliveries == (first,)


def test_a_delivery_that_fails_by_its_own_fault_steps_aside_in_the_end(desk: Desk) -> None:
    first, second = save(desk, 1), save(desk, 2)
    hour = NOON + timedelta(hours=1)
    for _ in range(5):
        first = conclude(desk, tried(first, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, hour)
    assert due(desk) == DeliveriesDue((), hour)
    first = conclude(desk, tried(first, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, hour)
    assert due(desk).deliveries == (second,)
    assert due(desk, hour).deliveries == (first,)


def aside(desk: Desk, number: int, now: datetime = NOON) -> Delivery:
    """One that has failed by its own fault until it stepped aside, the last time `now`."""
    entry = save(desk, number)
    due(desk, now)
    for _ in range(6):
        later = NOON + timedelta(minutes=15)
        entry = conclude(desk, tried(entry, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, later)
    return entry


def test_who_stepped_aside_is_asked_before_those_behind_are_tried_again(desk: Desk) -> None:
    first, second = aside(desk, 1), save(desk, 2)
    assert due(desk).deliveries == (second,)
    minute, later = NOON + timedelta(minutes=1), NOON + timedelta(minutes=15)
    second = conclude(desk, tried(second, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, minute)
    assert due(desk, minute) == DeliveriesDue((), later)
    assert due(desk, later).deliveries == (first,), "the crm may be well again"
    conclude(
        desk, tried(first, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, later + timedelta(minutes=15)
    )
    assert due(desk, later).deliveries == (second,), "it is not: perhaps it is only the first"


def test_who_is_new_passes_one_aside_only_after_that_was_asked_again(desk: Desk) -> None:
    first = aside(desk, 0, NOON - timedelta(hours=3))
    later = NOON - timedelta(minutes=1)
    second = save(desk, 2)
    assert due(desk, later).deliveries == (first,)
    conclude(desk, tried(first, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, NOON)
    assert due(desk, later).deliveries == (second,)


def test_behind_one_aside_everybody_passes_who_is_new(desk: Desk) -> None:
    aside(desk, 1)
    for number in range(2, 6):
        new = save(desk, number)
        assert due(desk).deliveries == (new,)
        conclude(desk, tried(new, CrmTrouble.NONE), DeliveryState.DELIVERED)


def test_who_stepped_aside_holds_the_line_while_the_whole_crm_is_away(desk: Desk) -> None:
    first = aside(desk, 1)
    save(desk, 2)
    hour = NOON + timedelta(hours=1)
    conclude(desk, tried(first, CrmTrouble.UNREACHABLE), DeliveryState.WAITING, hour)
    assert due(desk) == DeliveriesDue((), hour)


def test_a_clock_set_back_keeps_nobody_waiting_for_who_stepped_aside(desk: Desk) -> None:
    first, second = aside(desk, 1), save(desk, 2)
    due(desk)
    minute, yesterday = NOON + timedelta(minutes=1), NOON - timedelta(days=1)
    second = conclude(desk, tried(second, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, minute)
    assert due(desk, yesterday).deliveries == (first,)
    conclude(desk, tried(first, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, NOON)
    assert due(desk, yesterday).deliveries == (second,)


def test_an_outage_before_it_does_not_make_a_delivery_step_aside_sooner(desk: Desk) -> None:
    first = save(desk, 1)
    save(desk, 2)
    hour = NOON + timedelta(hours=1)
    for _ in range(30):
        first = conclude(desk, tried(first), DeliveryState.WAITING, hour)
    conclude(desk, tried(first, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, hour)
    assert due(desk) == DeliveriesDue((), hour)


def test_an_unreachable_crm_never_lets_a_later_outcome_pass(desk: Desk) -> None:
    first = save(desk, 1)
    save(desk, 2)
    hour = NOON + timedelta(hours=1)
    for _ in range(30):
        first = conclude(desk, tried(first), DeliveryState.WAITING, hour)
    assert due(desk) == DeliveriesDue((), hour)


def test_a_clock_set_back_a_day_makes_what_backs_off_due(desk: Desk) -> None:
    first = save(desk, 1)
    tomorrow = NOON + timedelta(days=1)
    due(desk, tomorrow)
    conclude(desk, tried(first), DeliveryState.WAITING, tomorrow + timedelta(seconds=2))
    assert [d.id for d in due(desk, NOON).deliveries] == [first.id]
