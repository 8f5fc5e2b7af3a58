"""What a failed test left open is no other test's failure; what a passing one leaves open still is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LEAVES_MUCH = """
import gc, socket, subprocess, sys

def test_that_ends_in_the_middle():
    program = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    open_one = socket.socket()
    assert {outcome}

def test_that_comes_after_it():
    gc.collect()
"""


def outcome_of(folder: Path, *, outcome: bool) -> str:
    """The last line of a run of both."""
    (folder / "test_both.py").write_text(LEAVES_MUCH.format(outcome=outcome))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.peers.aftermath", "-p", "no:cacheprovider"]
    options = ["-W", "error", "--rootdir", str(folder), "-c", str(folder / "none.ini"), "--noconftest"]
    (folder / "none.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [*command, *options, str(folder / "test_both.py")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()[-1]


def test_after_a_failed_test_the_next_one_passes(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, outcome=False).startswith("1 failed, 1 passed")


def test_what_a_passing_test_leaves_open_is_told(tmp_path: Path) -> None:
    assert "failed" in outcome_of(tmp_path, outcome=True)
