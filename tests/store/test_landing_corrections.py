"""Corrections while the disk fails: what was promised lands once, what was given up does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import StoreFailed, WrapUpSaved
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from softphone.store import writes
from softphone.store.key import MemoryKey
from tests.store.disk import CountingDisk
from tests.store.files import KEY
from tests.store.keeping import Kept
from tests.store.samples import START, call_id, delivery, draft, ended, tried, wrap_up
from tests.store.sqlite_vfs import FULL, watched_by


@pytest.fixture
def disk() -> Iterator[CountingDisk]:
    made = CountingDisk(code=FULL)
    with watched_by(made):
        yield made


def in_memory(path: Path, disk: CountingDisk) -> Kept:
    """A store that cannot use its file yet."""
    disk.fail_from = 0
    kept = Kept(path / "records.db", MemoryKey(KEY))
    assert kept.open().in_memory
    return kept


def on_disk(path: Path) -> Kept:
    kept = Kept(path / "records.db", MemoryKey(KEY))
    assert not kept.open().in_memory
    return kept


def land(kept: Kept, disk: CountingDisk) -> None:
    disk.repaired()
    kept.wait_for_retry()


def correct(kept: Kept, entry: Delivery, notes: str) -> None:
    log = replace(entry.log, notes=notes)
    kept.keeper.write(writes.correct_wrap_up(wrap_up(1, notes), entry.id, log, START, updates=True))


def arrive(kept: Kept) -> Delivery:
    """What is due is sent, and the CRM takes it."""
    (sent,) = kept.due()
    conclude(kept, sent)
    return sent


def conclude(kept: Kept, sent: Delivery) -> None:
    taken = tried(sent, CrmTrouble.NONE)
    kept.keeper.write(writes.record_attempt(taken, DeliveryState.DELIVERED, None, "r1", START))


def the_only(kept: Kept) -> HistoryEntry:
    (entry,) = kept.history().entries
    return entry


def assert_there_once(kept: Kept, notes: str) -> None:
    """The CRM has it, and is not told again."""
    assert kept.due() == ()
    found = the_only(kept)
    assert (found.status, found.draft.notes, found.remote_id) == (RecordStatus.DELIVERED, notes, "r1")


def test_a_correction_during_an_attempt_in_memory_lands_as_one_record(
    tmp_path: Path, disk: CountingDisk
) -> None:
    kept = in_memory(tmp_path, disk)
    entry = kept.save(1)
    (sent,) = kept.due()
    correct(kept, entry, "Better")
    conclude(kept, sent)
    assert arrive(kept).kind is DeliveryKind.UPDATE_CALL
    land(kept, disk)
    assert_there_once(kept, "Better")
    kept.close()


def test_an_outcome_after_an_early_log_in_memory_lands_as_one_record(
    tmp_path: Path, disk: CountingDisk
) -> None:
    kept = in_memory(tmp_path, disk)
    kept.keeper.write(writes.record_call(ended(1), RecordStatus.OPEN))
    kept.keeper.write(writes.log_early(replace(delivery(1, notes=""), id=DeliveryId("early-1"))))
    (sent,) = kept.due()
    kept.save(1)
    conclude(kept, sent)
    assert arrive(kept).kind is DeliveryKind.UPDATE_CALL
    land(kept, disk)
    assert_there_once(kept, "Water in the cellar")
    kept.close()


def test_facts_of_a_call_that_come_after_its_early_log_do_not_overtake_it(
    tmp_path: Path, disk: CountingDisk
) -> None:
    kept = in_memory(tmp_path, disk)
    kept.keeper.write(writes.record_call(ended(1), RecordStatus.OPEN))
    kept.keeper.write(writes.log_early(replace(delivery(1, notes=""), id=DeliveryId("early-1"))))
    arrive(kept)
    kept.keeper.write(writes.record_call(ended(1, "Weiß"), RecordStatus.OPEN))
    land(kept, disk)
    kept.save(1)
    (update,) = kept.due()
    assert (update.id, update.kind, update.remote_id) == ("early-1", DeliveryKind.UPDATE_CALL, "r1")
    kept.close()


def test_a_correction_that_could_not_be_saved_and_was_given_up_is_not_sent(
    tmp_path: Path, disk: CountingDisk
) -> None:
    kept = on_disk(tmp_path)
    entry = kept.save(1)
    arrive(kept)
    kept.keeper.write(writes.save_draft(draft(1, "Bet"), entry.id))
    kept.heard.clear()
    disk.fail_from = 0
    correct(kept, entry, "Better")
    assert kept.heard == [StoreFailed(StoreTrouble.DISK_FULL, call_id(1))]
    kept.keeper.write(writes.abandon_correction(entry.id))
    land(kept, disk)
    assert kept.all(WrapUpSaved) == []
    assert_there_once(kept, "Water in the cellar")
    assert the_only(kept).saved is None, "nothing of what was given up is shown"
    kept.close()


def test_giving_up_one_correction_leaves_the_unsaved_one_of_another_call(
    tmp_path: Path, disk: CountingDisk
) -> None:
    kept = on_disk(tmp_path)
    entry = kept.save(1)
    arrive(kept)
    other = kept.save(2)
    disk.fail_from = 0
    correct(kept, entry, "Better")
    kept.keeper.write(writes.abandon_correction(other.id))
    land(kept, disk)
    assert the_only_of(kept, 1).draft.notes == "Better"
    kept.close()


def the_only_of(kept: Kept, number: int) -> HistoryEntry:
    return next(e for e in kept.history().entries if e.record.call.id == call_id(number))


def test_what_was_given_up_can_be_begun_and_saved_anew(tmp_path: Path, disk: CountingDisk) -> None:
    kept = on_disk(tmp_path)
    entry = kept.save(1)
    arrive(kept)
    disk.fail_from = 0
    correct(kept, entry, "Worse")
    kept.keeper.write(writes.abandon_correction(entry.id))
    correct(kept, entry, "Better")
    land(kept, disk)
    (update,) = kept.due()
    assert (update.kind, update.log.notes, update.revision) == (DeliveryKind.UPDATE_CALL, "Better", 1)
    kept.close()


def test_a_correction_that_was_called_saved_in_memory_lands_although_a_later_one_is_given_up(
    tmp_path: Path, disk: CountingDisk
) -> None:
    kept = in_memory(tmp_path, disk)
    entry = kept.save(1)
    arrive(kept)
    correct(kept, entry, "Better")
    assert kept.last(WrapUpSaved).in_memory
    kept.keeper.write(writes.save_draft(draft(1, "Bes"), entry.id))
    kept.keeper.write(writes.abandon_correction(entry.id))
    land(kept, disk)
    assert (the_only(kept).draft.notes, the_only(kept).saved) == ("Better", None)
    assert arrive(kept).log.notes == "Better"
    assert_there_once(kept, "Better")
    kept.close()
