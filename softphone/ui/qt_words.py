"""Qt's own words (context menus of fields, standard buttons) in the language of the interface."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QObject, QTranslator
from PySide6.QtWidgets import QApplication

from softphone.ui.words import Words, mark

OWN = frozenset(
    {
        mark("Undo"),
        mark("Redo"),
        mark("Cut"),
        mark("Copy"),
        mark("Paste"),
        mark("Delete"),
        mark("Select All"),
        mark("OK"),
        mark("Cancel"),
    }
)
"""What can come into sight here; for languages that Qt has no catalogue of (Greek)."""


class OwnQtWords(QTranslator):
    """Answers for Qt from our catalogue."""

    def __init__(self, words: Words, parent: QObject) -> None:
        super().__init__(parent)
        self._words = words

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False  # Qt does not ask an empty translator

    def translate(
        self, _context: str, text: str, _disambiguation: str | None = None, _count: int = -1
    ) -> str | None:
        plain = text.replace("&", "")
        return self._words.t(plain) if plain in OWN else None  # Qt's null string: not ours, unlike ""


def translate_qt(application: QApplication, words: Words) -> None:
    """Use Qt's own catalogue where it has one, ours otherwise; the one before is taken away."""
    for old in application.findChildren(QTranslator):
        application.removeTranslator(old)
        old.deleteLater()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator = QTranslator(application)
    if not translator.load(f"qtbase_{words.language}", folder):
        translator = OwnQtWords(words, application)
    application.installTranslator(translator)
