"""`softphone audit` beside a running desk, with the real key store."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.system.folders import folders
from tests.cli.desk_process import Program
from tests.peers.secret_service import SecretService
from tests.peers.waiting import wait_for

pytestmark = pytest.mark.peer("secret_service")


@pytest.fixture
def program(secret_service: SecretService, tmp_path: Path) -> Iterator[Program]:
    """A running desk whose user is no lead, without any account."""
    made = Program(tmp_path / "profile", secret_service.environment)
    running = subprocess.Popen(
        made.command, env=made.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: made.ctl("status")[0] == 0, "the desk", timeout_s=30, poll_s=0.2)
    yield made
    made.run("ctl", "quit")
    assert running.wait(20) == 0


def test_an_attempt_is_in_the_log_which_is_verified_exported_and_found_when_cut(
    program: Program, tmp_path: Path
) -> None:
    assert program.refused("supervise", "7001", "--mode", "whisper")[0] == "refused"
    exported = wait_for(lambda: program.run("audit", "export").stdout, "the entry", timeout_s=20)
    (entry,) = [json.loads(line) for line in exported.splitlines()]
    assert (entry["number"], entry["action"], entry["subject"], entry["detail"]) == (
        1,
        "supervision_refused",
        "7001",
        "whisper not_a_lead",
    )
    verified = program.run("audit", "verify")
    assert (verified.returncode, json.loads(verified.stdout)["good"]) == (0, True)

    target = tmp_path / "audit.jsonl"
    assert program.run("audit", "export", str(target)).returncode == 0
    assert target.read_text(encoding="utf-8") == exported
    nowhere = program.run("audit", "export", str(tmp_path / "no" / "where"))
    assert (nowhere.returncode, "cannot write" in nowhere.stderr) == (1, True)

    program.run("ctl", "quit")
    log = folders(program.folder).audit_log
    wait_for(lambda: not Path(f"{log}-wal").exists(), "the desk closed the log", timeout_s=20)
    log.unlink()
    verified = program.run("audit", "verify")
    said = json.loads(verified.stdout)
    assert (verified.returncode, said["good"], said["trouble"]) == (1, False, "no_log")


def test_without_anything_supervised_there_is_nothing_to_find(program: Program) -> None:
    verified = program.run("audit", "verify")
    assert (verified.returncode, json.loads(verified.stdout)["entries"]) == (0, 0)
    assert program.run("audit", "export").stdout == ""
