"""`softphone --self-test` tells a sound installation from a broken one, check by check."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

import softphone
from softphone.cli import self_test
from tests.cli.desk_process import Program
from tests.peers.secret_service import SecretService

ROOT = Path(softphone.__file__).parent.parent
CHECKS = ["settings", "key_store", "codecs", "audio", "strong_noise", "certificates", "database", "qt"]


def report(program: Program, *arguments: str) -> tuple[int, Any]:
    done = program.run("--self-test", *arguments, timeout_s=110)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.peer("secret_service")
def test_a_sound_installation_passes_every_check(secret_service: SecretService, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[audio]\nmicrophone = "null"\n')
    code, found = report(Program(tmp_path, secret_service.environment))
    assert [name for name, check in found["checks"].items() if not check["ok"]] == []
    assert (code, found["ok"], list(found["checks"])) == (0, True, CHECKS)
    checks = found["checks"]
    assert checks["key_store"]["backend"] == "Secret Service"
    assert {"G722/16000", "PCMA/8000", "PCMU/8000"} <= set(checks["codecs"]["codecs"])
    assert checks["qt"]["platform"] == "offscreen"
    assert checks["audio"]["chosen"] == "null"


def test_each_broken_part_is_named_and_the_others_are_still_checked(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[audio]\nmicrophon = "null"\n')
    program = Program(
        tmp_path,
        {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "QT_QPA_PLATFORM": "no-such-platform"},
    )
    code, found = report(program)
    assert (code, found["ok"]) == (1, False)
    broken = {name: check for name, check in found["checks"].items() if not check["ok"]}
    assert set(broken) == {"settings", "key_store", "audio", "qt"}
    assert "line 2, key audio.microphon" in broken["settings"]["detail"]
    assert broken["key_store"]["reason"] == "unsafe"
    assert "no-such-platform" in broken["qt"]["detail"]


def test_a_check_that_a_machine_cannot_pass_can_be_left_out_and_the_report_says_so(tmp_path: Path) -> None:
    arguments = [word for name in CHECKS if name != "settings" for word in ("--self-test-without", name)]
    code, found = report(Program(tmp_path), *arguments)
    assert (code, list(found["checks"])) == (0, ["settings"])
    assert found["left_out"] == sorted(set(CHECKS) - {"settings"})
    done = Program(tmp_path).run("--self-test", "--self-test-without", "nonsense")
    assert done.returncode == 2


def test_a_child_that_outlives_its_check_does_not_hold_up_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under wine, and where a driver starts a service, what a check has started keeps its output open."""
    stays = tmp_path / "stays.py"
    stays.write_text(
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[0] + '.pid', 'w').write(str(child.pid))\n"
        "print('{\"ok\": true}')\n"
    )
    monkeypatch.setattr(self_test, "ourselves", lambda: [sys.executable, str(stays)])
    began = time.monotonic()
    try:
        assert self_test.check("qt", None)["ok"] is True
    finally:
        os.kill(int((tmp_path / "stays.py.pid").read_text()), signal.SIGKILL)
    assert time.monotonic() - began < 50


def test_the_version_is_that_of_the_package() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert softphone.__version__ == declared
    done = Program(ROOT).run("--version")
    assert done.stdout == f"softphone {declared}\n"
