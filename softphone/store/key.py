"""The key of the database: 32 random bytes in the operating system's key store, and how to recognise it."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path
from typing import Protocol

from softphone.domain.errors import Broken
from softphone.usecases.ports import Secrets

KEY_BYTES = 32
SECRET_NAME = "records/key"  # noqa: S105 - the name of a secret, not a secret


class DatabaseKey(Protocol):
    """Where the key comes from. All raise `Broken` (no safe key store) or `TryLater` (it is locked).

    While a key is being changed there are two: the present one and the next.
    """

    def read(self) -> bytes | None:
        """Return the key, None when there is none yet."""

    def create(self) -> bytes:
        """Make a new key and keep it, before anything is encrypted with it."""

    def read_next(self) -> bytes | None:
        """Return the key of a change that has begun, None when there is none."""

    def create_next(self) -> bytes:
        """Begin a change: make the next key and keep it beside the present one."""

    def promote_next(self) -> None:
        """End the change: the next key is the present one from now on."""


class StoredKey:
    """The key in the key store, as hexadecimal text under one name."""

    def __init__(self, secrets: Secrets, name: str = SECRET_NAME) -> None:
        self._secrets = secrets
        self._name = name
        self._next_name = f"{name}-next"

    def read(self) -> bytes | None:
        return self._read(self._name)

    def create(self) -> bytes:
        return self._create(self._name)

    def read_next(self) -> bytes | None:
        return self._read(self._next_name)

    def create_next(self) -> bytes:
        return self._create(self._next_name)

    def promote_next(self) -> None:
        text = self._secrets.read(self._next_name)
        if text is not None:
            self._secrets.write(self._name, text)
            self._secrets.delete(self._next_name)

    def _read(self, name: str) -> bytes | None:
        text = self._secrets.read(name)
        if text is None:
            return None
        try:
            key = bytes.fromhex(text)
        except ValueError as exc:
            raise Broken("key store", "the key of the records is not hexadecimal") from exc
        if len(key) != KEY_BYTES:
            raise Broken("key store", "the key of the records has the wrong length")
        return key

    def _create(self, name: str) -> bytes:
        self._secrets.write(name, os.urandom(KEY_BYTES).hex())
        key = self._read(name)
        if key is None:
            raise Broken("key store", "it forgot the key of the records at once")
        return key


class MemoryKey:
    """A key for tests: gone with the process."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key
        self._next: bytes | None = None

    def read(self) -> bytes | None:
        return self._key

    def create(self) -> bytes:
        self._key = os.urandom(KEY_BYTES)
        return self._key

    def read_next(self) -> bytes | None:
        return self._next

    def create_next(self) -> bytes:
        self._next = os.urandom(KEY_BYTES)
        return self._next

    def promote_next(self) -> None:
        if self._next is not None:
            self._key, self._next = self._next, None

    def replace(self, key: bytes | None) -> None:
        """The key store has another one now."""
        self._key = key


class KeyMark:
    """A file beside the database that tells whether a key is the one it was encrypted with.

    It holds an HMAC of a fixed text, which gives nothing away of a random key, and whether the database was
    ever finished. A finished database that cannot be read with the right key is damaged; with any other key
    it is only locked to us, and must not be touched.
    """

    _TEXT = b"softphone records, format 1"

    def __init__(self, path: Path) -> None:
        self._path = path

    def finished(self) -> bool:
        """Whether the database was complete once: tables made and committed."""
        return self._read()[1:] == [b"finished"]

    def names(self, key: bytes) -> bool:
        """Whether `key` is the one."""
        return hmac.compare_digest(self._read()[0], _fingerprint(self._TEXT, key))

    def begin(self, key: bytes) -> None:
        """Note the key of a database that is about to be made."""
        self._write(_fingerprint(self._TEXT, key))

    def finish(self, key: bytes) -> None:
        """Note that the database is complete."""
        if not (self.finished() and self.names(key)):
            self._write(_fingerprint(self._TEXT, key) + b" finished")

    def _read(self) -> list[bytes]:
        try:
            return self._path.read_bytes().split() or [b""]
        except FileNotFoundError:
            return [b""]

    def _write(self, content: bytes) -> None:
        """Replace the file so that a power cut leaves the old or the new one."""
        beside = self._path.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        sync_folder(self._path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut (Windows does so by itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fingerprint(text: bytes, key: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).hexdigest().encode()
