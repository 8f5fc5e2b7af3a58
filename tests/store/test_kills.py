"""Killing the desk loses nothing, delivers nothing twice; `python -m tests.store.kills` does it at length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the lives are forked")


def kill(*options: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: forking is for processes with one thread."""
    command = [sys.executable, "-m", "tests.store.kills", *options]
    return subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=110
    )


def test_killed_at_any_moment_nothing_is_lost_and_nothing_arrives_twice() -> None:
    done = kill("--count", "300", "--seed", "11")
    assert "300 kills" in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_kills_notice_an_outbox_that_does_not_mark_what_it_hands_out() -> None:
    done = kill("--count", "200", "--seed", "11", "--sabotage")
    assert done.returncode == 1
    assert "would be sent again unasked" in done.stdout or "times" in done.stdout
