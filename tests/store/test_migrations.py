"""Databases of earlier versions come along with everything in them, or stay as they are."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.delivery import DeliveryKind
from softphone.domain.keeping_events import StoreOpened
from softphone.domain.store_trouble import StoreTrouble
from softphone.store import calls, database, writes
from softphone.store.database import DatabaseFile
from softphone.store.key import MemoryKey
from softphone.store.schema import MIGRATIONS, VERSION
from tests.store.disk import CountingDisk
from tests.store.keeping import Kept
from tests.store.samples import START, call_id, delivery, draft, wrap_up
from tests.store.sqlite_vfs import FULL, watched_by

KEY = bytes(range(32))


@pytest.fixture
def first_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database as the first version left it, with one saved call and a live one."""
    path = tmp_path / "first" / "records.db"
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", MIGRATIONS[:1])
        patch.setattr(database, "VERSION", 1)
        patch.setattr(calls, "unfinished", lambda _database: ())  # it asks for columns of today
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        kept.take_call(1)
        unpromised = replace(wrap_up(1), draft=replace(draft(1), callback_at=None))
        kept.keeper.write(writes.save_wrap_up(unpromised, delivery(1)))
        kept.take_call(2)
        kept.close()
    return path


def version_of(path: Path) -> int:
    """Without migrating: the number as it stands in the file."""
    opened = DatabaseFile(path, MemoryKey(KEY)).open_old(path)
    try:
        return opened.number("PRAGMA user_version")
    finally:
        opened.close()


def test_a_database_of_the_first_version_is_brought_up_to_date(first_version: Path) -> None:
    assert version_of(first_version) == 1
    kept = Kept(first_version, MemoryKey(KEY))
    opened = kept.open()
    assert opened.trouble is StoreTrouble.NONE
    assert [e.record.call.id for e in opened.unfinished] == [call_id(2)]
    assert kept.due() == (delivery(1),)
    kept.close()
    assert version_of(first_version) == VERSION


def test_a_record_that_the_crm_has_can_be_corrected_after_the_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "before" / "records.db"
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", MIGRATIONS[:7])
        patch.setattr(database, "VERSION", 7)
        patch.setattr(calls, "unfinished", lambda _database: ())  # it asks for columns of today
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        kept.take_call(1)
        kept.keeper.write(writes.save_wrap_up(wrap_up(1), delivery(1)))
        opened = kept.keeper._database
        assert opened is not None
        opened.write("UPDATE outbox SET state = 'delivered', remote_id = 'r1', attempts = 1")
        kept.close()
    kept = Kept(path, MemoryKey(KEY))
    assert kept.open().trouble is StoreTrouble.NONE
    log = replace(delivery(1).log, notes="Better")
    kept.keeper.write(writes.correct_wrap_up(wrap_up(1, "Better"), delivery(1).id, log, START, updates=True))
    (update,) = kept.due()
    assert (update.kind, update.remote_id, update.log.notes) == (DeliveryKind.UPDATE_CALL, "r1", "Better")
    kept.close()
    assert version_of(path) == VERSION


def test_a_migration_that_the_disk_interrupts_leaves_the_old_version_whole(
    first_version: Path, tmp_path: Path
) -> None:
    failing, migrated = 0, False
    while not migrated:
        folder = tmp_path / f"copy-{failing}"
        shutil.copytree(first_version.parent, folder)
        path = folder / first_version.name
        disk = CountingDisk(failing, FULL)
        with watched_by(disk):
            kept = Kept(path, MemoryKey(KEY))
            opened = kept.open()
            migrated = disk.failed == 0
            disk.repaired()
            if opened.trouble is not StoreTrouble.NONE:
                assert (opened.trouble, opened.in_memory) == (StoreTrouble.DISK_FULL, True)
                kept.wait_for_retry()
                assert kept.last(StoreOpened).trouble is StoreTrouble.NONE
            assert kept.due() == (delivery(1),)
            kept.close()
        failing += 1
    assert failing > 3


def test_a_database_just_made_has_the_newest_version(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "records.db", MemoryKey(KEY))
    kept.open()
    kept.close()
    assert version_of(tmp_path / "records.db") == VERSION
