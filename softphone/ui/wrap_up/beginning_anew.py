"""Asking before the database that nobody can read is set aside."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from softphone.ui.parts.kit import Kit


def wants_to_begin_anew(kit: Kit, window: QWidget) -> bool:
    """Ask; keeping things as they are is the default."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(kit.t("Begin a new database?"))
    box.setText(kit.t("Outcomes that are only in the old database stay there until IT finds its key."))
    box.setInformativeText(kit.t("The old file is kept under another name. Nothing is deleted."))
    keep = QPushButton(kit.t("Leave it"))
    anew = QPushButton(kit.t("Begin a new one"))
    box.addButton(keep, QMessageBox.ButtonRole.RejectRole)
    box.addButton(anew, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    return box.clickedButton() is anew
