"""A desk in a process of its own where the system refuses: `python -m tests.store.cramped_desk WHAT DIR`.

`read-only`: the file and its folder may not be written. `file-limit`: no file may grow beyond a limit
(RLIMIT_FSIZE; what a quota does). `small-disk`: the folder is a file system of a few pages (mounting it needs
the right to). Each prints JSON: the troubles met, and what was found again once the system relented.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from softphone.domain.keeping_events import StoreFailed, StoreOpened, WrapUpSaved
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.key import MemoryKey
from tests.store.keeping import Kept

KEY = bytes(range(32))
NOBODY = 65534
CALLS = 12


def read_only(folder: Path) -> dict[str, object]:
    path = folder / "records.db"
    _become_ordinary(folder)
    prepared = Kept(path, MemoryKey(KEY))
    prepared.open()
    prepared.close()
    path.chmod(0o400)
    folder.chmod(0o500)

    def relent() -> None:
        folder.chmod(0o700)
        path.chmod(0o600)

    return _work(path, relent)


def file_limit(folder: Path) -> dict[str, object]:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    return _work(folder / "records.db", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard)))


def small_disk(folder: Path) -> dict[str, object]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        return {"skipped": mounted.stderr.decode()}
    more = ["mount", "-o", "remount,size=8m", str(folder)]
    return _work(folder / "records.db", lambda: subprocess.run(more, check=True))


def _become_ordinary(folder: Path) -> None:
    """Root may write everywhere: be somebody else. All modules are loaded by now."""
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        os.setuid(NOBODY)


def _work(path: Path, relent: Callable[[], object]) -> dict[str, object]:
    kept = Kept(path, MemoryKey(KEY))
    kept.open()
    for number in range(CALLS):
        kept.take_call(number)
        kept.save(number)
    troubles = {e.trouble for e in kept.heard if isinstance(e, StoreOpened | StoreFailed)}
    relent()
    while kept.keeper.retry_in_s is not None:
        kept.wait_for_retry()
    saved = {e.call_id for e in kept.all(WrapUpSaved) if not e.in_memory}
    lost = kept.close()
    again = Kept(path, MemoryKey(KEY))
    opened = again.open()
    found = len(again.history().entries)
    again.close()
    return {
        "troubles": sorted(troubles - {StoreTrouble.NONE}),
        "saved": len(saved),
        "lost": lost,
        "found": found,
        "opened": opened.trouble.value,
    }


def main() -> int:
    what, folder = sys.argv[1:]
    kinds = {"read-only": read_only, "file-limit": file_limit, "small-disk": small_disk}
    print(json.dumps(kinds[what](Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
