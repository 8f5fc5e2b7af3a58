"""Putting the interface together: what `softphone.composition` calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QWidget

from softphone.domain.address import diallable
from softphone.domain.call import CallState
from softphone.domain.errors import SoftphoneError
from softphone.domain.events import CallChanged
from softphone.domain.ids import CallId
from softphone.domain.links import LINK_SCHEME
from softphone.domain.provisioning import ProvisioningChecked
from softphone.domain.settings import Settings, WindowSettings
from softphone.domain.wrap_up_events import CallbackDue
from softphone.ui.announcing import Announcer, say_through
from softphone.ui.attention import alert, show_without_focus
from softphone.ui.customer.refused_changes import decide_on_changes
from softphone.ui.intents import Intents
from softphone.ui.leaving import Leave, may_quit, on_close
from softphone.ui.main_window import MainWindow
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.phrases import error_words
from softphone.ui.presenters.wording import Wording
from softphone.ui.qt_formats import QtFormats
from softphone.ui.qt_words import translate_qt
from softphone.ui.rendering import Rendering
from softphone.ui.scene import ALL, Part, Scene
from softphone.ui.settings.setting_up import SettingUp
from softphone.ui.team.leading import Leading
from softphone.ui.theme.look import Look
from softphone.ui.tray import Tray
from softphone.ui.words import PRODUCT, Words, language_for
from softphone.ui.wrap_up.beginning_anew import wants_to_begin_anew
from softphone.ui.wrap_up.closing_record import ask_reason, decide_from_afar
from softphone.usecases.desk import Desk

if TYPE_CHECKING:
    from softphone.ui.settings.dialog import SettingsDialog
    from softphone.ui.settings.signing import FirstSignIn

TICK_MS = 500
"""Half a second, so that a timer never seems to skip one."""


def make_application(arguments: list[str]) -> QApplication:
    """The one QApplication, with the names that desktops show."""
    application = QApplication(arguments or sys.argv[:1])
    application.setApplicationName("softphone")
    application.setApplicationDisplayName(PRODUCT)
    application.setDesktopFileName("softphone")
    application.setQuitOnLastWindowClosed(False)
    return application


class Interface(QObject):
    """The running interface. Thread: main.

    `call_soon` and `draw_soon` (after all else that waits) are the pump's; `quit_wanted` is called when the
    agent wants to leave: the caller then ends the use cases and the application.
    """

    def __init__(
        self,
        application: QApplication,
        desk: Desk,
        call_soon: Callable[[Callable[[], None]], None],
        quit_wanted: Callable[[], object],
        text_scale: float | None = None,
        *,
        draw_soon: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        super().__init__()
        self._draw_soon = draw_soon or call_soon
        self._application = application
        self._call_soon = call_soon
        self._quit_wanted = quit_wanted
        self._rung: set[CallId] = set()
        self._settings_dialog: SettingsDialog | None = None
        self._first: FirstSignIn | None = None
        self.desk = desk
        settings = desk.configuring.settings
        self._window_settings = settings.window
        self.look = Look(application, settings.window.theme, text_scale)
        self._ticking = QTimer(self)
        self._ticking.setTimerType(Qt.TimerType.CoarseTimer)
        self._build(settings)
        self._ticking.timeout.connect(self._tick)
        self._ticking.start(TICK_MS)
        desk.bus.subscribe(CallChanged, self._on_call)
        desk.bus.subscribe(CallbackDue, self._on_callback_due)
        desk.bus.subscribe(ProvisioningChecked, self._on_provisioned)
        desk.configuring.on_change(lambda changed: self._window_settings_changed(changed.window))

    # --- what the outside asks ---

    def show(self) -> None:
        """Bring the window to the front, as the agent asked."""
        if self.window.isMinimized():
            self.window.showNormal()
        else:
            self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def offer_to_dial(self, link: str) -> None:
        """A `tel:` or `sip:` link was clicked somewhere: one key away, but never dialled by a web page."""
        self.show()
        if link.startswith(LINK_SCHEME):
            self._call_soon(lambda: self.setting_up.offer_link(link))
        else:
            self.intents.attempt(lambda: self.window.dial.fill(diallable(link)))

    def tell(self, error: SoftphoneError) -> None:
        """Say what went wrong outside of any widget; it stays until the agent has read it."""
        self.scene.say(error_words(self.kit.words, error), stays=True)

    def open_settings(self, page: str = "") -> None:
        """Show the settings, at `page` (account, audio, window) if one is named."""
        if self._settings_dialog is None:
            from softphone.ui.settings.dialog import SettingsDialog  # not needed for the first paint

            self._settings_dialog = SettingsDialog(
                self.kit, self.scene, self._window_settings_changed, self.setting_up.ask_for_address
            )
        self._settings_dialog.show_page(page)

    def open_team(self) -> None:
        """Show the team view; only a lead has one."""
        self.leading.open()

    def quit(self) -> None:
        """Leave, after asking if a call would be lost."""
        if may_quit(self.kit, self.desk, self.window):
            self.tray.put_away()
            self._quit_wanted()

    @property
    def settings_window(self) -> QWidget | None:
        """The settings, once they have been opened."""
        return self._settings_dialog

    def close(self) -> None:
        """Take everything from the screen, without asking; nothing is drawn from now on."""
        self._ticking.stop()
        self.scene.leave()
        self.tray.put_away()
        self.look.deleteLater()
        self.leading.close()
        for window in (self.window, self._settings_dialog):
            if window is not None:
                window.hide()
                window.deleteLater()

    # --- building ---

    def _build(self, settings: Settings) -> None:
        self.kit = _kit(self._application, self.look, settings)
        self.scene = Scene(self.desk, self.kit.wording, self._draw_soon)
        self.window = MainWindow(self.kit, self._as_typed)
        self.window.setWindowIcon(self.kit.icon("brand"))
        self.rendering = Rendering(self.scene, self.window)
        self.intents = Intents(
            self.scene,
            self.window,
            self.rendering,
            self.open_settings,
            lambda: wants_to_begin_anew(self.kit, self.window),
            lambda name, change: ask_reason(self.kit, self.window, name, change),
            lambda agent: decide_from_afar(self.kit, self.window, agent),
            lambda refused: decide_on_changes(self.kit, self.window, refused),
            self._listen_to,
            self.open_team,
        )
        self.leading = Leading(self.kit, self.scene, self.intents.attempt, self.intents.closing.decide, self)
        self.setting_up = SettingUp(self.kit, self.scene, self.window)
        self.tray = Tray(self.kit, self)
        self.tray.show_wanted.connect(self.show)
        self.tray.quit_wanted.connect(self.quit)
        self.window.closing.connect(self._closing)
        self.window.quit_wanted.connect(self.quit)
        self._announcer = Announcer(say_through(self.window))
        self.scene.on_change(self._tell_others)
        self.rendering.render(ALL)
        self._tell_others(ALL)
        if not settings.accounts:
            self._ask_to_sign_in()

    def _ask_to_sign_in(self) -> None:
        from softphone.ui.settings.signing import FirstSignIn  # only before there is an account

        self._first = FirstSignIn(self.kit, self.scene, self.window, self.setting_up.ask_for_address)

    def _listen_to(self, extension: str) -> None:
        self.leading.listen_to(extension)

    def _as_typed(self, text: str) -> str:
        return self.desk.ports.numbers.as_typed(text, self.desk.configuring.settings.calls.region)

    def _window_settings_changed(self, settings: WindowSettings) -> None:
        """By the agent, or by the company."""
        if settings == self._window_settings:
            return
        self._window_settings = settings
        self.look.choose(settings.theme)
        if language_for(settings.language, QLocale.system().uiLanguages()) != self.kit.words.language:
            self._call_soon(self._speak_anew)

    def _speak_anew(self) -> None:
        """Another language: everything is built again; what it shows lives in the use cases."""
        old, geometry, dialog = self.window, self.window.saveGeometry(), self._settings_dialog
        team_shown = any(window.isVisible() for window in self.leading.windows())
        self.leading.close()
        self.scene.leave()
        self.tray.put_away()
        self._settings_dialog = None
        self._build(self.desk.configuring.settings)
        self.window.restoreGeometry(geometry)
        self.window.show()
        for gone in (old, dialog):
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        if dialog is not None:
            self.open_settings("window")
        if team_shown:
            self.leading.open()

    # --- what happens ---

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        if call.state is not CallState.INCOMING or call.id in self._rung:
            return
        self._rung.add(call.id)
        if self.desk.configuring.settings.window.raise_on_call:
            show_without_focus(self.window)
        alert(self.window)

    def _on_provisioned(self, event: ProvisioningChecked) -> None:
        self.setting_up.heard(event)
        if self._settings_dialog is not None:
            dialog = self._settings_dialog
            (dialog.settings_changed if event.changed else dialog.accounts.refresh)()
        if self._first is not None and event.changed:
            self._first.settings_changed()

    def _on_callback_due(self, event: CallbackDue) -> None:
        """The banner is in the window; whoever does not look at it is told beside it."""
        who = event.callback.customer_name or event.callback.number
        self.tray.tell(self.kit.t("Call back: {name}", name=who))
        alert(self.window)

    def _tick(self) -> None:
        self.rendering.tick()

    def _tell_others(self, parts: Part) -> None:
        """Tray and screen reader."""
        if Part.AGENT in parts:
            self.tray.show_agent(self.rendering.agent_view())
        if Part.CALLS in parts:
            ringing = self.rendering.ringing_views()
            self.tray.show_ringing(ringing)
            self._announcer.hear_calls({view.call_id: view.spoken for view in ringing})
        if Part.NOTICES in parts:
            self._announcer.hear_notices(self.window.notices.texts)
        if Part.WRAP_UP in parts:
            self._announcer.hear_saved(self.window.sheet.wrap_up.saved_words)

    def _closing(self, event: QCloseEvent) -> None:
        leave = on_close(self.kit, self.desk, self.window, self.tray.available)
        event.setAccepted(leave is not Leave.STAY)
        if leave is Leave.HIDE:
            self.tray.tell(self.kit.t("Calls still ring. Quit from the menu of this icon."))
        elif leave is Leave.QUIT:
            self._quit_wanted()


def _kit(application: QApplication, look: Look, settings: Settings) -> Kit:
    """Language from the settings, the system's where none is set."""
    language = language_for(settings.window.language, QLocale.system().uiLanguages())
    words = Words(language)
    direction = Qt.LayoutDirection.RightToLeft if words.right_to_left else Qt.LayoutDirection.LeftToRight
    application.setLayoutDirection(direction)
    translate_qt(application, words)
    formats = QtFormats(language)
    QLocale.setDefault(formats.locale)
    return Kit(look, Wording(words, formats))
