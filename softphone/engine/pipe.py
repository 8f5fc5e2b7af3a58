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
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

from softphone.domain.errors import Broken, TryLater

_SOCKET_PATH_LIMIT = 100
"""Bytes that a socket's path may have everywhere (104 on macOS, 108 on Linux, with the closing NUL)."""
_MACOS_SOL_LOCAL = 0
_MACOS_LOCAL_PEERCRED = 1


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


def listen(address: str) -> Listener:
    """Open the engine's end; raise `Broken` if the folder is not ours alone or the address is in use."""
    if sys.platform == "win32":
        return Listener(address, family="AF_PIPE")
    return _listen_in_folder(address)


def _listen_in_folder(address: str) -> Listener:
    path = Path(address)
    _own_folder(path.parent)
    path.unlink(missing_ok=True)
    try:
        return Listener(address, family="AF_UNIX", backlog=4)
    except OSError as exc:
        raise Broken("pipe", f"cannot listen: {exc.strerror}") from exc


def connect(address: str) -> Connection:
    """Open the desk's end; raise `TryLater` if no engine of this user answers there."""
    try:
        connection: Connection = Client(address)
    except (OSError, EOFError) as exc:
        raise TryLater("engine", "nobody answers on the pipe") from exc
    if not same_user(connection, other_end_serves=True):
        connection.close()
        raise TryLater("engine", "the pipe belongs to another user")
    return connection


def same_user(connection: Connection, *, other_end_serves: bool = False) -> bool:
    """Tell whether the process at the other end runs as this user."""
    if sys.platform == "win32":
        from softphone.engine import windows_peer

        return windows_peer.same_user(connection.fileno(), other_end_serves=other_end_serves)
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        return _peer_uid(end) == os.geteuid()


def _peer_uid(end: socket.socket) -> int:
    if sys.platform == "darwin":
        # struct xucred: version, uid, number of groups, groups
        raw = end.getsockopt(_MACOS_SOL_LOCAL, _MACOS_LOCAL_PEERCRED, 76)
        return int(struct.unpack_from("=II", raw)[1])
    raw = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", raw)
    return int(uid)


def _own_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if facts.st_uid != os.geteuid() or not folder.is_dir() or folder.is_symlink():
        raise Broken("pipe", "the folder of the socket belongs to somebody else")
    if facts.st_mode & 0o077:
        folder.chmod(0o700)
