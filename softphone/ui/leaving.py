"""Closing the window, quitting, and not losing a caller by it."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from softphone.domain.call import CallState
from softphone.ui.main_window import MainWindow
from softphone.ui.parts.kit import Kit
from softphone.usecases.desk import Desk


class Leave(Enum):
    """What closing the window means."""

    HIDE = auto()
    QUIT = auto()
    STAY = auto()


def on_close(kit: Kit, desk: Desk, window: MainWindow, tray: bool) -> Leave:
    """With a tray the window hides and calls still arrive; without one, or to quit, a running call asks."""
    if tray:
        return Leave.HIDE
    return Leave.QUIT if may_quit(kit, desk, window) else Leave.STAY


def may_quit(kit: Kit, desk: Desk, window: MainWindow) -> bool:
    """Ask if a call runs; a missing outcome needs no question, it is offered again at the next start."""
    if not any(c.state is not CallState.INCOMING for c in desk.calling.calls):
        return True
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(kit.t("A call is running"))
    box.setText(kit.t("Quitting ends the call."))
    box.setInformativeText(kit.t("Notes are kept; you can finish them at the next start."))
    stay = QPushButton(kit.t("Back to the call"))
    leave = QPushButton(kit.t("End the call and quit"))
    box.addButton(stay, QMessageBox.ButtonRole.RejectRole)
    box.addButton(leave, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is leave
