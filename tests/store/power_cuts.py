"""The power fails at any moment: `python -m tests.store.power_cuts --count 10000 --seed 1`.

A day's work is done once on a disk that remembers every write. Then the disk is reconstructed as a power cut
may leave it before operation N, with unsynced writes lost, torn or reordered, and the database is opened.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
from pathlib import Path

import structlog

from softphone.domain.events import Event
from softphone.domain.keeping_events import StoreOpened
from softphone.store.database import Database, DatabaseFile
from softphone.store.keeper import Keeper
from softphone.store.key import MemoryKey
from softphone.store.troubles import StoreUnusable
from tests.store.day import Acknowledged, Day
from tests.store.disk import RememberingDisk
from tests.store.sqlite_vfs import watched_by

KEY = bytes(range(32))
NAME = "records.db"


SMALL_LOG = "PRAGMA wal_autocheckpoint = 20"


class RememberedDay:
    """One day on a remembering disk. Small logs, so that many checkpoints are cut through, too."""

    def __init__(
        self, folder: Path, seed: int, calls: int = 25, settings: tuple[str, ...] = (SMALL_LOG,)
    ) -> None:
        self.disk = RememberingDisk()
        self._mark = folder / f"{NAME}.mark"
        keeper = Keeper(DatabaseFile(folder / NAME, MemoryKey(KEY)), self._hear)
        self._day = Day(keeper, seed)
        self._day.say = self.disk.note
        with watched_by(self.disk):
            keeper.open()
            database = keeper._database
            assert isinstance(database, Database)
            for setting in settings:
                database.rows(setting)
            self._day.work(0, calls)
            keeper.close()
        self._finished_mark = self._mark.read_bytes()

    def _hear(self, event: Event) -> None:
        if isinstance(event, StoreOpened):
            self.disk.folder_synced()  # writing the mark does that; it does not pass through SQLite
        self.disk.note(event)
        self._day.hear(event)

    def cut(self, number: int, chance: random.Random, folder: Path) -> list[str]:
        """Play the power cut before operation `number`; return the promises it broke."""
        self.disk.after_power_cut(number, chance, folder)
        said = Acknowledged.by(self.disk.notes_before(number))
        opened_before = any(isinstance(n, StoreOpened) for n in self.disk.notes_before(number))
        mark = self._finished_mark if opened_before else self._finished_mark.split()[0]
        (folder / self._mark.name).write_bytes(mark)
        try:
            database = DatabaseFile(folder / NAME, MemoryKey(KEY)).open()
        except StoreUnusable as unusable:
            return [f"unreadable: {unusable}"]
        try:
            return said.broken_promises(database)
        finally:
            database.close()


def cut_often(
    seed: int, count: int, cuts_per_day: int = 250, settings: tuple[str, ...] = (SMALL_LOG,)
) -> list[str]:
    """Play `count` power cuts; return what went wrong, each with what is needed to play it again."""
    broken: list[str] = []
    for day_seed in range(seed, seed + (count + cuts_per_day - 1) // cuts_per_day):
        with tempfile.TemporaryDirectory() as folder:
            day = RememberedDay(Path(folder), day_seed, settings=settings)
        cuts = random.Random(day_seed)
        for _ in range(min(cuts_per_day, count)):
            number, luck = cuts.randrange(len(day.disk.log) + 1), cuts.randrange(1 << 30)
            with tempfile.TemporaryDirectory() as folder:
                found = day.cut(number, random.Random(luck), Path(folder))
            broken += [f"seed {day_seed}, cut {number}, luck {luck}: {problem}" for problem in found]
        count -= cuts_per_day
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    broken = cut_often(options.seed, options.count)
    print(*broken, sep="\n")
    print(f"{options.count} power cuts, {len(broken)} promises broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
