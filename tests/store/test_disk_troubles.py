"""Another desk or a full disk: said clearly, nothing destroyed, work goes on."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.delivery import DeliveryState
from softphone.domain.keeping_events import (
    DeliveryRecorded,
    DraftSaved,
    StoreFailed,
    StoreOpened,
    WrapUpSaved,
)
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import RecordStatus
from softphone.store import writes
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from tests.store.disk import CountingDisk
from tests.store.files import KEY, filled
from tests.store.keeping import Kept
from tests.store.listening import Heard
from tests.store.samples import START, call_id, delivery, draft, live, tried, wrap_up
from tests.store.sqlite_vfs import FULL, watched_by


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


# --- another desk ---

_HOLDER = """
import sys
from pathlib import Path
from softphone.store.database import DatabaseFile
from softphone.store.key import MemoryKey
database = DatabaseFile(Path(sys.argv[1]), MemoryKey(bytes(range(32)))).open()
print("open", flush=True)
sys.stdin.read()
database.close()
"""


def test_a_second_desk_is_told_that_the_database_is_in_use_and_takes_over_later(path: Path) -> None:
    filled(path)
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout
    assert holder.stdin
    assert holder.stdout.readline() == b"open\n"
    kept = Kept(path, MemoryKey(KEY))
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.LOCKED, True)
    kept.save(3)
    holder.communicate(timeout=20)
    kept.wait_for_retry()
    assert (kept.last(StoreOpened).trouble, kept.last(StoreOpened).in_memory) == (StoreTrouble.NONE, False)
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), delivery(3).id)
    kept.close()


# --- the disk ---


def test_on_a_full_disk_nothing_is_called_saved_before_it_is(path: Path) -> None:
    disk = CountingDisk(code=FULL)
    with watched_by(disk):
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        kept.take_call(1)
        kept.heard.clear()
        disk.fail_from = 0
        entry = kept.save(1)
        assert kept.heard == [StoreFailed(StoreTrouble.DISK_FULL, call_id(1))]
        kept.wait_for_retry()
        assert kept.all(WrapUpSaved) == []
        assert kept.due() == (), "what is not on disk is not delivered either"
        disk.repaired()
        kept.wait_for_retry()
        assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(1), entry.id)
        assert kept.last(StoreOpened) == StoreOpened()
        assert kept.keeper.retry_in_s is None
        assert kept.due() == (entry,)
        kept.close()


def test_the_next_command_finds_out_at_once_that_there_is_room_again(path: Path) -> None:
    disk = CountingDisk(code=FULL)
    with watched_by(disk):
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        disk.fail_from = 0
        kept.take_call(1)
        assert kept.all(DraftSaved) == []
        disk.repaired()
        kept.save(1)
        assert [type(e) for e in kept.heard[-3:]] == [DraftSaved, WrapUpSaved, StoreOpened]
        kept.close()


def test_what_is_typed_after_a_failed_wrap_up_takes_its_place(path: Path) -> None:
    """The agent sees that it was not saved, changes it and saves again: the change counts, once."""
    disk = CountingDisk(code=FULL)
    with watched_by(disk):
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        kept.take_call(1)
        disk.fail_from = 0
        kept.save(1)
        kept.keeper.write(writes.save_draft(draft(1, "Water in the garage")))
        disk.repaired()
        kept.wait_for_retry()
        assert kept.all(WrapUpSaved) == []
        kept.save(1, "Water in the garage")
        assert len(kept.all(WrapUpSaved)) == 1
        assert kept.due()[0].log.notes == "Water in the garage"
        kept.close()


def test_an_attempt_whose_end_could_not_be_written_is_not_made_again(path: Path) -> None:
    disk = CountingDisk(code=FULL)
    with watched_by(disk):
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        entry = kept.save(1)
        assert kept.due() == (entry,)
        disk.fail_from = 0
        kept.keeper.write(writes.record_attempt(tried(entry), DeliveryState.DELIVERED, None, "r", START))
        assert kept.all(DeliveryRecorded) == []
        assert kept.due() == ()
        disk.repaired()
        assert kept.due() == ()
        kept.wait_for_retry()
        assert kept.last(DeliveryRecorded).delivery.state is DeliveryState.DELIVERED
        assert kept.due() == ()
        kept.close()


def test_a_disk_that_is_full_from_the_start_is_used_once_there_is_room(path: Path) -> None:
    disk = CountingDisk(fail_from=0, code=FULL)
    with watched_by(disk):
        kept = Kept(path, MemoryKey(KEY))
        opened = kept.open()
        assert (opened.trouble, opened.in_memory) == (StoreTrouble.DISK_FULL, True)
        kept.save(1)
        kept.wait_for_retry()
        assert kept.last(WrapUpSaved).in_memory
        disk.repaired()
        kept.wait_for_retry()
        assert kept.last(StoreOpened) == StoreOpened()
        assert not kept.last(WrapUpSaved).in_memory
        kept.close()


def test_what_can_never_be_written_does_not_hold_up_the_rest(path: Path) -> None:
    """A bug of ours: an outcome with the delivery of another call."""
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    kept.save(1)
    kept.keeper.write(writes.save_wrap_up(wrap_up(2), delivery(1)))
    assert kept.last(StoreFailed).call_id == call_id(2)
    kept.save(3)
    assert kept.last(WrapUpSaved).call_id == call_id(3)
    assert kept.keeper.retry_in_s is None
    kept.close()


def test_a_write_that_raises_a_bug_does_not_hold_up_the_rest(path: Path) -> None:
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    naive = replace(delivery(1), created_at=delivery(1).created_at.replace(tzinfo=None))
    with pytest.raises(TypeError):
        kept.keeper.write(writes.save_wrap_up(wrap_up(1), naive))
    kept.save(3)
    assert kept.last(WrapUpSaved).call_id == call_id(3)
    assert [e.record.call.id for e in kept.history().entries] == [call_id(3)]
    kept.close()


def test_a_bug_in_one_command_of_the_real_store_is_told_and_the_next_is_carried_out(path: Path) -> None:
    heard = Heard()
    records = SqlRecords(path, MemoryKey(KEY), heard.post)
    records.open()
    naive = replace(delivery(1), created_at=delivery(1).created_at.replace(tzinfo=None))
    records.save_wrap_up(wrap_up(1), naive)
    assert heard.next(StoreFailed) == StoreFailed(StoreTrouble.OTHER, call_id(1), "TypeError")
    records.save_wrap_up(wrap_up(3), delivery(3))
    assert heard.next(WrapUpSaved).call_id == call_id(3)
    records.close()


def test_retries_become_rarer(path: Path) -> None:
    disk = CountingDisk(code=FULL)
    with watched_by(disk):
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        disk.fail_from = 0
        kept.take_call(1)
        delays = []
        for _ in range(6):
            delays.append(kept.keeper.retry_in_s)
            kept.wait_for_retry()
        assert delays == [1.0, 2.0, 5.0, 10.0, 30.0, 30.0]
        disk.repaired()
        kept.close()


def test_the_real_store_tries_again_by_itself(path: Path) -> None:
    disk = CountingDisk(code=FULL)
    heard = Heard()
    with watched_by(disk):
        records = SqlRecords(path, MemoryKey(KEY), heard.post)
        records.open()
        heard.next(StoreOpened)
        disk.fail_from = 0
        records.record_call(live(1), RecordStatus.LIVE)
        assert heard.next(StoreFailed).trouble is StoreTrouble.DISK_FULL
        records.save_wrap_up(wrap_up(1), delivery(1))
        assert heard.next(StoreFailed).call_id == call_id(1)
        disk.repaired()
        assert heard.next(WrapUpSaved) == WrapUpSaved(call_id(1), delivery(1).id)
        records.close()
