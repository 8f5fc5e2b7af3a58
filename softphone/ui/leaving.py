"""Closing the window, quitting, and not losing a caller by it."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from softphone.domain.call import CallState
from softphone.domain.facts import dataclass
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
    """Ask if a call runs or if what was typed is not on disk; an outcome that is missing and kept needs no
    question, it is offered again at the next start."""
    if desk.wrapping_up.would_be_lost:
        return _agreed(window, _loss(kit))
    if any(c.state is not CallState.INCOMING for c in desk.calling.calls):
        return _agreed(window, _end_of_call(kit))
    return True


@dataclass(frozen=True)
class _Question:
    title: str
    text: str
    more: str
    stay: str
    leave: str


def _end_of_call(kit: Kit) -> _Question:
    return _Question(
        kit.t("A call is running"),
        kit.t("Quitting ends the call."),
        kit.t("Notes are kept; you can finish them at the next start."),
        kit.t("Back to the call"),
        kit.t("End the call and quit"),
    )


def _loss(kit: Kit) -> _Question:
    return _Question(
        kit.t("Not everything is saved"),
        kit.t("Outcomes or notes are not on disk. Quitting loses them and ends a running call."),
        kit.t("The message in the window says what is in the way. They are saved as soon as it is gone."),
        kit.t("Stay"),
        kit.t("Lose them and quit"),
    )


def _agreed(window: MainWindow, question: _Question) -> bool:
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(question.title)
    box.setText(question.text)
    box.setInformativeText(question.more)
    stay = QPushButton(question.stay)
    leave = QPushButton(question.leave)
    box.addButton(stay, QMessageBox.ButtonRole.RejectRole)
    box.addButton(leave, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    box.exec()
    return box.clickedButton() is leave
