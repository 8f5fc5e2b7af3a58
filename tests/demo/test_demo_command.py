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

import httpx
import pytest

from tests.peers.waiting import wait_for

LIMIT_S = 110


@contextmanager
def demo(folder: Path, *arguments: str, screen: str = "") -> Iterator[subprocess.Popen[str]]:
    """The demo with its temporary files in `folder`, ended at the end whatever happens."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        environment.pop(name, None)
    if screen:
        environment["QT_QPA_PLATFORM"] = screen
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


@pytest.mark.alone
def test_a_whole_call_plays_by_itself_without_showing_a_secret_and_leaves_a_summary(folder: Path) -> None:
    output = folder / "output"
    with demo(folder, "--auto", "--output", str(output)) as process:
        if sys.platform == "linux":
            assert _no_secret_shows(process.pid)
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


def test_a_demo_for_a_person_goes_on_until_it_is_ended_and_leaves_nothing_behind(folder: Path) -> None:
    with demo(folder, screen="offscreen") as process:
        assert process.stdout is not None
        told = iter(process.stdout.readline, "")
        url = next(line.split()[-1] for line in told if "CRM in the browser" in line)
        assert any("600  speech" in line for line in told)
        page = httpx.get(f"{url}page/state.json", trust_env=False).json()
        assert page["calls"] == []
        (desk,) = wait_for(lambda: _children(process.pid), "the softphone's process")
        process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == 143
        assert not (Path("/proc") / str(desk)).exists()
    assert list(folder.iterdir()) == []


def test_too_many_calls_are_refused(folder: Path) -> None:
    with demo(folder, "--auto", "--calls", "99") as process:
        _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert "--calls" in err


def _no_secret_shows(demo_pid: int) -> bool:
    """Whether the softphone's command line and environment hold nothing but what they should."""
    children = wait_for(lambda: _children(demo_pid), "the softphone's process", timeout_s=30)
    wait_for(lambda: any(b"--profile-stdin" in _words(pid) for pid in children), "its command line")
    words = [word for pid in children for word in _words(pid)]
    pairs = [pair for pid in children for pair in _pairs(pid)]
    extra = {pair.split("=")[0] for pair in pairs if pair} - set(os.environ)
    return extra <= {"TMPDIR", "QT_QPA_PLATFORM", "LC_CTYPE"} and not [
        word for word in words if b"account/" in word or b"crm/demo" in word
    ]


def _pairs(pid: int) -> list[str]:
    return (Path("/proc") / str(pid) / "environ").read_bytes().decode(errors="replace").split("\0")


def _words(pid: int) -> list[bytes]:
    return (Path("/proc") / str(pid) / "cmdline").read_bytes().split(b"\0")


def _children(pid: int) -> list[int]:
    try:
        text = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]
