"""A closed database with something in it, and what was set aside beside it."""

from __future__ import annotations

from pathlib import Path

from softphone.domain.store_trouble import StoreTrouble
from softphone.store.key import MemoryKey
from tests.store.keeping import Kept

KEY = bytes(range(32))


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
