"""Reading an SQLCipher file as an investigator with the key would: every page, also what was deleted.

SQLCipher 4 (https://www.zetetic.net/sqlcipher/design/): AES-256-CBC per page of 4,096 bytes; the last 80
bytes of a page are its IV and HMAC; the first 16 bytes of the file are a salt. The log's frames (SQLite file
format, section 4.1) carry pages encrypted alike after a header of 24 bytes; the log itself begins with 32.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE = 4096
RESERVED = 80
SALT = 16
LOG_HEADER, FRAME_HEADER = 32, 24


def everything_in(path: Path, key: bytes) -> bytes:
    """The decrypted bytes of the database and of its log, used and unused parts alike."""
    return b"".join((*_pages(path, key), *_frames(Path(f"{path}-wal"), key)))


def _pages(path: Path, key: bytes) -> Iterator[bytes]:
    content = path.read_bytes()
    for start in range(0, len(content), PAGE):
        yield _decrypted(content[start : start + PAGE], key, first=start == 0)


def _frames(path: Path, key: bytes) -> Iterator[bytes]:
    content = path.read_bytes() if path.exists() else b""
    for start in range(LOG_HEADER, len(content) - FRAME_HEADER, FRAME_HEADER + PAGE):
        number = int.from_bytes(content[start : start + 4], "big")
        yield _decrypted(content[start + FRAME_HEADER :][:PAGE], key, first=number == 1)


def _decrypted(page: bytes, key: bytes, first: bool) -> bytes:
    body = page[SALT if first else 0 : PAGE - RESERVED]
    iv = page[PAGE - RESERVED : PAGE - RESERVED + 16]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(body) + decryptor.finalize()
