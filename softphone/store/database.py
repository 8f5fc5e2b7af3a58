"""Opening the encrypted file: key, settings, migrations, and what to do with a file that cannot be used."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2

from softphone.domain.errors import Broken, TryLater
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.aside import name_for
from softphone.store.key import DatabaseKey, KeyMark, sync_folder
from softphone.store.schema import MIGRATIONS, VERSION
from softphone.store.troubles import StoreUnusable, look_at_disk, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCK_WAIT_S = 2.0
"""How long to wait for another desk on the same database that is just closing."""

_SETTINGS = (
    "PRAGMA locking_mode = EXCLUSIVE",  # one writer: a second process is told at once, by the file's lock
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS: its fsync leaves the data in the drive's cache
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
)
SUFFIXES = ("", "-wal", "-shm", "-journal", ".mark")

Row = tuple[Any, ...]  # SQLite's cells: int, str, bytes or None, by column


class Database:
    """One open connection. Used by the thread that opened it only; every error is `StoreUnusable`."""

    def __init__(self, connection: dbapi2.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path

    @property
    def on_disk(self) -> bool:
        return self._path is not None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; after it the changes are on disk (`synchronous=FULL`)."""
        with translated(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already; a failed COMMIT leaves the transaction open.
                if self._connection.in_transaction:
                    with contextlib.suppress(dbapi2.Error):
                        self._connection.execute("ROLLBACK")
                raise

    def write(self, sql: str, values: Sequence[object] = ()) -> int:
        """Carry out one statement and tell how many rows it changed."""
        with translated(self._path):
            return int(self._connection.execute(sql, values).rowcount)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        with translated(self._path):
            return list(self._connection.execute(sql, values).fetchall())

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        with translated(self._path):
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def number(self, sql: str, values: Sequence[object] = ()) -> int:
        found = self.row(sql, values)
        return int(found[0] or 0) if found else 0

    def shrink(self) -> None:
        """Leave nothing of what was deleted: not in free space (it is zeroed anyway), not in the log."""
        self.write("VACUUM")
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close, whatever state it is in; SQLite takes the log back into the file."""
        with contextlib.suppress(dbapi2.Error):
            self._connection.close()


def open_memory() -> Database:
    """A database in memory with the same tables, for when the file cannot be used."""
    database = Database(dbapi2.connect(":memory:", isolation_level=None), None)
    _migrate(database)
    return database


class DatabaseFile:
    """The file of one user, its key mark, and what was set aside. All methods may raise `StoreUnusable`."""

    def __init__(self, path: Path, key: DatabaseKey) -> None:
        self.path = path
        self._key = key
        self._mark = KeyMark(Path(f"{path}.mark"))

    def open(self) -> Database:
        """Open or create. A damaged file raises `DAMAGED` and stays where it is until `set_aside`."""
        with translated(self.path):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            there = self.path.exists() and self.path.stat().st_size > 0
            finished = self._mark.finished()
        key = self._get_key(there or finished)
        if finished and not there:
            raise StoreUnusable(StoreTrouble.DAMAGED, "the file is missing or empty")
        if there:
            return self._open_old(key, finished)
        return self._create(key)

    def _open_old(self, key: bytes, finished: bool) -> Database:
        try:
            return self._finish(self._connect(key), key)
        except StoreUnusable as unusable:
            if unusable.trouble is not StoreTrouble.DAMAGED:
                raise
            database = self._open_with_next_key()
            if database is not None:
                return database
            with translated(self.path):
                ours = self._mark.names(key)
            if not ours:
                raise StoreUnusable(StoreTrouble.KEY_WRONG, unusable.detail) from unusable
            if finished:
                raise
        # A power cut while it was made: there was never anything in it.
        self.set_aside()
        return self._create(key)

    def _open_with_next_key(self) -> Database | None:
        """A change of the key was interrupted after the database had the new one: finish it."""
        with _key_store():
            key = self._key.read_next()
        if key is None:
            return None
        try:
            database = self._connect(key)
        except StoreUnusable as unusable:
            if unusable.trouble is not StoreTrouble.DAMAGED:
                raise
            return None
        return self._finish_change(database, key)

    def change_key(self, database: Database) -> None:
        """Encrypt all of `database` with a new key. At any moment one of the two keys opens it."""
        with _key_store():
            key = self._key.create_next()
        database.rows(f"PRAGMA rekey = \"x'{key.hex()}'\"")
        try:
            database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        except StoreUnusable as unusable:
            # `rekey` answers "ok" even when the disk refuses (measured); its transaction is open then.
            raise StoreUnusable(look_at_disk(self.path.parent), unusable.detail) from unusable
        self._finish_change(database, key)

    def _finish_change(self, database: Database, key: bytes) -> Database:
        self._finish(database, key)
        with _key_store():
            self._key.promote_next()
        return database

    def _create(self, key: bytes) -> Database:
        with translated(self.path):
            self._mark.begin(key)
        return self._finish(self._connect(key), key)

    def _finish(self, database: Database, key: bytes) -> Database:
        try:
            with translated(self.path):
                self._mark.finish(key)
        except StoreUnusable:
            database.close()
            raise
        return database

    def open_old(self, aside: Path) -> Database:
        """Open a database that was set aside, for reading only: it stays as it is."""
        key = self._get_key(there=True)
        with translated(aside):
            uri = f"{aside.absolute().as_uri()}?mode=ro"
            connection = dbapi2.connect(uri, uri=True, isolation_level=None, timeout=LOCK_WAIT_S)
        database = Database(connection, aside)
        database.write("PRAGMA cipher_log_level = NONE")
        database.write(f"PRAGMA key = \"x'{key.hex()}'\"")
        return database

    def set_aside(self) -> Path:
        """Rename the database and its log so that a new one can begin; return the new name."""
        aside = self._free_name(name_for(self.path, datetime.now(UTC)))
        with translated(self.path):
            for suffix in SUFFIXES:  # the mark last: half a move is noticed and finished the next time
                old = Path(f"{self.path}{suffix}")
                if old.exists():
                    old.rename(f"{aside}{suffix}")
            sync_folder(self.path.parent)
        return aside

    def _free_name(self, stem: str) -> Path:
        candidate, count = self.path.with_name(stem + self.path.suffix), 1
        while candidate.exists():
            candidate, count = self.path.with_name(f"{stem}-{count}{self.path.suffix}"), count + 1
        return candidate

    def ensure_key(self) -> None:
        """Have a key for a new database, before the old one is moved."""
        self._get_key(there=False)

    def _get_key(self, there: bool) -> bytes:
        with _key_store():
            key = self._key.read()
            if key is None and not there:
                key = self._key.create()
        if key is None:
            raise StoreUnusable(StoreTrouble.KEY_MISSING, "the key store has no key for this database")
        return key

    def _connect(self, key: bytes) -> Database:
        with translated(self.path):
            create_private(self.path)
            connection = dbapi2.connect(str(self.path), isolation_level=None, timeout=LOCK_WAIT_S)
        database = Database(connection, self.path)
        try:
            unlock(database, key)
            _migrate(database)
        except StoreUnusable:
            database.close()
            raise
        return database


@contextlib.contextmanager
def _key_store() -> Iterator[None]:
    try:
        yield
    except TryLater as exc:
        raise StoreUnusable(StoreTrouble.KEY_STORE_LOCKED, exc.detail) from exc
    except Broken as exc:
        raise StoreUnusable(StoreTrouble.KEY_MISSING, exc.detail) from exc


def create_private(path: Path) -> None:
    """Only its user may read the file; SQLite gives the log the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def unlock(database: Database, key: bytes) -> None:
    """Give the key and the settings. `cipher_memory_security` stays off: it costs three times the processor
    time (measured) to guard SQLite's buffers, while the same text is in Python's strings beside them."""
    database.write("PRAGMA cipher_log_level = NONE")  # it writes to standard error otherwise
    database.write(f"PRAGMA key = \"x'{key.hex()}'\"")
    for setting in _SETTINGS:
        database.rows(setting)


def _migrate(database: Database) -> None:
    """Bring the tables up to date, each step with its version number in one transaction."""
    found = database.number("PRAGMA user_version")
    if found > VERSION:
        raise StoreUnusable(StoreTrouble.NEWER, f"version {found}, this program knows {VERSION}")
    for version, statements in enumerate(MIGRATIONS[found:], found + 1):
        with database.transaction():
            for statement in statements:
                database.write(statement)
            database.write(f"PRAGMA user_version = {version}")
