"""The local pipe between desk and engine: where it is and who may speak on it.

Decision: there is no shared key. A desk that crashed must be able to attach again to the engine that still
holds its call, so a key would have to be written down somewhere; and whoever runs as the same user could
read our memory anyway. Instead both ends ask the operating system who is on the other side and go on only
if it is the same user: the socket lies in a folder that only this user can enter (mode 0700), and the peer's
credentials are checked (SO_PEERCRED on Linux, LOCAL_PEERCRED on macOS, the token of the pipe's other process
on Windows). Thread: any.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import sys
import tempfile
from multiprocessing.connection import Client, Listener
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from softphone.domain.errors import Broken, TryLater

_SOCKET_PATH_LIMIT = 100
"""Bytes that a socket's path may have everywhere (104 on macOS, 108 on Linux, with the closing NUL)."""
_MACOS_SOL_LOCAL = 0
_MACOS_LOCAL_PEERCRED = 1
_MACOS_LOCAL_PEERPID = 2


class Pipe(Protocol):
    """One end: what a socket's and a named pipe's connection of `multiprocessing` have in common."""

    def send_bytes(self, buf: bytes, /) -> None: ...

    def recv_bytes(self, maxlength: int | None = None, /) -> bytes: ...

    def poll(self, timeout: float | None = 0.0, /) -> bool: ...

    def fileno(self) -> int: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        exc_tb: TracebackType | None,
        /,
    ) -> None: ...


def pipe_address(state_dir: Path) -> str:
    """Return the address of the engine that belongs to `state_dir`."""
    digest = hashlib.sha256(str(state_dir.resolve()).encode()).hexdigest()[:16]
    if sys.platform == "win32":
        return rf"\\.\pipe\softphone-engine-{digest}"
    inside = state_dir / "engine" / "pipe"
    if len(os.fsencode(inside)) <= _SOCKET_PATH_LIMIT:
        return str(inside)
    return str(_short_folder() / f"softphone-{os.getuid()}-{digest}" / "pipe")


def _short_folder() -> Path:
    """A desk of another session must find the engine: /tmp is the same for all, a session's own is not."""
    shared = Path("/tmp")  # noqa: S108 - the folder inside is checked to be ours alone
    return shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())


class ServerEnd:
    """The engine's end. There is one engine at an address: it holds a lock for as long as it lives."""

    def __init__(self, address: str) -> None:
        """Open it; raise `Broken` if the folder is not ours alone or another engine serves there."""
        self._lock: IO[bytes] | None = None
        if sys.platform != "win32":  # a named pipe is the first of its name or is refused
            path = Path(address)
            _own_folder(path.parent)
            self._lock = _lock(path.parent / "lock")
            path.unlink(missing_ok=True)
        try:
            self._listener = Listener(address, backlog=4)
        except OSError as exc:
            self._unlock()
            raise Broken("pipe", f"cannot listen: {exc.strerror}") from exc

    def accept(self) -> Pipe:
        """Wait for a desk; raises `OSError` or `EOFError`."""
        return self._listener.accept()

    def close(self) -> None:
        self._listener.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def connect(address: str) -> Pipe:
    """Open the desk's end; raise `TryLater` if no engine of this user answers there."""
    try:
        connection: Pipe = Client(address)
    except (OSError, EOFError) as exc:
        raise TryLater("engine", "nobody answers on the pipe") from exc
    if not same_user(connection, other_end_serves=True):
        connection.close()
        raise TryLater("engine", "the pipe belongs to another user")
    return connection


def same_user(connection: Pipe, *, other_end_serves: bool = False) -> bool:
    """Tell whether the process at the other end runs as this user."""
    if sys.platform == "win32":
        from softphone.engine import windows_peer

        return windows_peer.same_user(connection.fileno(), other_end_serves=other_end_serves)
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        return _peer_uid(end) == os.geteuid()


def peer_pid(connection: Pipe) -> int:
    """The process at the other end, 0 where the system does not say."""
    if sys.platform == "win32":
        from softphone.engine import windows_peer

        return windows_peer.server_pid(connection.fileno())
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        if sys.platform == "darwin":
            return int(struct.unpack("=i", end.getsockopt(_MACOS_SOL_LOCAL, _MACOS_LOCAL_PEERPID, 4))[0])
        return _linux_credentials(end)[0]


def _peer_uid(end: socket.socket) -> int:
    if sys.platform == "darwin":
        # struct xucred: version, uid, number of groups, groups
        raw = end.getsockopt(_MACOS_SOL_LOCAL, _MACOS_LOCAL_PEERCRED, 76)
        return int(struct.unpack_from("=II", raw)[1])
    return _linux_credentials(end)[1]


def _linux_credentials(end: socket.socket) -> tuple[int, int]:
    if sys.platform != "linux":
        raise OSError("only Linux knows credentials of this kind")
    raw = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", raw)
    return int(pid), int(uid)


def _lock(path: Path) -> IO[bytes]:
    if sys.platform == "win32":
        raise OSError("a named pipe needs no lock")
    import fcntl  # there is none on Windows

    stream = path.open("wb")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        stream.close()
        raise Broken("pipe", "another engine serves here") from exc
    return stream


def _own_folder(folder: Path) -> None:
    if sys.platform == "win32":
        raise OSError("a named pipe has no folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if facts.st_uid != os.geteuid() or not folder.is_dir() or folder.is_symlink():
        raise Broken("pipe", "the folder of the socket belongs to somebody else")
    if facts.st_mode & 0o077:
        folder.chmod(0o700)
