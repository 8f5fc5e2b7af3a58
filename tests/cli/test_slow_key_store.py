"""A key store that waits for its user, as a password prompt does: the window answers meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.desk_process import Program
from tests.peers.waiting import wait_for

WAITING = """
import sys, time
from pathlib import Path
from softphone.system.secrets import KeyringSecrets

gate = Path(sys.argv[1])

def ask(_self, name):
    while not gate.exists():
        time.sleep(0.02)
    return "0" * 64

KeyringSecrets._ask = ask
from softphone.__main__ import main
sys.exit(main(sys.argv[2:]))
"""
SETTINGS = """\
[audio]
microphone = "null"
[[accounts]]
id = "main"
server = "127.0.0.1"
port = 9
user = "7001"
"""


def test_while_the_key_store_asks_for_its_password_the_window_answers(tmp_path: Path) -> None:
    folder, gate = tmp_path / "profile", tmp_path / "gate"
    folder.mkdir()
    (folder / "settings.toml").write_text(SETTINGS)
    program = Program(folder)
    command = [sys.executable, "-c", WAITING, str(gate), "--config-dir", str(folder)]
    with (tmp_path / "desk.log").open("wb") as log:
        desk = subprocess.Popen(command, env=program.environment, stdout=log, stderr=log)
    try:
        wait_for(
            lambda: program.ctl("--timeout", "2", "status")[0] == 0, "an answer", timeout_s=30, poll_s=0.1
        )
        states = [r["state"] for r in registrations(program)]
        assert states == ["off"]
        gate.touch()
        wait_for(
            lambda: registrations(program)[0]["state"] in ("trying", "waiting"),
            "it signs in once it may",
            timeout_s=20,
            poll_s=0.2,
        )
    finally:
        gate.touch()
        program.run("ctl", "quit")
        try:
            assert desk.wait(20) == 0
        finally:
            desk.kill()


def registrations(program: Program) -> list[dict[str, str]]:
    found = program.status()["registrations"]
    assert isinstance(found, list)
    return found
