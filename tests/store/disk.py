"""Disks that fail, and a disk that remembers everything so that a power cut can be played at any point."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.store.sqlite_vfs import OK

SECTOR = 512


@dataclass
class CountingDisk:
    """Fails every operation from number `fail_from` on (counted from 0) with SQLite's `code`.

    `times` of them, or all until `repaired`. Deletions never fail: a full disk allows them.
    """

    fail_from: int | None = None
    code: int = OK
    times: int | None = None
    operations: int = 0
    failed: int = 0

    def repaired(self) -> None:
        self.fail_from = None

    def _count(self) -> int:
        number, self.operations = self.operations, self.operations + 1
        if self.fail_from is None or number < self.fail_from:
            return OK
        if self.failed == self.times:
            return OK
        self.failed += 1
        return self.code

    def write(self, name: str, offset: int, data: bytes) -> int:
        return self._count()

    def truncate(self, name: str, size: int) -> int:
        return self._count()

    def sync(self, name: str) -> int:
        return self._count()

    def delete(self, name: str) -> int:
        return OK


@dataclass(frozen=True)
class Operation:
    """One change of one file; `kind` is write, truncate, sync or delete."""

    kind: str
    name: str
    offset: int = 0
    data: bytes = b""


@dataclass
class _File:
    """What is on the platter for sure, and what may or may not have arrived there."""

    durable: bytearray = field(default_factory=bytearray)
    exists: bool = False
    pending: list[Operation] = field(default_factory=list)


@dataclass
class RememberingDisk:
    """Lets everything through and remembers it; `notes` are put between the operations by the test."""

    log: list[Operation | object] = field(default_factory=list)

    def note(self, fact: object) -> None:
        self.log.append(fact)

    def write(self, name: str, offset: int, data: bytes) -> int:
        self.log.append(Operation("write", Path(name).name, offset, data))
        return OK

    def truncate(self, name: str, size: int) -> int:
        self.log.append(Operation("truncate", Path(name).name, size))
        return OK

    def sync(self, name: str) -> int:
        self.log.append(Operation("sync", Path(name).name))
        return OK

    def delete(self, name: str) -> int:
        self.log.append(Operation("delete", Path(name).name))
        return OK

    def folder_synced(self) -> None:
        """From here on deletions before this point are certain."""
        self.log.append(Operation("sync folder", ""))

    def notes_before(self, cut: int) -> Iterator[object]:
        return (fact for fact in self.log[:cut] if not isinstance(fact, Operation))

    def after_power_cut(self, cut: int, chance: random.Random, folder: Path) -> None:
        """Write into `folder` what may be found when the power fails before operation number `cut`.

        Synced writes are there. Each other one, by chance, is there, is lost, is lost with the file grown
        all the same (zeros), or is torn at a sector's border. Writes of different files and of the same
        file may overtake each other; a deletion may be lost.
        """
        files: dict[str, _File] = {}
        for entry in self.log[:cut]:
            if isinstance(entry, Operation) and entry.kind == "sync folder":
                for file in files.values():
                    _make_deletions_certain(file)
            elif isinstance(entry, Operation):
                _happen(files.setdefault(entry.name, _File()), entry)
        for name, file in files.items():
            content, exists = _lose(file, chance)
            if exists:
                (folder / name).write_bytes(content)


def _happen(file: _File, operation: Operation) -> None:
    if operation.kind == "sync":
        for pending in file.pending:
            _apply(file, pending)
        file.pending.clear()
    else:
        file.pending.append(operation)


def _make_deletions_certain(file: _File) -> None:
    kinds = [operation.kind for operation in file.pending]
    if "delete" in kinds:
        last = len(kinds) - kinds[::-1].index("delete")
        for operation in file.pending[:last]:
            _apply(file, operation)
        del file.pending[:last]


def _apply(file: _File, operation: Operation) -> None:
    if operation.kind == "delete":
        file.durable.clear()
        file.exists = False
    elif operation.kind == "truncate":
        del file.durable[operation.offset :]
        file.exists = True
    else:
        end = operation.offset + len(operation.data)
        file.durable.extend(b"\0" * max(0, end - len(file.durable)))
        file.durable[operation.offset : end] = operation.data
        file.exists = True


def _lose(file: _File, chance: random.Random) -> tuple[bytes, bool]:
    left = _File(bytearray(file.durable), file.exists)
    how_much_is_lost = chance.choice((0.0, 0.2, 0.5, 1.0))
    for operation in file.pending:
        if operation.kind != "write":
            if chance.random() >= how_much_is_lost:
                _apply(left, operation)
            continue
        fate = chance.random()
        if fate >= how_much_is_lost:
            _apply(left, operation)
        elif fate < how_much_is_lost / 3:
            zeros = max(0, operation.offset + len(operation.data) - len(left.durable))
            left.durable.extend(b"\0" * zeros)
            left.exists = True
        elif fate < how_much_is_lost * 2 / 3:
            torn = operation.data[: chance.randrange(0, len(operation.data) + 1, 8) // SECTOR * SECTOR]
            _apply(left, Operation("write", operation.name, operation.offset, torn))
    return bytes(left.durable), left.exists
