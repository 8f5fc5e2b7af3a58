"""README-IT.md is run: every block marked `sh` as it stands, in one session of a shell after the other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.demo.world import AGENT, DemoWorld
from softphone.system.settings_values import read_table
from tests.cli.desk_process import Program
from tests.peers.secret_service import SecretService

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README-IT.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"`(softphone [a-z][a-z-]*)")


def blocks() -> list[tuple[str, str, str]]:
    """Language, what stands behind it, and text of each block."""
    return [(language, mark.strip(), text) for language, mark, text in BLOCK.findall(README)]


@pytest.fixture
def shell(secret_service: SecretService, tmp_path: Path) -> Iterator[tuple[Path, dict[str, str], DemoWorld]]:
    """A folder with `softphone` on the path, a fresh profile, and the demo as the company."""
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "settings.toml").write_text('[audio]\nmicrophone = "null"\n')
    programs = tmp_path / "bin"
    programs.mkdir()
    start = programs / "softphone"
    start.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m softphone --config-dir "{profile}" "$@"\n')
    start.chmod(0o755)
    with DemoWorld() as world:
        program = Program(profile, secret_service.environment)
        environment = {
            **program.environment,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "URL": world.provisioning.url,
            "CODE": world.provisioning.code,
            "SERVER": world.addresses.sip_host,
            "PORT": str(world.addresses.sip_port),
            "PASSWORD": world.passwords[AGENT],
        }
        yield tmp_path, environment, world


@pytest.mark.peer("secret_service")
@pytest.mark.timeout(180)
def test_every_command_for_it_works_as_it_stands(shell: tuple[Path, dict[str, str], DemoWorld]) -> None:
    folder, environment, _world = shell
    ran = 0
    for language, mark, text in blocks():
        if language != "sh" or (mark and not mark.startswith("exit")):
            continue
        wanted = int(mark.removeprefix("exit")) if mark else 0
        done = subprocess.run(
            ["sh", "-e", "-c", text],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == wanted, (text, done.stdout[-2_000:], done.stderr[-2_000:])
        ran += 1
    assert ran >= 8
    assert (folder / "support.zip").stat().st_size > 1_000


def test_each_block_is_run_or_says_who_runs_it_or_that_it_is_untried() -> None:
    for language, mark, text in blocks():
        if language in ("sh", "powershell", "bat", "bash"):
            known = re.fullmatch(r"(exit \d+|untried|elsewhere \S+)?", mark)
            assert known, (language, mark, text)
            if mark.startswith("elsewhere"):
                assert (ROOT / mark.split()[1]).exists(), mark
        if language == "toml":
            read_table(tomllib.loads(text))


def test_no_command_is_named_that_does_not_exist() -> None:
    from softphone.cli.entry import _COMMANDS

    named = {command.split()[1] for command in COMMANDS.findall(README)}
    assert named <= set(_COMMANDS), named
