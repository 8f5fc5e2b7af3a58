"""A new key for everything: interrupted at any moment, nothing is unreadable and nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from softphone.domain.ids import CallId
from softphone.domain.keeping_events import KeyChanged, StoreFailed, StoreOpened, WrapUpSaved
from softphone.domain.key_store import KeyStoreLocked
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.key import MemoryKey, StoredKey
from softphone.system.secrets import MemorySecrets
from tests.store.disk import CountingDisk, RememberingDisk
from tests.store.keeping import Kept
from tests.store.samples import call_id
from tests.store.sqlite_vfs import FULL, watched_by

OLD, NEW = bytes(range(32)), bytes(range(100, 132))
CALLS = 20


class PlannedKey(MemoryKey):
    """The next key is known to the test."""

    def create_next(self) -> bytes:
        self._next = NEW
        return NEW


def keys(present: bytes, next_one: bytes | None) -> PlannedKey:
    key = PlannedKey(present)
    key._next = next_one
    return key


def fill(kept: Kept) -> None:
    kept.open()
    for number in range(CALLS):
        kept.take_call(number)
        kept.save(number)


def found(kept: Kept) -> set[CallId]:
    return {e.record.call.id for e in kept.history().entries}


EVERYTHING = {call_id(n) for n in range(CALLS)}


def test_afterwards_only_the_new_key_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    secrets = MemorySecrets()
    kept = Kept(path, StoredKey(secrets))
    fill(kept)
    old = secrets.read("records/key")
    kept.keeper.change_key()
    assert kept.last(KeyChanged) == KeyChanged()
    kept.save(CALLS)
    kept.close()
    assert secrets.read("records/key") != old
    assert secrets.read("records/key-next") is None
    again = Kept(path, StoredKey(secrets))
    assert again.open() == StoreOpened()
    assert len(found(again)) == CALLS + 1
    again.close()
    assert old is not None
    stranger = Kept(path, MemoryKey(bytes.fromhex(old)))
    assert stranger.open().trouble is StoreTrouble.KEY_WRONG
    stranger.close()


def test_a_power_cut_during_the_change_leaves_it_readable_with_one_of_the_two(tmp_path: Path) -> None:
    disk = RememberingDisk()
    path = tmp_path / "records.db"
    with watched_by(disk):
        kept = Kept(path, keys(OLD, None))
        fill(kept)
        disk.folder_synced()
        mark = Path(f"{path}.mark").read_bytes()
        begins = len(disk.log)
        kept.keeper.change_key()
        ends = len(disk.log)
        kept.close()
    opened_with = set()
    for luck in range(60):
        chance = random.Random(luck)
        folder = tmp_path / str(luck)
        folder.mkdir()
        disk.after_power_cut(chance.randrange(begins, ends + 1), chance, folder)
        (folder / "records.db.mark").write_bytes(mark)
        key = keys(OLD, NEW)
        again = Kept(folder / "records.db", key)
        assert again.open() == StoreOpened(), luck
        assert found(again) == EVERYTHING, luck
        again.close()
        opened_with.add(key.read())
    assert opened_with == {OLD, NEW}, "the cuts were to hit both sides of the change"


def test_a_full_disk_during_the_change_keeps_the_old_key_and_all_records(tmp_path: Path) -> None:
    failing = 0
    changed = False
    while not changed:
        folder = tmp_path / str(failing)
        folder.mkdir()
        disk = CountingDisk(code=FULL)
        with watched_by(disk):
            kept = Kept(folder / "records.db", keys(OLD, None))
            fill(kept)
            disk.fail_from = disk.operations + failing
            kept.keeper.change_key()
            changed = disk.failed == 0
            disk.repaired()
            while kept.keeper.retry_in_s is not None:
                kept.wait_for_retry()
            if not changed and not kept.all(KeyChanged):
                assert kept.last(StoreFailed).trouble in (StoreTrouble.DISK_FULL, StoreTrouble.OTHER)
            kept.save(CALLS)
            assert not kept.last(WrapUpSaved).in_memory, failing
            assert len(found(kept)) == CALLS + 1, failing
            kept.close()
        failing += 9
    assert failing > 50


class LockedNext(MemoryKey):
    def create_next(self) -> bytes:
        raise KeyStoreLocked("dismissed")


def test_a_key_store_that_keeps_no_new_key_changes_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "records.db", LockedNext(OLD))
    fill(kept)
    kept.keeper.change_key()
    assert kept.last(StoreFailed).trouble is StoreTrouble.KEY_STORE_LOCKED
    assert found(kept) == EVERYTHING
    kept.close()


@pytest.mark.parametrize("text", ["not hexadecimal", "abcd", ""])
def test_a_spoilt_key_in_the_key_store_is_no_reason_to_begin_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.db"
    secrets = MemorySecrets()
    kept = Kept(path, StoredKey(secrets))
    fill(kept)
    kept.close()
    before = path.read_bytes()
    secrets.write("records/key", text)
    again = Kept(path, StoredKey(secrets))
    assert again.open().trouble is StoreTrouble.KEY_MISSING
    again.close()
    assert path.read_bytes() == before
    assert secrets.read("records/key") == text
