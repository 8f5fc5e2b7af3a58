"""A damaged database that was brought over goes with the records of its age; one nobody could read stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.domain.store_trouble import StoreTrouble
from softphone.store.key import MemoryKey
from tests.store.disk import CountingDisk
from tests.store.files import KEY, filled, set_aside
from tests.store.keeping import Kept
from tests.store.sqlite_vfs import FULL, watched_by

NOW = datetime.now(UTC)
AN_HOUR_AGO, TOMORROW = NOW - timedelta(hours=1), NOW + timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


def damaged(path: Path) -> None:
    content = bytearray(filled(path))
    content[4096 + 2000] ^= 0xFF
    path.write_bytes(content)


def opened(path: Path, key: bytes = KEY) -> Kept:
    kept = Kept(path, MemoryKey(key))
    kept.open()
    kept.history()
    return kept


def leftovers(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.glob("records.set-aside-*"))


def test_what_was_brought_over_is_deleted_when_records_of_its_age_are(path: Path) -> None:
    damaged(path)
    kept = opened(path)
    assert len(set_aside(path)) == 1
    kept.keeper.purge(AN_HOUR_AGO)
    assert len(set_aside(path)) == 1
    kept.keeper.purge(TOMORROW)
    assert leftovers(path) == []
    kept.close()


def test_also_by_a_desk_of_later_days(path: Path) -> None:
    damaged(path)
    opened(path).close()
    later = opened(path)
    later.keeper.purge(TOMORROW)
    assert leftovers(path) == []
    later.close()


def test_what_nobody_could_read_is_never_deleted(path: Path) -> None:
    filled(path)
    stranger = Kept(path, MemoryKey(bytes(32)))
    assert stranger.open().trouble is StoreTrouble.KEY_WRONG
    stranger.keeper.begin_anew()
    stranger.keeper.purge(TOMORROW)
    assert len(set_aside(path)) == 1
    stranger.close()


def test_what_is_not_committed_elsewhere_yet_stays(path: Path) -> None:
    damaged(path)
    disk = CountingDisk(fail_from=0, code=FULL)
    with watched_by(disk):
        kept = opened(path)
        kept.keeper.purge(TOMORROW)
        assert len(set_aside(path)) == 1
        disk.repaired()
        while kept.keeper.retry_in_s is not None:
            kept.wait_for_retry()
        assert kept.history().entries != ()
        kept.close()


def test_a_file_of_somebody_elses_with_a_like_name_stays(path: Path) -> None:
    kept = opened(path)
    strange = path.with_name("records.set-aside-by-hand.db.salvaged")
    strange.touch()
    kept.keeper.purge(TOMORROW)
    assert strange.exists()
    kept.close()
