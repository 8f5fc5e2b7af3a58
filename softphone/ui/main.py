"""Putting the interface together: what `softphone.composition` calls."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from softphone.domain.settings import Settings
from softphone.ui.intents import Intents
from softphone.ui.main_window import MainWindow
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.wording import Wording
from softphone.ui.qt_formats import QtFormats
from softphone.ui.rendering import Rendering
from softphone.ui.scene import ALL, Scene
from softphone.ui.theme.look import Look
from softphone.ui.tray import Tray
from softphone.ui.words import Words, language_for
from softphone.usecases.desk import Desk

TICK_MS = 500
"""Half a second, so that a timer never seems to skip one."""


def make_application(arguments: list[str]) -> QApplication:
    """The one QApplication, with the names that desktops show."""
    application = QApplication(arguments or sys.argv[:1])
    application.setApplicationName("softphone")
    application.setApplicationDisplayName("Softphone")
    application.setDesktopFileName("softphone")
    application.setQuitOnLastWindowClosed(False)
    return application


def make_kit(application: QApplication, settings: Settings) -> Kit:
    """Language and look from the settings, the system's where nothing is set."""
    language = language_for(settings.window.language, QLocale.system().uiLanguages())
    words = Words(language)
    direction = Qt.LayoutDirection.RightToLeft if words.right_to_left else Qt.LayoutDirection.LeftToRight
    application.setLayoutDirection(direction)
    _translate_qt(application, language)
    formats = QtFormats(language)
    QLocale.setDefault(formats.locale)
    return Kit(Look(application, settings.window.theme), Wording(words, formats))


class Interface(QObject):
    """The running interface. Thread: main.

    `quit_wanted` is called when the agent wants to leave; the caller then ends the use cases and the
    application, in this order.
    """

    def __init__(
        self,
        kit: Kit,
        desk: Desk,
        call_soon: Callable[[Callable[[], None]], None],
        quit_wanted: Callable[[], None],
    ) -> None:
        super().__init__()
        self.kit = kit
        self.desk = desk
        self._quit = quit_wanted
        self.scene = Scene(desk, kit.wording, call_soon)
        self.window = MainWindow(kit, self._as_typed)
        self.window.setWindowIcon(kit.icon("brand"))
        self.rendering = Rendering(self.scene, self.window)
        self.intents = Intents(self.scene, self.window, self.rendering, self.open_settings)
        self.tray = Tray(kit, self)
        self.tray.show_wanted.connect(self.show)
        self.tray.quit_wanted.connect(self._quit)
        self.window.closing.connect(self._closing)
        self._ticking = QTimer(self)
        self._ticking.setTimerType(Qt.TimerType.CoarseTimer)
        self._ticking.timeout.connect(self.rendering.tick)
        self._ticking.start(TICK_MS)
        self.rendering.render(ALL)

    def show(self) -> None:
        """Bring the window to the front, as the agent asked."""
        self.window.showNormal() if self.window.isMinimized() else self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def dial(self, typed: str) -> None:
        """A `tel:` or `sip:` link was clicked somewhere."""
        self.show()
        self.intents.dial(typed)

    def open_settings(self, page: str) -> None:
        """Show the settings, at `page` if one is named."""

    def _as_typed(self, text: str) -> str:
        return self.desk.ports.numbers.as_typed(text, self.desk.configuring.settings.calls.region)

    def _closing(self, event: QCloseEvent) -> None:
        event.accept()
        self._quit()


def _translate_qt(application: QApplication, language: str) -> None:
    """Qt's own words (standard buttons, context menus of fields) in the same language."""
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator = QTranslator(application)
    if translator.load(f"qtbase_{language}", folder):
        application.installTranslator(translator)
