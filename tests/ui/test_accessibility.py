"""Keyboard alone and a screen reader can do everything, in every state of the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from softphone.domain.settings import Settings, Theme, WindowSettings
from softphone.ui.main import Interface
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import AUDIO_CHOICE, SETTINGS
from softphone.ui.screenshots.scenes import PICTURES, Picture
from softphone.ui.theme.tokens import Size
from tests.ui.conftest import take_down

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QPlainTextEdit,
    QComboBox,
    QSlider,
    QDateTimeEdit,
    QAbstractItemView,
)
OF_QT = ("qt_", "ScrollLeftButton", "ScrollRightButton")


@pytest.fixture(scope="module", params=PICTURES, ids=lambda picture: str(picture.name))
def shown(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[QWidget]:
    """The window in one of its states; built once for all tests of that state."""
    picture: Picture = request.param
    settings = Settings(
        SETTINGS.accounts if picture.signed_in else (),
        SETTINGS.campaigns,
        audio=AUDIO_CHOICE,
        window=WindowSettings(Theme.LIGHT, "en"),
    )
    world = ExampleDesk(settings)
    interface = Interface(qapp, world.desk, lambda action: action(), lambda: None)
    interface.window.resize(Size.PHONE_WIDTH, Size.WINDOW_HEIGHT)
    interface.window.show()
    widget = picture.play(world, interface) or interface.window
    qapp.processEvents()
    yield widget
    take_down(qapp, interface)


def controls(window: QWidget) -> list[QWidget]:
    """What can be operated and is in sight, without the inner parts of Qt's own widgets."""
    found = [w for w in window.findChildren(QWidget) if isinstance(w, CONTROLS) and w.isVisibleTo(window)]
    return [w for w in found if not w.objectName().startswith(OF_QT) and not _inner(w)]


def _inner(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return isinstance(parent, QComboBox | QDateTimeEdit | QLineEdit) or (
        isinstance(parent, QAbstractScrollArea) and widget is parent.viewport()
    )


def test_every_control_has_a_name_for_screen_readers(shown: QWidget) -> None:
    nameless = [(type(w).__name__, w.objectName()) for w in controls(shown) if not w.accessibleName().strip()]
    assert nameless == []


def test_every_control_can_be_reached_with_the_tab_key(
    qtbot: QtBot, qapp: QApplication, shown: QWidget
) -> None:
    wanted = {w for w in controls(shown) if w.isEnabled() and w.objectName() != "outcome_list"}
    shown.activateWindow()
    qtbot.waitUntil(lambda: qapp.activeWindow() is shown)
    reached: set[QWidget] = set()
    for _ in range(2 * len(wanted) + 10):
        focused = qapp.focusWidget() or shown
        reached.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    missed = [(type(w).__name__, w.objectName(), w.accessibleName()) for w in wanted - reached]
    assert missed == []


def test_the_focus_can_be_seen_on_every_control(qtbot: QtBot, qapp: QApplication, shown: QWidget) -> None:
    shown.activateWindow()
    qtbot.waitUntil(lambda: qapp.activeWindow() is shown)
    unseen = []
    for widget in controls(shown):
        if not widget.isEnabled() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        shown.setFocus()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if widget.hasFocus() and widget.grab().toImage() == before:
            unseen.append((type(widget).__name__, widget.objectName(), widget.accessibleName()))
    assert unseen == []


def test_nothing_that_can_be_clicked_is_smaller_than_24_pixels(shown: QWidget) -> None:
    small = [
        (w.accessibleName(), w.width(), w.height())
        for w in controls(shown)
        if isinstance(w, QAbstractButton) and (w.width() < Size.TARGET_MIN or w.height() < Size.TARGET_MIN)
    ]
    assert small == []
