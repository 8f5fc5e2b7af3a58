"""Asking what becomes of changes of customers that a CRM has refused."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from softphone.domain.delivery import Delivery
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.crm_notices import change_line

_LISTED = 8


class Decision(Enum):
    LATER = auto()
    AGAIN = auto()
    DISCARD = auto()


def decide_on_changes(kit: Kit, window: QWidget, refused: tuple[Delivery, ...]) -> Decision:
    """Show them and ask; leaving them as they are is the default."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(kit.t("Refused changes"))
    box.setText("\n".join(map(change_line, refused[:_LISTED])))
    box.setInformativeText(kit.t("Discarded changes are not made; the CRM keeps what it has."))
    later, again = QPushButton(kit.t("Later")), QPushButton(kit.t("Send again"))
    discard = QPushButton(kit.t("Discard"))
    box.addButton(later, QMessageBox.ButtonRole.RejectRole)
    box.addButton(again, QMessageBox.ButtonRole.AcceptRole)
    box.addButton(discard, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(later)
    box.setEscapeButton(later)
    box.exec()
    clicked = box.clickedButton()
    if clicked is again:
        return Decision.AGAIN
    return Decision.DISCARD if clicked is discard else Decision.LATER
