"""Making a ringing call impossible to miss without taking the keyboard from what the agent is typing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def show_without_focus(window: QWidget) -> None:
    """Bring the window into sight, above others where the system allows it; the focus stays where it is."""
    window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, True)
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)


def alert(window: QWidget) -> None:
    """The task bar entry blinks until the window is looked at."""
    QApplication.alert(window, 0)
