"""The system itself refuses to write: really read-only, really too small, really full."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.cramped_desk import CALLS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits and mounts of POSIX")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Reachable for an ordinary user, too: pytest's own folders are root's when root runs it."""
    made = Path(tempfile.mkdtemp())
    yield made
    made.chmod(0o700)
    shutil.rmtree(made)


def desk(*arguments: str, before: tuple[str, ...] = ()) -> dict[str, object]:
    command = [*before, sys.executable, "-m", "tests.store.cramped_desk", *arguments]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def all_landed(troubles: list[str]) -> dict[str, object]:
    return {"troubles": troubles, "saved": CALLS, "lost": 0, "found": CALLS, "opened": "none"}


def test_a_read_only_folder_is_told_and_everything_lands_when_it_can_be_written(folder: Path) -> None:
    assert desk("read-only", str(folder)) == all_landed(["read_only"])


def test_a_file_that_may_not_grow_is_told_and_everything_lands_when_it_may(folder: Path) -> None:
    found = desk("file-limit", str(folder))
    assert found["troubles"] in (["disk_full"], ["other"])
    assert found == all_landed(found["troubles"])


def test_a_full_file_system_is_told_and_everything_lands_when_it_has_room(folder: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here to mount a small file system with")
    probe = subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("this machine does not let us mount a small file system")
    found = desk("small-disk", str(folder), before=("unshare", "-rm"))
    if "skipped" in found:
        pytest.skip(str(found["skipped"]))
    assert found == all_landed(["disk_full"])
