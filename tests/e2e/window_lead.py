"""A lead's desk in this process, with its real window, that does everything by clicks."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from softphone.composition import Profile
from softphone.domain.settings import Settings, Theme, WindowSettings
from softphone.domain.supervision import Supervision, SupervisionMode, SupervisionState
from softphone.domain.team_settings import TeamSettings
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button
from softphone.ui.team.window import TeamWindow
from tests.e2e.headless import DATABASE_KEY, HeadlessDesk
from tests.e2e.team_desks import Ear, Place, humming_settings

ENGLISH = Settings(window=WindowSettings(Theme.LIGHT, "en"))


class WindowDesk:
    """One person's desk with its window. It only lives while something is waited for: use `until`."""

    def __init__(
        self,
        application: QApplication,
        folder: Path,
        place: Place,
        user: str,
        password: str,
        hum_hz: float,
        team: TeamSettings,
        stack: contextlib.ExitStack,
        settings: Settings = ENGLISH,
    ) -> None:
        self.user = user
        self.pictures = folder.parent
        self._ear = Ear(folder)
        made = humming_settings(folder, place, user, hum_hz, team, settings)
        profile = Profile(made, {"account/work": password, "records/key": DATABASE_KEY.hex()})
        self.at = stack.enter_context(HeadlessDesk(profile, folder))
        self.at.registered()
        self.interface = Interface(application, self.at.desk, lambda action: action(), lambda: None)
        stack.callback(self.interface.close)

    def heard_dbfs(self, frequency_hz: float, last_s: float = 0.5) -> float:
        return self._ear.dbfs(frequency_hz, last_s)

    def click(self, button: Button) -> None:
        """Wait until it can be pressed, and press it."""
        self.at.until(lambda: button.isVisible() and button.isEnabled(), f"{button.objectName()} is enabled")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


class WindowLead(WindowDesk):
    """Implements `floors.Leading` with the mouse."""

    @property
    def window(self) -> TeamWindow:
        found = self.interface.leading.window or self.interface.leading.open()
        assert found is not None
        return found

    @property
    def supervises(self) -> bool:
        self.at.until(lambda: True, "")
        current = self._current
        return current is not None and current.live

    def begin(self, agent: str, mode: SupervisionMode) -> str:
        """Choose the agent in the list and press the button below it."""
        self.window.agents.choose(agent)
        self.click(self.window.wishes[mode])
        return self._in(mode)

    def change(self, mode: SupervisionMode) -> str:
        """Press a mode's button in the panel beside the list."""
        self.click(self.window.panel.modes[mode])
        return self._in(mode)

    def leave(self) -> None:
        self.click(self.window.panel.stop)
        self.at.until(lambda: not self.supervises, "left")
        assert self.window.panel.microphone.text() == "Your microphone is off"

    def take_picture(self, name: str) -> Path:
        """What is on the screen now."""
        QApplication.processEvents()
        path = self.pictures / f"{name}.png"
        assert self.window.grab().save(str(path))
        return path

    @property
    def said(self) -> tuple[str, str]:
        """Who hears whom, and the microphone, in the window's words."""
        panel = self.window.panel
        return panel.sentence.text(), panel.microphone.text()

    @property
    def _current(self) -> Supervision | None:
        return self.at.desk.team.supervising.current

    def _in(self, mode: SupervisionMode) -> str:
        def in_force() -> bool:
            current = self._current
            return current is not None and (current.mode, current.state) == (mode, SupervisionState.ACTIVE)

        self.at.until(in_force, f"{mode} is in force")
        current = self._current
        assert current is not None
        return current.call_id
