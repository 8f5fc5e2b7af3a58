"""Whatever is wrong with the disk, the file or the key: said clearly, nothing destroyed, work goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.delivery import DeliveryState
from softphone.domain.errors import Broken
from softphone.domain.events import (
    DeliveryRecorded,
    DraftSaved,
    StoreFailed,
    StoreOpened,
    StoreTrouble,
    WrapUpSaved,
)
from softphone.domain.key_store import KeyStoreLocked, KeyStoreTrouble, KeyStoreUnusable
from softphone.domain.wrap_up import RecordStatus
from softphone.store import writes
from softphone.store.database import DatabaseFile
from softphone.store.key import MemoryKey
from softphone.store.records import SqlRecords
from tests.store.disk import CountingDisk
from tests.store.keeping import Kept
from tests.store.listening import Heard
from tests.store.samples import START, call_id, delivery, draft, live, tried, wrap_up
from tests.store.sqlite_vfs import FULL, watched_by

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


def filled(path: Path, key: bytes = KEY) -> bytes:
    """A closed database with one saved call and one that is not; return its bytes."""
    kept = Kept(path, MemoryKey(key))
    assert kept.open().trouble is StoreTrouble.NONE
    kept.take_call(1)
    kept.save(1)
    kept.take_call(2)
    kept.close()
    return path.read_bytes()


def set_aside(path: Path) -> list[Path]:
    return sorted(p for p in path.parent.glob("records.set-aside-*.db"))


# --- the key ---


def test_with_a_wrong_key_the_file_stays_as_it_is_and_work_goes_on_in_memory(path: Path) -> None:
    before = filled(path)
    kept = Kept(path, MemoryKey(bytes(32)))
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_WRONG, True)
    entry = kept.save(3)
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), entry.id, in_memory=True)
    assert kept.due() == (entry,)
    assert kept.history().entries[0].record.call.id == call_id(3)
    kept.close()
    assert path.read_bytes() == before
    assert set_aside(path) == []


def test_what_was_kept_in_memory_lands_when_the_right_key_is_there(path: Path) -> None:
    filled(path)
    key = MemoryKey(bytes(32))
    kept = Kept(path, key)
    kept.open()
    entry = kept.save(3)
    kept.due()
    done = tried(entry)
    kept.keeper.write(writes.record_attempt(done, DeliveryState.DELIVERED, None, "r", START))
    kept.take_call(4)
    key.replace(KEY)
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.NONE, False)
    assert [e.record.call.id for e in opened.unfinished] == [call_id(2)]
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), entry.id)
    kept.close()

    again = Kept(path, MemoryKey(KEY))
    assert [e.record.call.id for e in again.open().unfinished] == [call_id(2), call_id(4)]
    assert [(e.record.call.id, e.status) for e in again.history().entries][1] == (
        call_id(3),
        RecordStatus.DELIVERED,
    )
    again.close()


def test_the_user_may_begin_anew_and_the_old_file_is_kept(path: Path) -> None:
    before = filled(path)
    kept = Kept(path, MemoryKey(bytes(32)))
    kept.open()
    kept.save(3)
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened) == StoreOpened()
    assert not kept.last(WrapUpSaved).in_memory
    kept.close()
    (old,) = set_aside(path)
    assert old.read_bytes() == before
    again = Kept(path, MemoryKey(bytes(32)))
    again.open()
    assert [e.record.call.id for e in again.history().entries] == [call_id(3)]
    again.close()


def test_beginning_anew_never_touches_a_database_that_works(path: Path) -> None:
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    kept.save(1)
    kept.keeper.begin_anew()
    assert len(kept.history().entries) == 1
    kept.close()
    assert set_aside(path) == []


def test_beginning_anew_never_takes_the_file_from_another_desk(path: Path) -> None:
    holder = DatabaseFile(path, MemoryKey(KEY)).open()
    kept = Kept(path, MemoryKey(KEY))
    assert kept.open().trouble is StoreTrouble.LOCKED
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened).trouble is StoreTrouble.LOCKED
    assert set_aside(path) == []
    holder.close()
    kept.close()


def test_without_a_key_store_beginning_anew_moves_nothing(path: Path) -> None:
    before = filled(path)
    kept = Kept(path, LockedKey(KeyStoreUnusable(KeyStoreTrouble.MISSING)))
    kept.open()
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened).in_memory
    kept.close()
    assert path.read_bytes() == before


def test_with_a_lost_key_the_user_may_begin_anew_with_another(path: Path) -> None:
    filled(path)
    key = MemoryKey()
    kept = Kept(path, key)
    assert kept.open().trouble is StoreTrouble.KEY_MISSING
    kept.keeper.begin_anew()
    assert kept.last(StoreOpened) == StoreOpened()
    assert key.read() not in (None, KEY)
    assert len(set_aside(path)) == 1
    kept.close()


def test_a_missing_key_is_not_replaced_while_there_is_a_database(path: Path) -> None:
    before = filled(path)
    key = MemoryKey()
    kept = Kept(path, key)
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_MISSING, True)
    assert key.read() is None
    kept.close()
    assert path.read_bytes() == before


class LockedKey(MemoryKey):
    """A key store that its user has not unlocked, or that is not there at all."""

    def __init__(self, error: Exception) -> None:
        super().__init__(KEY)
        self.error: Exception | None = error
        self.asked = 0

    def read(self) -> bytes | None:
        self.asked += 1
        if self.error:
            raise self.error
        return KEY

    def create(self) -> bytes:
        raise AssertionError("the key is there")


def test_a_locked_key_store_is_asked_again_only_when_the_user_wants(path: Path) -> None:
    filled(path)
    key = LockedKey(KeyStoreLocked("dismissed"))
    kept = Kept(path, key)
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_STORE_LOCKED, True)
    kept.save(3)
    assert kept.keeper.retry_in_s is None
    assert key.asked == 1
    key.error = None
    assert kept.open().trouble is StoreTrouble.NONE
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), delivery(3).id)
    kept.close()


@pytest.mark.parametrize("error", [KeyStoreUnusable(KeyStoreTrouble.MISSING), Broken("key store")])
def test_without_a_key_store_work_goes_on_in_memory(path: Path, error: Exception) -> None:
    kept = Kept(path, LockedKey(error))
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.KEY_MISSING, True)
    kept.save(1)
    assert kept.last(WrapUpSaved).in_memory
    assert kept.close() > 0, "what is lost is told"


# --- the file ---


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(path: Path) -> None:
    before = bytearray(filled(path))
    before[100] ^= 1
    path.write_bytes(before)
    kept = Kept(path, MemoryKey(KEY))
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.DAMAGED, False)
    (old,) = set_aside(path)
    assert opened.detail == old.name
    assert old.read_bytes() == before
    kept.save(3)
    assert kept.last(WrapUpSaved) == WrapUpSaved(call_id(3), delivery(3).id)
    kept.close()


def test_files_set_aside_in_the_same_second_do_not_replace_each_other(path: Path) -> None:
    for _ in range(3):
        filled(path)
        path.write_bytes(b"not a database at all" * 1000)
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        kept.close()
    assert len(set_aside(path)) == 3


@pytest.mark.parametrize("size", [0, 700, 4096])
def test_a_truncated_file_is_never_taken_for_a_new_one(path: Path, size: int) -> None:
    path.write_bytes(filled(path)[:size])
    kept = Kept(path, MemoryKey(KEY))
    opened = kept.open()
    kept.history()
    assert StoreTrouble.DAMAGED in {o.trouble for o in kept.all(StoreOpened)}, opened
    kept.close()


def test_a_database_that_vanished_is_missed(path: Path) -> None:
    filled(path)
    path.unlink()
    kept = Kept(path, MemoryKey(KEY))
    assert kept.open().trouble is StoreTrouble.DAMAGED
    kept.close()


def test_a_database_from_the_future_is_refused_and_left_alone(path: Path) -> None:
    filled(path)
    database = DatabaseFile(path, MemoryKey(KEY)).open()
    database.write("PRAGMA user_version = 9999")
    database.close()
    before = path.read_bytes()
    kept = Kept(path, MemoryKey(KEY))
    opened = kept.open()
    assert (opened.trouble, opened.in_memory) == (StoreTrouble.NEWER, True)
    assert "9999" in opened.detail
    kept.close()
    assert path.read_bytes() == before


def test_half_made_databases_are_made_again(path: Path) -> None:
    """The power failed while the first page was written: nothing was ever in it."""
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    kept.close()
    mark = Path(f"{path}.mark")
    mark.write_bytes(mark.read_bytes().split()[0])
    path.write_bytes(path.read_bytes()[:2048])
    again = Kept(path, MemoryKey(KEY))
    assert again.open() == StoreOpened()
    again.close()


def test_nobody_else_can_read_the_file(path: Path) -> None:
    kept = Kept(path.parent / "deeper" / "records.db", MemoryKey(KEY))
    kept.open()
    kept.save(1)
    folder = path.parent / "deeper"
    if os.name != "nt":
        assert folder.stat().st_mode & 0o077 == 0
        assert {
            f.name: f.stat().st_mode & 0o077 for f in folder.glob("records.db*") if f.suffix != ".mark"
        } == {
            "records.db": 0,
            "records.db-wal": 0,
        }
    kept.close()


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
