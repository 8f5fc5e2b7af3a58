"""How the program starts itself again: with `-m` in a checkout, by a flag where it has but a launcher."""

from __future__ import annotations

import subprocess
import sys

import pytest

from softphone import program
from softphone.engine.audio import scouting
from softphone.phone import spawn


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the launchers of an installed build start it."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/softphone/bin/softphone")


def test_a_checkout_uses_its_interpreter() -> None:
    assert program.ourselves() == (sys.executable, "-m", "softphone")
    assert spawn.engine_command() == (sys.executable, "-m", "softphone.engine")


@pytest.mark.usefixtures("installed")
def test_an_installed_build_has_flags_instead_of_modules() -> None:
    assert program.ourselves() == ("/opt/softphone/bin/softphone",)
    assert spawn.engine_command() == ("/opt/softphone/bin/softphone", "--engine-process")
    assert program.module_or_flag(scouting.MODULE, program.SCOUT_FLAG) == (
        "/opt/softphone/bin/softphone",
        "--audio-scout",
    )


def test_the_flag_of_the_scout_leads_to_the_list_of_devices() -> None:
    command = [sys.executable, "-m", "softphone", program.SCOUT_FLAG]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"[")


def test_the_demo_is_a_command_of_the_installed_program() -> None:
    command = [sys.executable, "-m", "softphone", "demo", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0
    assert "usage: softphone demo" in done.stdout


def test_options_of_a_command_are_not_taken_for_abbreviations_of_ours() -> None:
    command = [sys.executable, "-m", "softphone", "demo", "--auto", "--calls", "9"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "--calls must be between 1 and 8" in done.stderr
