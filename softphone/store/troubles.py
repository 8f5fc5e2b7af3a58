"""Why the database cannot be used: SQLite's and the system's errors turned into our reasons, once."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlcipher3 import dbapi2

from softphone.domain.errors import SoftphoneError
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.text import clean_line

ROOM_NEEDED = 1 << 20
"""Bytes; with less than this free a failed write is put down to a full disk."""

_BY_CODE = {
    dbapi2.SQLITE_BUSY: StoreTrouble.LOCKED,
    dbapi2.SQLITE_LOCKED: StoreTrouble.LOCKED,
    dbapi2.SQLITE_READONLY: StoreTrouble.READ_ONLY,
    dbapi2.SQLITE_FULL: StoreTrouble.DISK_FULL,
    dbapi2.SQLITE_CORRUPT: StoreTrouble.DAMAGED,
    dbapi2.SQLITE_NOTADB: StoreTrouble.DAMAGED,
}
_BY_ERRNO = {
    errno.ENOSPC: StoreTrouble.DISK_FULL,
    errno.EDQUOT: StoreTrouble.DISK_FULL,
    errno.EFBIG: StoreTrouble.DISK_FULL,
    errno.EROFS: StoreTrouble.READ_ONLY,
    errno.EACCES: StoreTrouble.READ_ONLY,
    errno.EPERM: StoreTrouble.READ_ONLY,
}


_OUR_BUGS = (
    dbapi2.SQLITE_ERROR,
    dbapi2.SQLITE_CONSTRAINT,
    dbapi2.SQLITE_MISMATCH,
    dbapi2.SQLITE_MISUSE,
    dbapi2.SQLITE_RANGE,
    dbapi2.SQLITE_TOOBIG,
)


class StoreUnusable(SoftphoneError):
    """The database did not do as told. `trouble` says who can help: time, the user or nobody.

    `hopeless`: what was asked is wrong in itself and will never work; nothing else is affected.
    """

    def __init__(self, trouble: StoreTrouble, detail: str = "", hopeless: bool = False) -> None:
        super().__init__("records", clean_line(detail, 300))
        self.trouble = trouble
        self.hopeless = hopeless


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turn what SQLite and the file system raise into `StoreUnusable`; `path` is the database's file."""
    try:
        yield
    except dbapi2.Error as exc:
        code = getattr(exc, "sqlite_errorcode", 0) & 0xFF  # the upper bytes of extended codes carry detail
        raise StoreUnusable(_reason(code, path), str(exc), hopeless=code in _OUR_BUGS) from exc
    except OSError as exc:
        trouble = _BY_ERRNO.get(exc.errno or 0, StoreTrouble.OTHER)
        raise StoreUnusable(trouble, f"{type(exc).__name__}: {exc.strerror}") from exc


def _reason(code: int, path: Path | None) -> StoreTrouble:
    if code in (dbapi2.SQLITE_IOERR, dbapi2.SQLITE_CANTOPEN) and path is not None:
        return look_at_disk(path.parent)
    return _BY_CODE.get(code, StoreTrouble.OTHER)


def look_at_disk(folder: Path) -> StoreTrouble:
    """Why a write failed: a quota, a file size limit and a folder without permission are all "I/O error"."""
    probe = folder / ".probe"
    try:
        probe.write_bytes(b"\0" * 65_536)
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        return _BY_ERRNO.get(exc.errno or 0, StoreTrouble.OTHER)
    finally:
        _remove(probe)
    return StoreTrouble.DISK_FULL if free < ROOM_NEEDED else StoreTrouble.OTHER


def _remove(probe: Path) -> None:
    try:
        probe.unlink(missing_ok=True)
    except OSError:
        return  # where nothing can be removed, nothing was written either
