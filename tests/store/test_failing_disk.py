"""The disk fails at every single write of a day, in turn: nothing is lost, nothing that is said is a lie."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.events import Event
from softphone.domain.keeping_events import StoreOpened
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.database import DatabaseFile
from softphone.store.keeper import Keeper
from softphone.store.key import MemoryKey
from tests.store.day import Acknowledged, Day
from tests.store.disk import CountingDisk
from tests.store.sqlite_vfs import FULL, IOERR, watched_by

KEY = bytes(range(32))
CALLS = 2


class FailingDay:
    """A short day on a disk that fails from some operation on, until it is repaired."""

    def __init__(self, folder: Path, disk: CountingDisk) -> None:
        self.path = folder / "records.db"
        self.disk = disk
        self.heard: list[Event] = []
        self.seconds = 0.0
        self.keeper = Keeper(DatabaseFile(self.path, MemoryKey(KEY)), self._hear, lambda: self.seconds)
        self._day = Day(self.keeper, seed=7)

    def _hear(self, event: Event) -> None:
        self.heard.append(event)
        self._day.hear(event)

    def work(self) -> None:
        self.keeper.open()
        self._day.work(0, CALLS)

    def repair(self) -> None:
        self.disk.repaired()
        while self.keeper.retry_in_s is not None:
            self.seconds += self.keeper.retry_in_s
            self.keeper.try_again()

    def as_if_killed(self, elsewhere: Path) -> Path:
        """The files as a desk that is killed now, in the middle of the trouble, leaves them."""
        elsewhere.mkdir()
        for file in self.path.parent.glob("records.db*"):
            if not file.name.endswith(".new"):
                shutil.copy(file, elsewhere / file.name)
        return elsewhere / "records.db"


def broken(path: Path, heard: list[Event]) -> list[str]:
    database = DatabaseFile(path, MemoryKey(KEY)).open()
    try:
        return Acknowledged.by(heard).broken_promises(database)
    finally:
        database.close()


def operations_of_a_day(folder: Path) -> int:
    disk = CountingDisk()
    with watched_by(disk):
        day = FailingDay(folder, disk)
        day.work()
        day.keeper.close()
    return disk.operations


def what_is_said_on_a_good_day(folder: Path) -> Acknowledged:
    day = FailingDay(folder, CountingDisk())
    day.work()
    day.keeper.close()
    return Acknowledged.by(day.heard)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    def fresh() -> Iterator[Path]:
        for number in range(100_000):
            folder = tmp_path / str(number)
            folder.mkdir()
            yield folder

    return fresh()


@pytest.mark.parametrize(
    ("code", "trouble", "step"), [(FULL, StoreTrouble.DISK_FULL, 1), (IOERR, StoreTrouble.OTHER, 5)]
)
def test_a_disk_that_fails_at_any_write_until_it_is_repaired(
    folders: Iterator[Path], code: int, trouble: StoreTrouble, step: int
) -> None:
    wanted = what_is_said_on_a_good_day(next(folders))
    for failing in range(0, operations_of_a_day(next(folders)), step):
        folder = next(folders)
        disk = CountingDisk(failing, code)
        with watched_by(disk):
            day = FailingDay(folder, disk)
            day.work()
            troubles = {e.trouble for e in day.heard if hasattr(e, "trouble")} - {StoreTrouble.NONE}
            assert troubles <= {trouble}, failing
            killed, until_then = day.as_if_killed(folder / "killed"), list(day.heard)
            day.repair()
            assert day.keeper.close() == 0, failing
        assert broken(killed, until_then) == [], failing
        said = Acknowledged.by(day.heard)
        assert said.saved == wanted.saved, failing
        assert broken(day.path, day.heard) == [], failing
        last_opened = [e for e in day.heard if isinstance(e, StoreOpened)][-1]
        assert last_opened.trouble is StoreTrouble.NONE, failing
        shutil.rmtree(folder)


@pytest.mark.parametrize(("code", "step"), [(FULL, 4), (IOERR, 3)])
def test_a_disk_that_fails_once_at_any_write(folders: Iterator[Path], code: int, step: int) -> None:
    wanted = what_is_said_on_a_good_day(next(folders))
    for failing in range(0, operations_of_a_day(next(folders)), step):
        folder = next(folders)
        disk = CountingDisk(failing, code, times=1)
        with watched_by(disk):
            day = FailingDay(folder, disk)
            day.work()
            day.repair()
            assert day.keeper.close() == 0, failing
        assert Acknowledged.by(day.heard).saved == wanted.saved, failing
        assert broken(day.path, day.heard) == [], failing
        shutil.rmtree(folder)
