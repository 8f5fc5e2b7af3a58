"""Settings that cannot be read: said in a window, because nobody reads standard error."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from softphone.ui.words import Words, language_for


def show_settings_trouble(application: QApplication, detail: str) -> None:
    """Tell which file, line and key to correct, and wait until it is read. Nothing without a screen."""
    if application.platformName() in ("offscreen", "minimal"):
        return
    words = Words(language_for("", QLocale.system().uiLanguages()))
    application.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if words.right_to_left else Qt.LayoutDirection.LeftToRight
    )
    box = QMessageBox()
    box.setIcon(QMessageBox.Icon.Critical)
    box.setWindowTitle(words.t("Softphone"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(words.t("The settings cannot be used. Correct the file and start again."))
    box.setInformativeText(detail)
    box.exec()
