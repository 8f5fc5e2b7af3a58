"""Free ports on loopback that two test workers never share.

Ports lie below the kernel's range for outgoing connections, and each is held by a file lock for the
life of the process, so that a server restarted in a test finds its own port free again.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

LOWEST = 10_200
SINGLES_END = 20_000
"""Single ports come from below, blocks from above: strewn about, singles would leave no block whole."""
HIGHEST = 31_800


def free_port() -> int:
    """One port free for both UDP and TCP, reserved for this process."""
    return port_block(1)


def port_block(size: int) -> int:
    """The first of ``size`` neighbouring ports (even, as RTP wants it), reserved for this process."""
    step = size + size % 2
    lowest, highest = (LOWEST, SINGLES_END) if size == 1 else (SINGLES_END, HIGHEST)
    starts = list(range(lowest, highest - step, step))
    random.shuffle(starts)
    for first in starts:
        if _reserve(first, size):
            return first
    raise RuntimeError(f"no {size} neighbouring free ports between {lowest} and {highest}")


def _reserve(first: int, size: int) -> bool:
    locks: list[int] = []
    for port in range(first, first + size):
        lock = _lock(port)
        if lock is not None:
            locks.append(lock)
        if lock is None or not _is_free(port):
            for held in locks:
                os.close(held)
            return False
    return True  # the descriptors stay open on purpose, until the process ends


def _lock(port: int) -> int | None:
    folder = Path(tempfile.gettempdir()) / f"softphone-test-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
