"""What every store of records promises for corrections of what the CRM may have as it was before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryKind, DeliveryState
from softphone.domain.keeping_events import WrapUpSaved
from softphone.domain.wrap_up import RecordStatus
from tests.contracts.correcting import LATER, correct, corrected, the_only
from tests.contracts.records_world import Desk, conclude, due, opened_desk, save
from tests.store.samples import tried


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


def test_after_a_kill_the_last_correction_arrives_and_no_older_one_after_it(desk: Desk) -> None:
    first = corrected(desk)
    correct(desk, first, "Best")  # waits behind the first, which is on its way
    desk.heard.next(WrapUpSaved)
    desk.restart()
    correct(desk, first, "Last")
    desk.heard.next(WrapUpSaved)
    (update,) = due(desk, LATER).deliveries
    assert (update.log.notes, update.attempts) == ("Last", 1)
    conclude(desk, tried(update, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert due(desk, LATER).deliveries == ()
    assert (the_only(desk).status, the_only(desk).draft.notes) == (RecordStatus.DELIVERED, "Last")


def test_what_was_refused_and_corrected_may_be_there_as_it_was(desk: Desk) -> None:
    entry = save(desk, 1)
    conclude(desk, tried(due(desk).deliveries[0], CrmTrouble.REFUSED), DeliveryState.REFUSED)
    correct(desk, entry, updates=False)
    desk.heard.next(WrapUpSaved)
    (again,) = due(desk, LATER).deliveries
    assert (again.kind, again.attempts, again.revision) == (DeliveryKind.LOG_CALL, 1, 1)


def test_what_was_changed_before_it_was_ever_sent_is_there_as_it_is_or_not_at_all(desk: Desk) -> None:
    entry = save(desk, 1)
    correct(desk, entry)
    desk.heard.next(WrapUpSaved)
    assert [d.revision for d in due(desk).deliveries] == [0]
