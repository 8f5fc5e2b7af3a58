"""The local connection on Windows: a named pipe whose key lies where only this user can read it."""

from __future__ import annotations

import hashlib
import os
import secrets
from multiprocessing import AuthenticationError
from multiprocessing import connection as pipes
from pathlib import Path

from softphone.domain.errors import Broken, TryLater
from softphone.system.local_channel import LINE_LIMIT, BadLine, Channel, Listener

_KEY_BYTES = 32


def listen(folder: Path) -> Listener:
    """The listening end, with a fresh key; raises `Broken`."""
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        file = _key_file(folder)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(key)
        return _PipeListener(pipes.Listener(_address(folder), family=_FAMILY, authkey=key))
    except OSError as exc:
        raise Broken("control pipe", f"cannot listen: {exc}") from exc


def connect(folder: Path) -> Channel:
    """The connecting end; raises `TryLater` when nobody listens or the other end does not know the key."""
    try:
        key = _key_file(folder).read_bytes()
        return _PipeChannel(pipes.Client(_address(folder), family=_FAMILY, authkey=key))
    except (OSError, EOFError, AuthenticationError) as exc:
        raise TryLater("instance", "no softphone of this profile is running") from exc


_FAMILY = "AF_PIPE" if os.name == "nt" else "AF_UNIX"


def _address(folder: Path) -> str:
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    if os.name == "nt":
        return rf"\\.\pipe\softphone-control-{digest}"
    return str(folder / "control" / "pipe")  # the tests run this module on other systems too


def _key_file(folder: Path) -> Path:
    return folder / "control" / "key"


class _PipeChannel:
    def __init__(self, end: pipes.Connection) -> None:
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
    def __init__(self, listener: pipes.Listener) -> None:
        self._listener = listener

    def accept(self) -> Channel | None:
        try:
            return _PipeChannel(self._listener.accept())
        except (AuthenticationError, EOFError):
            return None

    def close(self) -> None:
        self._listener.close()
