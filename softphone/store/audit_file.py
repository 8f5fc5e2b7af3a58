"""The audit log's own encrypted file, and what is kept of it in the key store. Used by one thread at a time.

Rows are only ever added; triggers refuse everything else to whoever comes through SQL. Who goes round them is
found by the seals (`domain.audit`). A log that was altered is set aside under another name, never deleted,
and the new one begins by saying so.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from sqlcipher3 import dbapi2

from softphone.domain.audit import (
    AuditAction,
    AuditEntry,
    AuditTrouble,
    AuditVerdict,
    Head,
    Sealed,
    Side,
    append,
    verify,
)
from softphone.domain.errors import Broken, SoftphoneError
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.troubles import StoreUnusable, translated
from softphone.usecases.ports import Secrets

log = structlog.get_logger(__name__)

KEY_NAME, HEAD_NAME = "audit/key", "audit/head"
_KEY_BYTES = 32
_SUFFIXES = ("", "-wal", "-shm")
_TABLES = """
CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, text TEXT NOT NULL, seal TEXT NOT NULL)
STRICT; CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""


class AuditFile:
    """Raises `StoreUnusable` for the disk, `Broken` and `TryLater` for the key store."""

    def __init__(self, path: Path, secrets: Secrets) -> None:
        self._path = path
        self._secrets = secrets
        self._connection: dbapi2.Connection | None = None
        self._key = b""
        self._head = Head()

    def open(self, now: datetime) -> None:
        """Open or begin the log. One that was altered is set aside, and the new one begins with that."""
        if self._connection is not None:
            return
        if self._read_key() is None:
            self._make_key()
        verdict = self.verdict()
        if verdict.good:
            self._connect()
            self._head = self._last()
            self._keep_head()
            return
        log.error("audit_log_altered", trouble=verdict.trouble, entries=verdict.entries)
        self._set_aside(now)
        self._connect()
        self._head = Head()
        said = f"{verdict.trouble}: {verdict.entries} entries were proven; {verdict.detail}".rstrip("; ")
        self.append([AuditEntry(now, AuditAction.LOG_DAMAGED, Side.DESK, "softphone", detail=said)])

    def append(self, entries: Sequence[AuditEntry]) -> list[Sealed]:
        """Add `entries` in one transaction, then keep number and seal of the last one apart."""
        connection, head = self._connected(), self._head
        links: list[Sealed] = []
        with translated(self._path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                for entry in entries:
                    link = append(self._key, head, entry)
                    connection.execute("INSERT INTO entries VALUES (?, ?, ?)", _row(link))
                    links.append(link)
                    head = Head(link.number, link.seal)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self._head = head
        try:
            self._keep_head()
        except SoftphoneError as exc:  # the entries are on disk; the next ones, or the next start, seal them
            log.warning("audit_head_not_kept", detail=str(exc))
        return links

    def verdict(self) -> AuditVerdict:
        """Check everything; changes nothing."""
        key, line = self._read_key(), self._secrets.read(HEAD_NAME)
        try:
            head = Head.parse(line) if line else None
        except ValueError:
            return AuditVerdict(AuditTrouble.NO_HEAD, detail="what the key store keeps is no head of a log")
        if not self._path.exists():
            missing = head is not None and head != Head()
            return AuditVerdict(AuditTrouble.NO_LOG if missing else AuditTrouble.NONE)
        if key is None:
            return AuditVerdict(AuditTrouble.UNREADABLE, detail="the key store has no key for it")
        try:
            with contextlib.closing(_connect(self._path, key)) as connection:
                return verify(_seal_key(key), head, _links(connection))
        except (StoreUnusable, dbapi2.Error) as exc:
            return AuditVerdict(AuditTrouble.UNREADABLE, detail=str(exc))

    def links(self) -> Iterator[Sealed]:
        """All entries in order, for an export; nothing when there is no log."""
        key = self._read_key()
        if key is None or not self._path.exists():
            return
        with translated(self._path), contextlib.closing(_connect(self._path, key)) as connection:
            yield from _links(connection)

    def damaged(self) -> list[str]:
        """Names of logs that were set aside."""
        return sorted(
            p.name for p in self._path.parent.glob(f"{self._path.stem}-damaged-*{self._path.suffix}")
        )

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(dbapi2.Error):
                connection.close()

    # --- inside ----------------------------------------------------------------------------------------

    def _connect(self) -> None:
        key = self._read_key()
        if key is None:
            raise Broken("key store", "it forgot the key of the audit log at once")
        self._key = _seal_key(key)
        with translated(self._path):
            self._connection = _connect(self._path, key)
            self._connection.executescript(_TABLES)

    def _connected(self) -> dbapi2.Connection:
        if self._connection is None:
            raise StoreUnusable(StoreTrouble.OTHER, "the audit log is not open")
        return self._connection

    def _last(self) -> Head:
        with translated(self._path):
            row = (
                self._connected().execute("SELECT number, seal FROM entries ORDER BY number DESC").fetchone()
            )
        return Head(int(row[0]), str(row[1])) if row else Head()

    def _keep_head(self) -> None:
        if self._secrets.read(HEAD_NAME) != self._head.line():
            self._secrets.write(HEAD_NAME, self._head.line())

    def _read_key(self) -> bytes | None:
        text = self._secrets.read(KEY_NAME)
        if text is None:
            return None
        try:
            key = bytes.fromhex(text)
        except ValueError as exc:
            raise Broken("key store", "the key of the audit log is not hexadecimal") from exc
        if len(key) != _KEY_BYTES:
            raise Broken("key store", "the key of the audit log has the wrong length")
        return key

    def _make_key(self) -> None:
        if not self._path.exists():  # a log without its key is damage; a new key must not hide that
            self._secrets.write(KEY_NAME, os.urandom(_KEY_BYTES).hex())

    def _set_aside(self, now: datetime) -> None:
        stamp = now.strftime("%Y%m%dT%H%M%S")
        for suffix in _SUFFIXES:
            here = Path(f"{self._path}{suffix}")
            if here.exists():
                with translated(self._path):
                    here.rename(
                        self._path.with_name(f"{self._path.stem}-damaged-{stamp}{self._path.suffix}{suffix}")
                    )
        if self._read_key() is None:
            self._make_key()


def _connect(path: Path, key: bytes) -> dbapi2.Connection:
    with translated(path):
        connection = dbapi2.connect(str(path), isolation_level=None, timeout=5.0)
        try:
            connection.execute(f"PRAGMA key = \"x'{_file_key(key).hex()}'\"")
            for setting in ("journal_mode = WAL", "synchronous = FULL", "trusted_schema = OFF"):
                connection.execute(f"PRAGMA {setting}").fetchall()
        except dbapi2.Error:
            connection.close()
            raise
        return connection


def _links(connection: dbapi2.Connection) -> Iterator[Sealed]:
    present = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'entries'").fetchone()[0]
    if present:
        for number, text, sealed in connection.execute(
            "SELECT number, text, seal FROM entries ORDER BY number"
        ):
            yield Sealed(int(number), str(text), str(sealed))


def _row(link: Sealed) -> tuple[int, str, str]:
    return link.number, link.text, link.seal


def _file_key(key: bytes) -> bytes:
    return hmac.new(key, b"softphone audit, file", hashlib.sha256).digest()


def _seal_key(key: bytes) -> bytes:
    return hmac.new(key, b"softphone audit, seals", hashlib.sha256).digest()
