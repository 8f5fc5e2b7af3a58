"""SIGKILL for a desk in whose window a form of the customer's card is half-typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softphone.demo.pbx.news import CallState
from softphone.demo.profile import DemoProfile, to_line
from softphone.demo.world import DemoWorld
from tests.e2e.headless import profile_in

MERIDIAN = (("X-Queue", "meridian-claims"),)


class Life:
    """One process of `card_life`."""

    def __init__(self, folder: Path, world: DemoWorld, action: str) -> None:
        profile = profile_in(world)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.card_life", str(folder), action],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        assert self._process.stdin is not None
        self._process.stdin.write(to_line(DemoProfile(profile.settings, profile.secrets)))
        self._process.stdin.close()

    def registered(self) -> None:
        assert self._line() == "registered"

    def form(self) -> dict[str, str]:
        """What stands in it, once it stands open."""
        found = json.loads(self._line())
        assert isinstance(found, dict)
        return found

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self.ended()

    def ended(self) -> None:
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def end_if_alive(self) -> None:
        if self._process.poll() is None:
            self.kill()

    def _line(self) -> str:
        """What it says of itself, among the lines of its log."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(b"life: "):
                return line.decode().removeprefix("life: ").strip()
        raise AssertionError("it has ended")


Live = Callable[[str], Life]


@pytest.fixture
def live(world: DemoWorld, tmp_path: Path) -> Iterator[Live]:
    lives: list[Life] = []

    def begin(action: str) -> Life:
        lives.append(Life(tmp_path, world, action))
        return lives[-1]

    yield begin
    for life in lives:
        life.end_if_alive()


@pytest.mark.parametrize(
    ("action", "number", "typed"),
    [
        ("new", "+442079460999", {"name": "Ida van", "company": ""}),
        ("edit", "+442079460018", {"email": "new@exam"}),
        ("search", "+442079460018", {"search": "Ida va"}),
    ],
)
def test_what_is_half_typed_stands_there_again(
    world: DemoWorld, tmp_path: Path, live: Live, action: str, number: str, typed: dict[str, str]
) -> None:
    first = live(action)
    first.registered()
    caller = world.ring(number, headers=MERIDIAN)
    assert first.form() == typed
    first.kill()
    second = live("look")
    second.registered()
    assert second.form() == typed
    assert caller.state is CallState.ESTABLISHED, "the call has gone on"
    caller.hang_up()
    (tmp_path / "end").touch()
    second.ended()
