"""The real window on a real X screen, driven by its keys and photographed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from softphone.ui.theme.tokens import LIGHT
from tests.peers.waiting import wait_for
from tests.peers.xvfb import VirtualDisplay

PROGRAM = """
import sys
from dataclasses import replace
from PySide6.QtCore import QTimer
from softphone.domain.events import CallChanged
from softphone.domain.settings import Theme, WindowSettings
from softphone.ui.main import Interface, make_application
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import CALLER, SETTINGS

application = make_application(["softphone"])
world = ExampleDesk(replace(SETTINGS, window=WindowSettings(Theme.LIGHT, "en")))
interface = Interface(application, world.desk, lambda action: action(), application.quit)
say = lambda text: print(text, flush=True)
world.bus.subscribe(CallChanged, lambda e: say(f"answering={e.call.answering} state={e.call.state.value}"))
interface.window.dial.field.textChanged.connect(lambda text: say(f"dial={text}"))
world.register()
interface.show()
QTimer.singleShot(0, lambda: say("shown"))
watch, told = QTimer(application), []

def look() -> None:
    ringing = interface.window.stage.ringing
    if interface.window.dial.field.text() == "42" and not world.desk.calling.calls:
        world.ring("storm-claims", CALLER)
    elif ringing.isVisible() and not ringing.answer.inert and not told:
        told.append(True)
        say("answerable")

watch.timeout.connect(look)
watch.start(20)
application.exec()
"""


@pytest.fixture
def program(display: VirtualDisplay) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **display.environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.terminate()
    process.communicate(timeout=10)


class Said:
    """What the program has said so far."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        assert program.stdout is not None
        self._stream = program.stdout
        self.lines: list[str] = []

    def until(self, text: str) -> None:
        """Read on until some line has had `text`."""
        while not any(text in line for line in self.lines):
            line = self._stream.readline()
            assert line, f"the program ended without {text!r}: {self.lines}"
            self.lines.append(line)


def share_of(display: VirtualDisplay, colour: str) -> float:
    """How much of the screen has that colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    return float((display.photograph().pixels == wanted).all(axis=2).mean())


@pytest.mark.peer("xvfb")
def test_typing_goes_on_when_it_rings_and_only_the_key_for_it_answers(
    display: VirtualDisplay, program: subprocess.Popen[str], tmp_path: Path
) -> None:
    said = Said(program)
    said.until("shown")
    window = display.window("Softphone")
    wait_for(lambda: share_of(display, LIGHT.canvas) > 0.005, "the window on the screen")
    assert share_of(display, LIGHT.good_tint) == 0
    display.press("4", "2", window=window)
    said.until("state=incoming")
    wait_for(lambda: share_of(display, LIGHT.good_tint) > 0.01, "the ringing card on the screen")
    display.press("7", window=window)
    said.until("dial=427")
    said.until("answerable")
    assert not any("answering=True" in line for line in said.lines)
    display.press("ctrl+shift+a", window=window)
    said.until("answering=True")
    display.screenshot(tmp_path / "ringing.png")
