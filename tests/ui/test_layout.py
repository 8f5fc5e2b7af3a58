"""Nothing stands on top of anything else in the narrow window, however much there is to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from softphone.domain.settings import Theme, WindowSettings
from softphone.ui.main import Interface
from softphone.ui.screenshots.__main__ import LOW, NARROW
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import SETTINGS
from softphone.ui.screenshots.scenes import PICTURES
from tests.ui.conftest import take_down

_CROWDED = ("bad-line", "second-ring", "two-calls", "supervised-whisper")


@pytest.fixture
def desk() -> ExampleDesk:
    return ExampleDesk(replace(SETTINGS, window=WindowSettings(Theme.LIGHT, "en")))


@pytest.fixture
def window(qapp: QApplication, desk: ExampleDesk) -> Iterator[Interface]:
    interface = Interface(qapp, desk.desk, lambda action: action(), lambda: None)
    yield interface
    take_down(qapp, interface)


@pytest.mark.parametrize("size", [NARROW, LOW], ids=["narrow", "low"])
@pytest.mark.parametrize("scene", _CROWDED)
def test_the_parts_of_the_window_stand_below_each_other(
    qapp: QApplication, desk: ExampleDesk, window: Interface, scene: str, size: QSize
) -> None:
    main = window.window
    main.resize(size)
    desk.register()
    window.show()
    next(picture for picture in PICTURES if picture.name == scene).play(desk, window)
    window.rendering.tick()
    for _ in range(4):
        qapp.processEvents()
    parts = (main.agent, main.registration, main.notices, main.dial, main.stage, main.lines, main.tabs)
    shown = [part for part in parts if part.isVisible()]
    assert main.stage in shown
    assert main.height() == size.height()
    for one, other in combinations(shown, 2):
        assert not one.geometry().intersects(other.geometry()), f"{one} on {other}"
