"""A damaged page costs what was on it, not the whole database; the damaged file itself is kept as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from softphone.domain.delivery import DeliveryState
from softphone.domain.keeping_events import HistoryLoaded, StoreOpened
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import RecordStatus
from softphone.store import calls, database, writes
from softphone.store.key import MemoryKey
from softphone.store.schema import MIGRATIONS
from tests.store.disk import CountingDisk
from tests.store.keeping import Kept
from tests.store.samples import START, call_id, draft, tried
from tests.store.sqlite_vfs import FULL, watched_by

KEY = bytes(range(32))
PAGE = 4096
CALLS = 60


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty saved calls, the first delivered, the second handed out, and one more that is still live."""
    path = tmp_path_factory.mktemp("sound") / "records.db"
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    for number in range(CALLS):
        kept.take_call(number)
        kept.save(number)
    done = tried(kept.due()[0])
    kept.keeper.write(writes.record_attempt(done, DeliveryState.DELIVERED, None, "r", START))
    kept.due()
    kept.take_call(CALLS)
    kept.close()
    return path


def damaged_copy(sound: Path, folder: Path, page: int) -> Path:
    for file in sound.parent.iterdir():
        shutil.copy(file, folder / file.name)
    path = folder / sound.name
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE + 2000] ^= 0xFF
    path.write_bytes(content)
    return path


def pages_of(path: Path) -> int:
    return path.stat().st_size // PAGE


def work_on(path: Path) -> Kept:
    """Open, look at everything and save one more call: whoever meets the damage has to cope with it."""
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    kept.keeper.load_history(1000, "")
    kept.due()
    kept.keeper.load_history(1000, "cellar")
    kept.take_call(99)
    kept.save(99)
    kept.keeper.load_history(1000, "")
    return kept


def test_whichever_page_is_damaged_nearly_everything_is_saved(sound: Path, tmp_path: Path) -> None:
    damage_met = 0
    for page in range(2, pages_of(sound) + 1):
        folder = tmp_path / str(page)
        folder.mkdir()
        path = damaged_copy(sound, folder, page)
        before = path.read_bytes()
        kept = work_on(path)
        numbers = {e.record.call.id for e in kept.last(HistoryLoaded).entries}
        assert len(numbers & {call_id(n) for n in range(CALLS)}) >= CALLS - 6, page
        assert call_id(99) in numbers, page
        damaged = [o for o in kept.all(StoreOpened) if o.trouble is StoreTrouble.DAMAGED]
        kept.close()
        if kept.all(StoreOpened)[0] in damaged:
            assert (folder / damaged[0].detail).read_bytes() == before, page
        if damaged:
            damage_met += 1
            again = Kept(path, MemoryKey(KEY))
            assert again.open().trouble is StoreTrouble.NONE, page
            again.close()
    assert damage_met > pages_of(sound) / 2


def test_a_damaged_database_of_an_earlier_version_keeps_its_outcomes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has not been migrated when the damage is met: the latest columns are not there."""
    path = tmp_path / "records.db"
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", MIGRATIONS[:7])
        patch.setattr(database, "VERSION", 7)
        patch.setattr(calls, "unfinished", lambda _database: ())  # it asks for columns of today
        kept = Kept(path, MemoryKey(KEY))
        kept.open()
        for number in range(CALLS):
            kept.take_call(number)
            kept.save(number)
        kept.close()
    content = bytearray(path.read_bytes())
    content[pages_of(path) // 2 * PAGE + 2000] ^= 0xFF
    path.write_bytes(content)
    kept = work_on(path)
    assert StoreTrouble.DAMAGED in {o.trouble for o in kept.all(StoreOpened)}
    assert kept.last(HistoryLoaded).waiting >= CALLS - 10  # one page of outcomes
    kept.close()


def test_an_outcome_whose_call_is_unreadable_is_delivered_all_the_same(sound: Path, tmp_path: Path) -> None:
    """The root of the table of calls is its second page: with it every call becomes unreadable."""
    kept = work_on(damaged_copy(sound, tmp_path, 2))
    assert StoreTrouble.DAMAGED in {o.trouble for o in kept.all(StoreOpened)}
    assert kept.last(HistoryLoaded).waiting == CALLS - 1 + 1
    assert kept.due()[0].log.call_id == call_id(1)
    kept.close()


def test_what_was_interrupted_and_open_is_still_known_after_the_salvage(sound: Path, tmp_path: Path) -> None:
    path = damaged_copy(sound, tmp_path, 2)
    kept = Kept(path, MemoryKey(KEY))
    opened = kept.open()
    statuses = {e.status for e in opened.unfinished}
    assert statuses <= {RecordStatus.LIVE}
    assert kept.due()[0].attempts == 1, "it was handed out before: the CRM must be asked first"
    kept.close()


def test_damage_on_a_full_disk_is_salvaged_when_there_is_room(sound: Path, tmp_path: Path) -> None:
    path = damaged_copy(sound, tmp_path, 2)
    disk = CountingDisk(fail_from=0, code=FULL)
    with watched_by(disk):
        kept = Kept(path, MemoryKey(KEY))
        assert kept.open().in_memory
        kept.keeper.write(writes.save_draft(draft(99)))
        disk.repaired()
        while kept.keeper.retry_in_s is not None:
            kept.wait_for_retry()
        assert kept.last(StoreOpened).trouble is StoreTrouble.DAMAGED
        assert kept.history().waiting == CALLS - 1
        kept.close()
