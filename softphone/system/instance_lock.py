"""One running instance per profile: a lock that the operating system gives back when its holder dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from softphone.domain.errors import Broken


class InstanceLock:
    """Held from `take` until `release` or the end of the process, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor  # a bare number: a lost reference must not give the lock back

    def release(self) -> None:
        os.close(self._descriptor)


def take(folder: Path) -> InstanceLock | None:
    """Become the one instance of the profile in `folder`; None when another one runs; raises `Broken`."""
    path = folder / "instance.lock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise Broken("instance lock", f"cannot open {path}: {exc.strerror}") from exc
    if not _locked(descriptor):
        os.close(descriptor)
        return None
    return InstanceLock(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
