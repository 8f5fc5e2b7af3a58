"""The first steps of a desk: be the only one of its profile, have the engine started while the rest loads.

Registering waits for what is imported here, so that is next to nothing (80 ms of the desk's 500).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from softphone.phone import spawn
from softphone.system import instance_lock
from softphone.system.folders import Folders, folders
from softphone.system.instance_lock import InstanceLock


class Launch:
    """What a desk has before anything else: folders, the lock and, unless one lived already, its engine."""

    def __init__(self, where: Folders, lock: InstanceLock, engine: subprocess.Popen[bytes] | None) -> None:
        self.where = where
        self.engine = engine
        self._lock: InstanceLock | None = lock

    def end(self) -> None:
        """The desk is over: another one of this profile may start. Idempotent."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    def abandon(self) -> None:
        """There will be no desk: take the engine back that was started for it."""
        if self.engine is not None:
            spawn.kill(self.engine.pid, self.engine)
        self.end()


def launch(config_dir: Path | None) -> Launch | None:
    """Become the desk of the profile in `config_dir`; None when another one runs. Raises `Broken`."""
    where = folders(config_dir)
    where.create()
    lock = instance_lock.take(where.data)
    return Launch(where, lock, spawn.ahead(where.data)) if lock is not None else None
