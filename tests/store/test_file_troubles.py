"""Whatever is wrong with the file: said clearly, nothing destroyed, work goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from softphone.domain.keeping_events import StoreOpened, WrapUpSaved
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.database import DatabaseFile
from softphone.store.key import MemoryKey
from tests.store.files import KEY, filled, set_aside
from tests.store.keeping import Kept
from tests.store.samples import call_id, delivery


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


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
