"""What every store of records must do: the fake of the use-case tests and the encrypted database alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryState
from softphone.domain.do_not_call import BarredNumber
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import (
    BarredNumbersLoaded,
    CallbacksLoaded,
    DeliveriesDue,
    DraftSaved,
    RecordsPurged,
    StoreDescribed,
    StoreFailed,
    StoreOpened,
    WrapUpSaved,
)
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import Draft, HistoryEntry, RecordStatus
from tests.contracts.records_world import NOON, Desk, conclude, due, history, only, opened_desk, save
from tests.store.samples import call_id, delivery, draft, ended, live, tried, wrap_up


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


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
        ended(1), RecordStatus.SAVED, draft(1), code_label="Solved", delivery_id=entry.id, crm="crm"
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
    desk.records.finish_callback(call_id(1), NOON)
    desk.heard.next(CallbacksLoaded)
    desk.records.purge(ended(6).call.started_at)
    assert desk.heard.next(RecordsPurged) == RecordsPurged(2)
    left = [e.record.call.id for e in history(desk).entries]
    assert left == [call_id(6), call_id(5), call_id(3), call_id(2)]
    assert due(desk).deliveries[0].id == waiting.id


def test_a_call_that_was_forgotten_can_come_again(desk: Desk) -> None:
    desk.records.save_wrap_up(wrap_up(1), None)
    desk.records.purge(NOON + timedelta(days=2))
    assert desk.heard.next(RecordsPurged) == RecordsPurged(1)
    save(desk, 1)
    assert only(history(desk)).status is RecordStatus.SAVED


def test_the_description_for_support_says_how_it_stands(desk: Desk) -> None:
    desk.records.describe()
    facts = dict(desk.heard.next(StoreDescribed).facts)
    assert (facts["trouble"], facts["not_on_disk_yet"]) == ("none", "0")


# --- numbers that are not called ---


def test_a_barred_number_stays_barred_after_purge_and_restart(desk: Desk) -> None:
    barring = replace(wrap_up(1), actions=("do_not_call",))
    desk.records.record_call(ended(1), RecordStatus.OPEN)
    desk.records.save_wrap_up(barring, None)
    assert desk.heard.next(WrapUpSaved).call_id == call_id(1)
    save(desk, 2)
    desk.records.purge(NOON)
    desk.restart()
    desk.records.load_barred_numbers()
    numbers = desk.heard.next(BarredNumbersLoaded).numbers
    assert numbers == (BarredNumber(ended(1).number, barring.campaign_id),)


# --- corrections ---


def test_a_refused_outcome_is_corrected_and_due_again_with_the_new_words(desk: Desk) -> None:
    entry = save(desk, 1)
    conclude(desk, tried(due(desk).deliveries[0], CrmTrouble.REFUSED), DeliveryState.REFUSED)
    better = wrap_up(1, notes="Corrected")
    desk.records.save_draft(replace(better.draft, notes="Corr"))
    assert desk.heard.next(DraftSaved).call_id == call_id(1)
    assert only(history(desk)).draft.notes == "Corr"
    desk.records.correct_wrap_up(better, entry.id, replace(entry.log, notes="Corrected"), NOON)
    assert desk.heard.next(WrapUpSaved) == WrapUpSaved(call_id(1), entry.id)
    assert only(history(desk)).status is RecordStatus.SAVED
    (again,) = due(desk).deliveries
    assert (again.id, again.log.notes, again.attempts) == (entry.id, "Corrected", 1)


def test_what_is_on_its_way_cannot_be_corrected_where_the_crm_cannot_change_it(desk: Desk) -> None:
    entry = save(desk, 1)
    due(desk)
    desk.records.correct_wrap_up(wrap_up(1, notes="Late"), entry.id, entry.log, NOON)
    assert desk.heard.next(StoreFailed).call_id == call_id(1)
    assert only(history(desk)).draft.notes == "Water in the cellar"
