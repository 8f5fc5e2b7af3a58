"""The local connection on Windows: a named pipe whose key lies where only this user can read it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from multiprocessing import connection as pipes
from pathlib import Path
from typing import Protocol

from softphone.domain.errors import Broken, TryLater
from softphone.system.local_channel import LINE_LIMIT, BadLine, Channel, Listener

_KEY_BYTES = 32
_PROOF_WITHIN_S = 2.0
"""Whoever connects and says nothing holds up the others no longer than this."""

_SERVER, _CLIENT = b"server", b"client"


def listen(folder: Path) -> Listener:
    """The listening end, with a fresh key; raises `Broken`."""
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        file = _key_file(folder)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(key)
        return _PipeListener(pipes.Listener(_address(folder), family=_FAMILY), key)
    except OSError as exc:
        raise Broken("control pipe", f"cannot listen: {exc}") from exc


def connect(folder: Path) -> Channel:
    """The connecting end; raises `TryLater` when nobody listens or the other end does not know the key."""
    try:
        key = _key_file(folder).read_bytes()
        end = pipes.Client(_address(folder), family=_FAMILY)
    except OSError as exc:
        raise TryLater("instance", "no softphone of this profile is running") from exc
    if not _knows_the_key(end, key, ours=_CLIENT, theirs=_SERVER):
        end.close()
        raise TryLater("instance", "the pipe belongs to somebody else")
    return _PipeChannel(end)


def _knows_the_key(end: _End, key: bytes, *, ours: bytes, theirs: bytes) -> bool:
    """Prove to each other that both can read the key, without sending it."""
    nonce = secrets.token_bytes(_KEY_BYTES)
    try:
        end.send_bytes(nonce)
        their_nonce = _received(end)
        end.send_bytes(hmac.digest(key, ours + nonce + their_nonce, "sha256"))
        return hmac.compare_digest(_received(end), hmac.digest(key, theirs + their_nonce + nonce, "sha256"))
    except (OSError, EOFError):
        return False


def _received(end: _End) -> bytes:
    if not end.poll(_PROOF_WITHIN_S):
        raise TimeoutError
    return end.recv_bytes(_KEY_BYTES)


class _End(Protocol):
    """What a named pipe's and, in tests elsewhere, a socket's connection have in common."""

    def send_bytes(self, buf: bytes, /) -> None: ...

    def recv_bytes(self, maxlength: int | None = None, /) -> bytes: ...

    def poll(self, timeout: float | None = 0.0, /) -> bool: ...

    def close(self) -> None: ...


_FAMILY = "AF_PIPE" if os.name == "nt" else "AF_UNIX"


def _address(folder: Path) -> str:
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    if os.name == "nt":
        return rf"\\.\pipe\softphone-control-{digest}"
    return str(folder / "control" / "pipe")  # the tests run this module on other systems too


def _key_file(folder: Path) -> Path:
    return folder / "control" / "key"


class _PipeChannel:
    def __init__(self, end: _End) -> None:
        self._end = end

    def read_line(self) -> bytes | None:
        try:
            return self._end.recv_bytes(LINE_LIMIT).rstrip(b"\n")
        except EOFError:
            return None
        except OSError as exc:
            if "bad message length" in str(exc):
                raise BadLine from exc
            raise

    def wait(self, timeout_s: float) -> bool:
        return self._end.poll(max(timeout_s, 0.0))

    def write_line(self, line: bytes) -> None:
        self._end.send_bytes(line + b"\n")

    def close(self) -> None:
        self._end.close()


class _PipeListener:
    def __init__(self, listener: pipes.Listener, key: bytes) -> None:
        self._listener = listener
        self._key = key

    def accept(self) -> Channel | None:
        end = self._listener.accept()
        if not _knows_the_key(end, self._key, ours=_SERVER, theirs=_CLIENT):
            end.close()
            return None
        return _PipeChannel(end)

    def close(self) -> None:
        self._listener.close()
