"""`python -m softphone.demo` as a person or a script starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers.waiting import wait_for

LIMIT_S = 110


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The demo with its temporary files in `folder`, ended at the end whatever happens."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    environment.pop("DISPLAY", None)
    command = [sys.executable, "-m", "softphone.demo", *arguments]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Shorter than pytest's: the softphone's sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="d-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def test_a_whole_call_plays_by_itself_and_leaves_pictures_and_a_summary(folder: Path) -> None:
    output = folder / "output"
    with demo(folder, "--auto", "--output", str(output)) as process:
        out, err = process.communicate(timeout=LIMIT_S)
    found = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    assert found["problems"] == [], out + err
    assert process.returncode == 0
    assert found["ok"] is True
    call = found["calls"][0]
    assert list(call["steps_s"]) == ["calling", "ringing", "answered", "ended", "recorded"]
    assert call["outcome"]["customer_id"] == "C001"
    assert len(list(output.glob("*.png"))) >= 10
    left = [path.name for path in folder.iterdir() if path.name.startswith("softphone-")]
    assert left == []


def test_a_desk_that_cannot_start_fails_the_demo_and_says_so(folder: Path) -> None:
    output = folder / "output"
    with demo(folder, "--auto", "--output", str(output), "--", "--no-such-option") as process:
        process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    found = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    assert not found["ok"]
    assert "the desk left no report" in found["problems"]


def test_too_many_calls_are_refused(folder: Path) -> None:
    with demo(folder, "--auto", "--calls", "99") as process:
        _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert "--calls" in err


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_no_secret_is_in_any_command_line_or_environment(folder: Path) -> None:
    output = folder / "output"
    with demo(folder, "--auto", "--output", str(output)) as process:
        children = wait_for(lambda: _children(process.pid), "the softphone's process", timeout_s=30)
        lines = [(Path("/proc") / str(pid) / "cmdline").read_bytes().split(b"\0") for pid in children]
        assert any(b"--profile-stdin" in line for line in lines)
        for line in lines:
            assert not [word for word in line if b"account/" in word or b"crm/demo" in word]
        for pid in children:
            names = {
                pair.split(b"=")[0]
                for pair in (Path("/proc") / str(pid) / "environ").read_bytes().split(b"\0")
            }
            extra = {name.decode() for name in names if name} - set(os.environ)
            assert extra <= {"TMPDIR", "QT_QPA_PLATFORM", "LC_CTYPE"}
        process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0


def _children(pid: int) -> list[int]:
    try:
        text = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]
