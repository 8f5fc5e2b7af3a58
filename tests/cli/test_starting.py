"""Starting the softphone itself: once per profile, with a mistake in the settings, ended by a signal."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone import launch
from softphone.cli import start
from softphone.composition import Options
from softphone.demo.world import DemoWorld
from tests.cli.desk_process import DeskProcess, Program
from tests.peers.waiting import wait_for

WITHOUT_KEY_STORE = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}


def test_of_several_starts_at_once_one_stays_and_the_others_hand_over(tmp_path: Path) -> None:
    program = Program(tmp_path, WITHOUT_KEY_STORE)
    started = [
        subprocess.Popen([*program.command, "tel:123"], env=program.environment, stderr=subprocess.DEVNULL)
        for _ in range(3)
    ]
    try:
        wait_for(
            lambda: sum(each.poll() is not None for each in started) == 2,
            "two to end",
            timeout_s=60,
            poll_s=0.1,
        )
        assert [each.poll() for each in started if each.poll() is not None] == [0, 0]
        (running,) = [each for each in started if each.poll() is None]
        assert program.status()["pid"] == running.pid
        program.ok("quit")
        assert running.wait(20) == 0
    finally:
        for each in started:
            each.kill()
            each.wait()


def _ended(started: list[subprocess.Popen[bytes]]) -> list[subprocess.Popen[bytes]]:
    return [each for each in started if each.poll() is not None]


def test_a_mistake_in_the_settings_ends_the_start_and_is_named_with_line_and_key(tmp_path: Path) -> None:
    text = '[calls]\ncodecs = [\n  "PCMA",\n  711,\n]\n'
    (tmp_path / "settings.toml").write_text(text)
    done = Program(tmp_path, WITHOUT_KEY_STORE).run()
    assert done.returncode == 1
    assert f"{tmp_path / 'settings.toml'}, line 4, key calls.codecs[1]: Expected str" in done.stderr
    assert (tmp_path / "settings.toml").read_text() == text


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_softphone_properly(tmp_path: Path, sign: signal.Signals) -> None:
    with DemoWorld() as world, DeskProcess(tmp_path / "profile", world) as desk:
        desk.process.send_signal(sign)
        assert desk.process.wait(20) == 0
        with pytest.raises(LookupError):
            world.ring()
        assert desk.ctl("status")[0] == 3


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_the_window_is_there_leaves_no_engine_behind(
    tmp_path: Path, sign: signal.Signals
) -> None:
    program = Program(tmp_path, WITHOUT_KEY_STORE)
    running = subprocess.Popen(program.command, env=program.environment, stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    engine = wait_for(lambda: children.read_text().split(), "the engine's process", poll_s=0.001)[0]
    running.send_signal(sign)
    assert running.wait(20) in (0, 128 + sign)  # 0: the window was there already
    assert not Path(f"/proc/{engine}").exists()


@pytest.fixture
def signals() -> Iterator[None]:
    """What starting changes about signals is put back."""
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, handler in before.items():
        signal.signal(sign, handler)


@pytest.mark.usefixtures("signals")
def test_a_signal_while_the_settings_are_read_takes_the_engine_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[launch.Launch] = []

    def interrupted(_options: Options, made: launch.Launch) -> int:
        launched.append(made)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the signal was not minded")

    monkeypatch.setattr("softphone.composition.run", interrupted)
    with pytest.raises(SystemExit) as left:
        start.run(
            argparse.Namespace(
                config_dir=tmp_path, profile_stdin=False, autoplay="", autoplay_calls=1, verbose=False
            ),
            "",
        )
    assert left.value.code == 128 + signal.SIGINT
    assert launched[0].engine is not None
    assert launched[0].engine.poll() is not None
    again = launch.launch(tmp_path)
    assert again is not None
    again.abandon()
