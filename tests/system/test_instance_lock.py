"""One softphone per profile: real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from softphone.domain.errors import Broken
from softphone.system import instance_lock

pytestmark = pytest.mark.skipif(os.name == "nt", reason="UNIX sockets")


def test_the_second_instance_of_a_profile_finds_it_taken_until_the_first_is_dead(tmp_path: Path) -> None:
    hold = (
        "import sys, pathlib\nfrom softphone.system import instance_lock\n"
        "lock = instance_lock.take(pathlib.Path(sys.argv[1]))\n"
        "print(lock is not None, flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "True\n"
        assert instance_lock.take(tmp_path) is None
        other = instance_lock.take(tmp_path / "other")
        assert other is not None
        other.release()
        first.kill()
    lock = instance_lock.take(tmp_path)
    assert lock is not None
    assert instance_lock.take(tmp_path) is None
    lock.release()
    again = instance_lock.take(tmp_path)
    assert again is not None
    again.release()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Broken):
        instance_lock.take(tmp_path / "file")
