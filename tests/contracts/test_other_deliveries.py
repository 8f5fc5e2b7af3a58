"""What every store of records promises for deliveries beside a call's outcome: changes and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.crm_work import CustomerChange, FollowUp, FollowUpKind
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import DeliveryAdded, RefusedChangesLoaded, WrapUpSaved, WrittenOff
from softphone.domain.wrap_up import RecordStatus
from tests.contracts.records_world import NOON, Desk, conclude, due, history, only, opened_desk
from tests.store.samples import call_id, delivery, live, wrap_up


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


def change(number: int, name: str = "change") -> Delivery:
    """A change of the customer during call `number`."""
    changed = CustomerChange("c1", (("email", "neu@example.test"), ("name", "Ünal")))
    base = delivery(number)
    return replace(base, id=DeliveryId(f"{name}-{number}"), kind=DeliveryKind.UPDATE_CUSTOMER, change=changed)


def add(desk: Desk, number: int) -> Delivery:
    """During a call."""
    desk.records.record_call(live(number), RecordStatus.LIVE)
    added = change(number)
    desk.records.add_delivery(added)
    assert desk.heard.next(DeliveryAdded) == DeliveryAdded(added)
    return added


def test_a_change_is_due_at_once_with_everything_in_it_also_after_a_restart(desk: Desk) -> None:
    added = add(desk, 1)
    desk.restart()
    assert due(desk).deliveries == (added,)


def test_a_task_comes_back_whole(desk: Desk) -> None:
    desk.records.record_call(live(1), RecordStatus.LIVE)
    follow_up = FollowUp(FollowUpKind.CALLBACK, "Call back", NOON, "about the roof")
    task = replace(delivery(1), kind=DeliveryKind.SCHEDULE, follow_up=follow_up, remote_id="77")
    desk.records.add_delivery(task)
    desk.heard.next(DeliveryAdded)
    assert due(desk).deliveries == (task,)


def test_the_same_change_added_twice_is_one(desk: Desk) -> None:
    added = add(desk, 1)
    desk.records.add_delivery(added)
    desk.heard.next(DeliveryAdded)
    assert due(desk).deliveries == (added,)
    assert history(desk).waiting == 1


def test_how_a_change_fares_says_nothing_about_the_calls_outcome(desk: Desk) -> None:
    added = add(desk, 1)
    desk.records.save_wrap_up(wrap_up(1), delivery(1))
    desk.heard.next(WrapUpSaved)
    refused = replace(added, attempts=1, last_trouble=CrmTrouble.REFUSED, last_detail="e-mail is not one")
    conclude(desk, refused, DeliveryState.REFUSED)
    entry = only(history(desk))
    assert (entry.status, entry.delivery_id) == (RecordStatus.SAVED, delivery(1).id)
    assert [d.id for d in due(desk, NOON + timedelta(hours=1)).deliveries] == [delivery(1).id]


def test_refused_changes_are_listed_until_they_are_settled(desk: Desk) -> None:
    added = add(desk, 1)
    refused = replace(added, attempts=1, last_trouble=CrmTrouble.REFUSED, last_detail="no")
    conclude(desk, refused, DeliveryState.REFUSED)
    desk.restart()
    desk.records.load_refused_changes()
    (listed,) = desk.heard.next(RefusedChangesLoaded).deliveries
    assert (listed.id, listed.change, listed.last_detail) == (added.id, added.change, "no")
    desk.records.write_off(added.id, "not needed any more")
    assert desk.heard.next(WrittenOff).done
    desk.records.load_refused_changes()
    assert desk.heard.next(RefusedChangesLoaded).deliveries == ()
    assert only(history(desk)).record.call.id == call_id(1)
    assert only(history(desk)).status is RecordStatus.LIVE


def test_a_refused_change_can_be_sent_again(desk: Desk) -> None:
    added = add(desk, 1)
    conclude(desk, replace(added, attempts=1, last_trouble=CrmTrouble.REFUSED), DeliveryState.REFUSED)
    desk.records.retry_delivery(added.id, NOON)
    (again,) = due(desk).deliveries
    assert (again.id, again.attempts) == (added.id, 1)
