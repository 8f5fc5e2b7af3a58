"""Port `CustomerCache`: a small SQLCipher database of its own beside the records, with the records' key.

It is expendable, so whatever is wrong with it (another key after a change, damage, a newer version) is cured
by deleting it. It has its own thread: a card must not wait behind a commit of the records.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
import structlog
from sqlcipher3 import dbapi2

from softphone.domain.customer import Customer
from softphone.domain.customer_cache import CacheKey, CacheScope, KeptCustomers
from softphone.domain.customer_events import CustomersRecalled, KeptCustomersCounted
from softphone.domain.errors import SoftphoneError
from softphone.domain.events import Event
from softphone.domain.ids import CallId, QueryId
from softphone.store.codec import from_us, to_cell, to_us
from softphone.store.database import LOCK_WAIT_S, SUFFIXES, Database, create_private, unlock
from softphone.store.key import DatabaseKey
from softphone.store.troubles import StoreUnusable, translated

log = structlog.get_logger(__name__)

VERSION = 1
"""Raised whenever `Customer` or the table changes: what an older version kept is asked for again."""

CLOSE_WITHIN_S = 2.0
_TABLE = """
    CREATE TABLE kept (
        scope TEXT NOT NULL, caller TEXT NOT NULL, matches BLOB NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (scope, caller)
    ) STRICT, WITHOUT ROWID
"""
_matches = msgspec.json.Decoder(tuple[Customer, ...])


class SqlCustomerCache:
    """Any one thread may command; events are posted by the worker. The key is only read, never made."""

    def __init__(self, path: Path, key: DatabaseKey, post: Callable[[Event], None]) -> None:
        self._path = path
        self._key = key
        self._post = post
        self._database: Database | None = None
        self._commands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None

    # --- the port ---

    def open(self) -> None:
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="customers", daemon=True)
            self._worker.start()
        self._commands.put(self._open)

    def recall(self, query_id: QueryId, call_id: CallId, key: CacheKey, not_before: datetime) -> None:
        def answer() -> None:
            self._post(CustomersRecalled(query_id, call_id, self._find(key, not_before)))

        self._commands.put(answer)

    def keep(self, key: CacheKey, kept: KeptCustomers, at_most: int) -> None:
        self._commands.put(lambda: self._put(key, kept, at_most))

    def tidy(self, scopes: frozenset[CacheScope], not_before: datetime) -> None:
        self._commands.put(lambda: self._tidy(scopes, not_before))

    def forget_all(self) -> None:
        self._commands.put(self._forget_all)

    def count(self) -> None:
        self._commands.put(self._count)

    def close(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._commands.put(None)
        worker.join(CLOSE_WITHIN_S)
        if worker.is_alive():
            log.error("customers.close_timed_out", seconds=CLOSE_WITHIN_S)

    # --- on the worker ---

    def _work(self) -> None:
        while (command := self._commands.get()) is not None:
            try:
                command()
            except StoreUnusable as unusable:
                self._distrust(unusable)
            except Exception:
                # The background runner (STYLE.md 7): a bug in one command must not stop those after it.
                log.exception("customers.command_failed")
        self._shut()

    def _open(self) -> None:
        self._shut()
        try:
            key = self._key.read()
        except SoftphoneError as exc:
            log.warning("customers.no_key", detail=exc.detail)
            return
        if key is None:
            log.warning("customers.no_key", detail="the key store has none")
            return
        try:
            self._database = self._connected(key)
        except StoreUnusable as unusable:
            log.info("customers.begun_anew", trouble=unusable.trouble.value)
            self._delete()
            self._database = self._connected(key)

    def _connected(self, key: bytes) -> Database:
        with translated(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            create_private(self._path)
            connection = dbapi2.connect(str(self._path), isolation_level=None, timeout=LOCK_WAIT_S)
        database = Database(connection, self._path)
        try:
            unlock(database, key)
            database.write("PRAGMA synchronous = NORMAL")  # what a power cut takes is asked for again
            self._make_table(database)
        except StoreUnusable:
            database.close()
            raise
        return database

    def _make_table(self, database: Database) -> None:
        if database.number("PRAGMA user_version") == VERSION:
            return
        with database.transaction():
            database.write("DROP TABLE IF EXISTS kept")
            database.write(_TABLE)
            database.write("CREATE INDEX kept_age ON kept (at)")
            database.write(f"PRAGMA user_version = {VERSION}")

    def _find(self, key: CacheKey, not_before: datetime) -> KeptCustomers | None:
        try:
            if self._database is None:
                return None
            row = self._database.row(
                "SELECT matches, at FROM kept WHERE scope = ? AND caller = ? AND at >= ?",
                (_scope_text(key.scope), key.caller, to_us(not_before)),
            )
            return KeptCustomers(_matches.decode(row[0]), from_us(row[1])) if row else None
        except (StoreUnusable, msgspec.MsgspecError) as exc:
            self._distrust(exc)
            return None

    def _put(self, key: CacheKey, kept: KeptCustomers, at_most: int) -> None:
        database = self._database
        if database is None:
            return
        place = (_scope_text(key.scope), key.caller)
        with database.transaction():
            database.write("DELETE FROM kept WHERE scope = ? AND caller = ?", place)
            if kept.matches:
                cell = to_cell(kept.matches)
                database.write("INSERT INTO kept VALUES (?, ?, ?, ?)", (*place, cell, to_us(kept.at)))
            _shorten(database, at_most)

    def _tidy(self, scopes: frozenset[CacheScope], not_before: datetime) -> None:
        database = self._database
        if database is None:
            return
        wanted = {_scope_text(scope) for scope in scopes}
        found = {row[0] for row in database.rows("SELECT DISTINCT scope FROM kept")}
        with database.transaction():
            gone = database.write("DELETE FROM kept WHERE at < ?", (to_us(not_before),))
            for scope in found - wanted:
                gone += database.write("DELETE FROM kept WHERE scope = ?", (scope,))
        if gone:
            database.shrink()
            log.info("customers.forgotten", count=gone)

    def _forget_all(self) -> None:
        was_open = self._database is not None
        self._shut()
        self._delete()
        if was_open:
            self._open()
        self._count()

    def _count(self) -> None:
        database = self._database
        there = database.number("SELECT count(*) FROM kept") if database is not None else 0
        self._post(KeptCustomersCounted(there))

    def _distrust(self, why: Exception) -> None:
        """What cannot be read is worth nothing: begin anew, or do without until the next `open`."""
        log.warning("customers.distrusted", why=str(why))
        self._shut()
        self._delete()
        with suppress(StoreUnusable):
            self._open()

    def _delete(self) -> None:
        for suffix in SUFFIXES:
            with suppress(OSError):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _shut(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _shorten(database: Database, at_most: int) -> None:
    too_many = database.number("SELECT count(*) FROM kept") - at_most
    if too_many > 0:
        database.write(
            "DELETE FROM kept WHERE (scope, caller) IN (SELECT scope, caller FROM kept ORDER BY at LIMIT ?)",
            (too_many,),
        )


def _scope_text(scope: CacheScope) -> str:
    return "\n".join((scope.campaign_id, scope.crm, scope.base_url))
