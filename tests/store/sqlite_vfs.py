"""SQLite's own interface to files (https://sqlite.org/c3ref/vfs.html), reached through ctypes.

The database library is loaded already; its `sqlite3_vfs_*` functions are exported. A `Vfs` puts itself
between SQLite and the system: every write, truncation, sync and deletion passes through `Spy` first.
"""

from __future__ import annotations

import ctypes as c
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol

from sqlcipher3 import _sqlite3

OK = 0
IOERR = 10
FULL = 13

_WATCHED = 0x100 | 0x800 | 0x80000  # main database, its rollback journal, its write-ahead log

_pointer = c.c_void_p
_X_CLOSE = c.CFUNCTYPE(c.c_int, _pointer)
_X_WRITE = c.CFUNCTYPE(c.c_int, _pointer, _pointer, c.c_int, c.c_int64)
_X_TRUNCATE = c.CFUNCTYPE(c.c_int, _pointer, c.c_int64)
_X_SYNC = c.CFUNCTYPE(c.c_int, _pointer, c.c_int)
# The name stays an address: SQLite keeps it, and hides further values behind its end.
_X_OPEN = c.CFUNCTYPE(c.c_int, _pointer, _pointer, _pointer, c.c_int, _pointer)
_X_DELETE = c.CFUNCTYPE(c.c_int, _pointer, c.c_char_p, c.c_int)


class _Methods(c.Structure):
    """struct sqlite3_io_methods; what is not replaced stays an address."""

    _fields_: ClassVar[Any] = [
        ("version", c.c_int),
        ("close", _pointer),
        ("read", _pointer),
        ("write", _pointer),
        ("truncate", _pointer),
        ("sync", _pointer),
        ("others", _pointer * 13),
    ]


class _File(c.Structure):
    _fields_: ClassVar[Any] = [("methods", c.POINTER(_Methods))]


class _VfsStruct(c.Structure):
    """struct sqlite3_vfs, version 3."""

    _fields_: ClassVar[Any] = [
        ("version", c.c_int),
        ("file_size", c.c_int),
        ("max_path", c.c_int),
        ("next", _pointer),
        ("name", c.c_char_p),
        ("app_data", _pointer),
        ("open", _pointer),
        ("delete", _pointer),
        ("others", _pointer * 14),
    ]


class Spy(Protocol):
    """What stands between SQLite and the disk. Each answers `OK` to let the operation happen."""

    def write(self, name: str, offset: int, data: bytes) -> int: ...
    def truncate(self, name: str, size: int) -> int: ...
    def sync(self, name: str) -> int: ...
    def delete(self, name: str) -> int: ...


_ever_used: list[object] = []
"""A test that fails may leave a database open: what SQLite calls back must outlive it."""


@contextmanager
def watched_by(spy: Spy) -> Iterator[None]:
    """Databases opened inside do their writing through `spy`; close them before it ends."""
    library = c.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = c.POINTER(_VfsStruct)
    original = library.sqlite3_vfs_find(None)
    vfs = _Vfs(spy, original)
    _ever_used.append(vfs)
    library.sqlite3_vfs_register(c.byref(vfs.struct), 1)
    try:
        yield
    finally:
        library.sqlite3_vfs_unregister(c.byref(vfs.struct))
        library.sqlite3_vfs_register(original, 1)


class _Vfs:
    """The structures handed to SQLite; they must live as long as it uses them."""

    def __init__(self, spy: Spy, original: Any) -> None:
        self._spy = spy
        self._original = original.contents
        self._names: dict[int, str] = {}
        self._tables: dict[int, tuple[_Methods, _Methods]] = {}
        self._alive: list[object] = []
        self.struct = _VfsStruct.from_buffer_copy(self._original)
        self.struct.name = b"watched"
        self.struct.open = self._keep(_X_OPEN(self._open))
        self.struct.delete = self._keep(_X_DELETE(self._delete))
        self._real_open = _X_OPEN(self._original.open)
        self._real_delete = _X_DELETE(self._original.delete)

    def _keep(self, callback: Any) -> int | None:
        self._alive.append(callback)
        return c.cast(callback, _pointer).value

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        code: int = self._real_open(c.addressof(self._original), name, file, flags, out)
        if code == OK and name and flags & _WATCHED:
            self._names[file] = c.string_at(name).decode()
            opened = c.cast(file, c.POINTER(_File)).contents
            opened.methods = c.pointer(self._replaced(opened.methods.contents))
        return code

    def _delete(self, _vfs: int, name: bytes, sync_folder: int) -> int:
        code = self._spy.delete(name.decode())
        return code or int(self._real_delete(c.addressof(self._original), name, sync_folder))

    def _replaced(self, real: _Methods) -> _Methods:
        address = c.addressof(real)
        if address not in self._tables:
            table = _Methods.from_buffer_copy(real)
            real_write, real_truncate, real_sync = (
                _X_WRITE(real.write),
                _X_TRUNCATE(real.truncate),
                _X_SYNC(real.sync),
            )

            def write(file: int, data: int, size: int, offset: int) -> int:
                code = self._spy.write(self._names[file], offset, c.string_at(data, size))
                return code or int(real_write(file, data, size, offset))

            def truncate(file: int, size: int) -> int:
                return self._spy.truncate(self._names[file], size) or int(real_truncate(file, size))

            def sync(file: int, flags: int) -> int:
                return self._spy.sync(self._names[file]) or int(real_sync(file, flags))

            table.write = self._keep(_X_WRITE(write))
            table.truncate = self._keep(_X_TRUNCATE(truncate))
            table.sync = self._keep(_X_SYNC(sync))
            self._tables[address] = (table, real)
        return self._tables[address][0]
