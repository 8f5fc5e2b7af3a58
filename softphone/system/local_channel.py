"""A local line-by-line connection that only the same user can open, whatever the operating system.

On Linux and macOS a UNIX socket in a folder of mode 0700, with the other end's user asked of the kernel; on
Windows a named pipe with a key that lies beside the settings, where only this user can read it. Lines are
UTF-8 without the line break; the newline is on the wire everywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import selectors
import socket
import struct
import sys
import tempfile
from pathlib import Path
from typing import Protocol

from softphone.domain.errors import Broken, TryLater

LINE_LIMIT = 256 * 1024
"""Bytes. The longest notes fit; anything longer is no request of ours."""

PATIENCE_S = 5.0
"""How long one write may take before the other end counts as gone."""

_PATH_LIMIT = 100
"""Bytes that a socket's path may have everywhere (104 on macOS, 108 on Linux, with the closing NUL)."""

_SHORT_FOLDER = Path("/tmp")  # noqa: S108 - the folder inside is checked to be ours alone


class Channel(Protocol):
    """One connection. One thread reads, one writes, any may close."""

    def read_line(self) -> bytes | None:
        """The next line, or None when the other end has closed; raises `OSError`, `BadLine`."""

    def wait(self, timeout_s: float) -> bool:
        """Tell whether there is something to read within that time; raises `OSError`."""

    def write_line(self, line: bytes) -> None:
        """Send one line; raises `OSError` when nobody takes it."""

    def close(self) -> None: ...


class Listener(Protocol):
    def accept(self) -> Channel | None:
        """The next connection of the same user; None for a refused one; raises `OSError` once closed."""

    def close(self) -> None: ...


class BadLine(Exception):
    """The other end does not speak our language: the line is too long."""


def listen(folder: Path) -> Listener:
    """Open the one listening end of the profile in `folder`; raises `Broken`.

    The caller holds the profile's instance lock: whatever socket lies there is a dead one's.
    """
    if sys.platform == "win32":
        from softphone.system import windows_channel

        return windows_channel.listen(folder)
    troubles = []
    for path in _socket_paths(folder):
        try:
            return _SocketListener(path)
        except OSError as exc:  # a file system without sockets: the next place will do
            troubles.append(f"{path}: {exc.strerror or exc}")
    raise Broken("control socket", f"cannot listen: {'; '.join(troubles)}")


def connect(folder: Path) -> Channel:
    """Reach the running instance of the profile in `folder`; raises `TryLater` when there is none."""
    if sys.platform == "win32":
        from softphone.system import windows_channel

        return windows_channel.connect(folder)
    for path in _socket_paths(folder):
        end = _unix_socket()
        try:
            end.settimeout(PATIENCE_S)
            end.connect(str(path))
            if peer_uid(end) == _our_uid():
                return SocketChannel(end)
        except OSError:
            pass  # nobody there; the next place may have it
        end.close()
    raise TryLater("instance", "no softphone of this profile is running")


def _socket_paths(folder: Path) -> tuple[Path, ...]:
    """Where the socket may be, best first. Sessions differ in their temporary folder, and theirs may be too
    long as well; /tmp is there on every system with UNIX sockets, so that both ends agree."""
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    name = f"softphone-{_our_uid()}-{digest}"
    inside = folder / "control" / "socket"
    paths = (inside, *(parent / name / "socket" for parent in (_SHORT_FOLDER, Path(tempfile.gettempdir()))))
    return tuple(path for path in paths if len(os.fsencode(path)) <= _PATH_LIMIT)


def own_folder(folder: Path) -> None:
    """Make sure that `folder` is ours and closed to others; raises `PermissionError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or facts.st_uid != _our_uid():
        raise PermissionError(f"{folder} belongs to somebody else")
    if facts.st_mode & 0o077:
        folder.chmod(0o700)


def _our_uid() -> int:
    if sys.platform == "win32":
        raise OSError("users have no numbers on Windows")
    return os.geteuid()


def _unix_socket() -> socket.socket:
    if sys.platform == "win32":
        raise OSError("named pipes are used on Windows")
    return socket.socket(socket.AF_UNIX)


def peer_uid(end: socket.socket) -> int:
    """The user at the other end, as the kernel knows it."""
    if sys.platform == "win32":
        raise OSError("users have no numbers on Windows")
    if sys.platform == "darwin":
        sol_local, local_peercred = 0, 1  # <sys/un.h>; the answer is struct xucred: version, uid, …
        return int(struct.unpack_from("=II", end.getsockopt(sol_local, local_peercred, 76))[1])
    credentials = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


class SocketChannel:
    """A `Channel` over a connected UNIX socket."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._end.settimeout(PATIENCE_S)
        self._buffer = bytearray()
        self._closed = False

    def read_line(self) -> bytes | None:
        while True:
            line, newline, rest = self._buffer.partition(b"\n")
            if newline:
                self._buffer = rest
                return bytes(line)
            if len(self._buffer) > LINE_LIMIT:
                raise BadLine
            if not self._fill():
                return None

    def wait(self, timeout_s: float) -> bool:
        if b"\n" in self._buffer:
            return True
        with selectors.DefaultSelector() as selector:  # select() knows no descriptor above 1,023
            selector.register(self._end, selectors.EVENT_READ)
            return bool(selector.select(max(timeout_s, 0.0)))

    def write_line(self, line: bytes) -> None:
        self._end.sendall(line + b"\n")

    def close(self) -> None:
        """Also wakes whoever reads or writes."""
        self._closed = True
        with contextlib.suppress(OSError):  # the other end was faster
            self._end.shutdown(socket.SHUT_RDWR)
        self._end.close()

    def _fill(self) -> bool:
        try:
            received = self._end.recv(65_536)
        except TimeoutError:
            return not self._closed  # nothing to read is no fault; the timeout is meant for writing
        self._buffer += received
        return bool(received)


class _SocketListener:
    def __init__(self, path: Path) -> None:
        own_folder(path.parent)
        path.unlink(missing_ok=True)
        self._path = path
        self._end = _unix_socket()
        try:
            self._end.bind(str(path))
            path.chmod(0o600)
            self._end.listen(16)
        except OSError:
            self._end.close()
            raise

    def accept(self) -> Channel | None:
        end, _ = self._end.accept()
        if peer_uid(end) != _our_uid():
            end.close()
            return None
        return SocketChannel(end)

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # "not connected" is what macOS says here
            self._end.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() alone does not
        self._end.close()
