"""What every store of records must do: the fake of the use-case tests and the encrypted database alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryState
from softphone.domain.events import (
    DeliveriesDue,
    DeliveryRecorded,
    DraftSaved,
    HistoryLoaded,
    RecordsPurged,
    StoreOpened,
    StoreTrouble,
    WrapUpSaved,
)
from softphone.domain.ids import DeliveryId
from softphone.domain.wrap_up import Draft, HistoryEntry, RecordStatus
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from softphone.usecases.ports import Records
from tests.fakes.records import InMemoryRecords
from tests.store.listening import Heard
from tests.store.samples import START, call_id, delivery, draft, ended, live, tried, wrap_up

NOON = START + timedelta(hours=3)


class Desk(Protocol):
    """One store and what it posts; `restart` is the next life of the desk on the same data."""

    records: Records
    heard: Heard

    def restart(self) -> StoreOpened: ...
    def close(self) -> None: ...


class FakeDesk:
    def __init__(self) -> None:
        self.heard = Heard()
        self.fake = InMemoryRecords(self.heard.post)
        self.records: Records = self.fake

    def restart(self) -> StoreOpened:
        self.heard = Heard()
        self.fake.restart(self.heard.post)
        self.records.open()
        return self.heard.next(StoreOpened)

    def close(self) -> None:
        self.records.close()


class RealDesk:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "records.db"
        self.key = MemoryKey()
        self.heard = Heard()
        self.records: Records = SqlRecords(self.path, self.key, self.heard.post)

    def restart(self) -> StoreOpened:
        self.records.close()
        self.heard = Heard()
        self.records = SqlRecords(self.path, self.key, self.heard.post)
        self.records.open()
        return self.heard.next(StoreOpened)

    def close(self) -> None:
        self.records.close()


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    made: Desk = FakeDesk() if request.param == "fake" else RealDesk(tmp_path)
    made.records.open()
    opened = made.heard.next(StoreOpened)
    assert opened == StoreOpened()
    yield made
    made.close()


def save(desk: Desk, number: int, crm: str = "crm") -> Delivery:
    """Live call, wrap-up, saved."""
    entry = delivery(number, crm)
    desk.records.record_call(live(number), RecordStatus.LIVE)
    desk.records.save_wrap_up(wrap_up(number), entry)
    assert desk.heard.next(WrapUpSaved) == WrapUpSaved(call_id(number), entry.id)
    return entry


def due(desk: Desk, now: datetime = NOON, limit: int = 5) -> DeliveriesDue:
    desk.records.load_due(now, limit)
    return desk.heard.next(DeliveriesDue)


def conclude(
    desk: Desk,
    attempted: Delivery,
    state: DeliveryState,
    next_attempt_at: datetime | None = None,
    remote_id: str = "",
) -> Delivery:
    desk.records.record_attempt(attempted, state, next_attempt_at, remote_id)
    return desk.heard.next(DeliveryRecorded).delivery


def history(desk: Desk, search: str = "", limit: int = 50) -> HistoryLoaded:
    desk.records.load_history(limit, search)
    return desk.heard.next(HistoryLoaded)


def only(loaded: HistoryLoaded) -> HistoryEntry:
    (entry,) = loaded.entries
    return entry


# --- calls and drafts ---


def test_a_live_call_with_its_draft_is_offered_again_after_a_restart(desk: Desk) -> None:
    desk.records.record_call(live(1), RecordStatus.LIVE)
    desk.records.save_draft(draft(1))
    assert desk.heard.next(DraftSaved) == DraftSaved(call_id(1))
    opened = desk.restart()
    assert opened.trouble is StoreTrouble.NONE
    assert opened.unfinished == (HistoryEntry(live(1), RecordStatus.LIVE, draft(1)),)


def test_unfinished_calls_come_oldest_first_and_finished_ones_not_at_all(desk: Desk) -> None:
    desk.records.record_call(ended(1), RecordStatus.OPEN)
    desk.records.record_call(ended(2), RecordStatus.CLOSED)
    save(desk, 3)
    desk.records.record_call(live(4), RecordStatus.LIVE)
    opened = desk.restart()
    assert [(e.record.call.id, e.status) for e in opened.unfinished] == [
        (call_id(1), RecordStatus.OPEN),
        (call_id(4), RecordStatus.LIVE),
    ]
    assert opened.unfinished[0].draft == Draft(call_id(1))


def test_a_second_opening_offers_nothing_again(desk: Desk) -> None:
    desk.records.record_call(live(1), RecordStatus.LIVE)
    desk.restart()
    desk.records.open()
    assert desk.heard.next(StoreOpened) == StoreOpened()


def test_the_facts_of_a_call_are_updated(desk: Desk) -> None:
    desk.records.record_call(live(1), RecordStatus.LIVE)
    desk.records.record_call(ended(1), RecordStatus.OPEN)
    entry = only(history(desk))
    assert (entry.record, entry.status) == (ended(1), RecordStatus.OPEN)


def test_a_draft_written_before_its_call_is_kept(desk: Desk) -> None:
    desk.records.save_draft(draft(1))
    desk.heard.next(DraftSaved)
    desk.records.record_call(live(1), RecordStatus.LIVE)
    assert only(history(desk)).draft == draft(1)


def test_the_last_draft_stands(desk: Desk) -> None:
    desk.records.record_call(live(1), RecordStatus.LIVE)
    for notes in ("W", "Wa", "Wat"):
        desk.records.save_draft(draft(1, notes))
    assert desk.restart().unfinished[0].draft == draft(1, "Wat")


# --- wrap-ups ---


def test_a_wrap_up_is_saved_with_its_delivery(desk: Desk) -> None:
    entry = save(desk, 1)
    found = only(history(desk))
    assert found == HistoryEntry(
        ended(1), RecordStatus.SAVED, draft(1), code_label="Solved", delivery_id=entry.id
    )
    assert due(desk).deliveries == (entry,)


def test_a_wrap_up_without_a_crm_is_saved_and_nothing_waits(desk: Desk) -> None:
    desk.records.save_wrap_up(wrap_up(1), None)
    assert desk.heard.next(WrapUpSaved) == WrapUpSaved(call_id(1), None)
    assert only(history(desk)).status is RecordStatus.SAVED
    assert due(desk) == DeliveriesDue(())


def test_saving_a_wrap_up_twice_keeps_the_first_outcome_and_its_delivery(desk: Desk) -> None:
    first = save(desk, 1)
    again = replace(delivery(1), id=DeliveryId("another"))
    desk.records.save_wrap_up(wrap_up(1, "Something else"), again)
    assert desk.heard.next(WrapUpSaved).delivery_id == first.id
    assert due(desk).deliveries == (first,)
    assert only(history(desk)).draft.notes == "Water in the cellar"


def test_a_wrap_up_of_a_call_that_was_closed_counts(desk: Desk) -> None:
    desk.records.record_call(ended(1), RecordStatus.CLOSED)
    save(desk, 1)
    assert only(history(desk)).status is RecordStatus.SAVED


def test_late_news_of_a_call_does_not_reopen_it(desk: Desk) -> None:
    save(desk, 1)
    desk.records.record_call(ended(1, "Somebody Else"), RecordStatus.OPEN)
    desk.records.save_draft(draft(1, "late keystrokes"))
    desk.heard.next(DraftSaved)
    entry = only(history(desk))
    assert entry.status is RecordStatus.SAVED
    assert entry.record.call.party.display_name == "Somebody Else"
    assert entry.draft.notes == "Water in the cellar"
    assert desk.restart().unfinished == ()


# --- the outbox ---


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


# --- history ---


def test_history_shows_the_newest_first_and_no_more_than_asked_for(desk: Desk) -> None:
    for number in range(5):
        desk.records.record_call(ended(number), RecordStatus.CLOSED)
    assert [e.record.call.id for e in history(desk, limit=2).entries] == [call_id(4), call_id(3)]


@pytest.mark.parametrize(
    "search", ["weiß", "JÜRGEN", "cellar", "0000001", "030 000 00 01", "+49 30", "schäfer", "100%"]
)
def test_history_finds_by_number_name_and_notes(desk: Desk, search: str) -> None:
    desk.records.record_call(live(1, "Jürgen Weiß"), RecordStatus.LIVE)
    desk.records.save_draft(draft(1, "Water in the cellar, 100% sure", "Schäfer GmbH"))
    desk.heard.next(DraftSaved)
    assert only(history(desk, search)).record.call.id == call_id(1)


@pytest.mark.parametrize("search", ["Meier", "0000002", "_", "%%", "claims"])
def test_history_does_not_find_what_is_not_there(desk: Desk, search: str) -> None:
    desk.records.record_call(live(1), RecordStatus.LIVE)
    desk.records.save_draft(draft(1))
    desk.heard.next(DraftSaved)
    assert history(desk, search).entries == ()


def test_history_counts_what_waits_and_what_was_refused_whatever_is_searched(desk: Desk) -> None:
    save(desk, 1)
    loaded = history(desk, "nobody")
    assert (loaded.entries, loaded.waiting, loaded.refused) == ((), 1, 0)


# --- forgetting ---


def test_old_settled_calls_are_forgotten_and_nothing_that_still_matters(desk: Desk) -> None:
    delivered, refused, waiting = save(desk, 1, "a"), save(desk, 2, "b"), save(desk, 3, "c")
    due(desk)
    conclude(desk, tried(delivered, CrmTrouble.NONE), DeliveryState.DELIVERED)
    conclude(desk, tried(refused, CrmTrouble.REFUSED), DeliveryState.REFUSED)
    conclude(desk, tried(waiting), DeliveryState.WAITING, NOON)
    desk.records.record_call(ended(4), RecordStatus.CLOSED)
    desk.records.record_call(ended(5), RecordStatus.OPEN)
    desk.records.record_call(ended(6), RecordStatus.CLOSED)
    desk.records.purge(ended(6).call.started_at)
    assert desk.heard.next(RecordsPurged) == RecordsPurged(2)
    left = [e.record.call.id for e in history(desk).entries]
    assert left == [call_id(6), call_id(5), call_id(3), call_id(2)]
    assert due(desk).deliveries[0].id == waiting.id


def test_a_call_that_was_forgotten_can_come_again(desk: Desk) -> None:
    desk.records.save_wrap_up(wrap_up(1), None)
    desk.records.purge(NOON)
    desk.heard.next(RecordsPurged)
    save(desk, 1)
    assert only(history(desk)).status is RecordStatus.SAVED
