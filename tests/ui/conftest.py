"""A whole interface on a desk of fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from softphone.domain.settings import Settings, Theme, WindowSettings
from softphone.ui.formats import PlainFormats
from softphone.ui.main import Interface
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Size
from softphone.ui.words import Words
from tests.fakes.world import SETTINGS, World

ENGLISH = WindowSettings(Theme.LIGHT, "en")


@pytest.fixture
def wording() -> Wording:
    return Wording(Words("en"), PlainFormats())


@pytest.fixture
def world() -> World:
    return World(replace(SETTINGS, window=ENGLISH))


Build = Callable[[World], Interface]


@pytest.fixture
def build(qapp: QApplication) -> Iterator[Build]:
    """Makes the interface of a world; news are drawn at once."""
    made: list[Interface] = []

    def make(world: World) -> Interface:
        interface = Interface(qapp, world.desk, lambda action: action(), lambda: None)
        made.append(interface)
        world.start()
        interface.window.resize(Size.PHONE_WIDTH, Size.WINDOW_HEIGHT)
        interface.window.show()
        return interface

    yield make
    for interface in made:
        take_down(qapp, interface)
    # Without a running event loop deleteLater() leaves them to the collector, which may be on any thread.
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def take_down(application: QApplication, interface: Interface) -> None:
    """Delete the windows now: Qt styles every widget that exists, so leftovers make each test slower."""
    interface.close()
    interface.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def interface(build: Build, world: World) -> Interface:
    return build(world)


def settings(language: str = "en", theme: Theme = Theme.LIGHT) -> Settings:
    return replace(SETTINGS, window=WindowSettings(theme, language))
