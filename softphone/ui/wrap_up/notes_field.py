"""The note of a call: several lines, bounded, never cut without a word."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from softphone.domain.text import NOTE_LIMIT
from softphone.ui.parts.kit import Kit
from softphone.ui.theme.tokens import Size


class NotesField(QPlainTextEdit):
    """Tab leaves the field; a note is no place for tabulators."""

    filled = Signal(int)
    """So many characters of what was pasted or typed found no room; 0 once there is room again."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("notes")
        self.setTabChangesFocus(True)
        self._kit = kit
        self._left_out = 0
        self._height = kit.px(Size.NOTES_MIN)
        self.setPlaceholderText(kit.t("Notes"))
        self.setAccessibleName(kit.t("Notes"))
        self.setToolTip(kit.words.keyed(kit.t("Notes"), "Ctrl+N"))
        self.textChanged.connect(self._bound)

    @property
    def used(self) -> int:
        """Characters that stand in it."""
        return max(0, self.document().characterCount() - 1)

    @property
    def left_out(self) -> int:
        """Characters of the last paste that found no room."""
        return self._left_out

    def set_short(self, short: bool) -> None:
        self._height = self._kit.px(Size.NOTES_MIN_SHORT if short else Size.NOTES_MIN)
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self._height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self._height)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.text().isprintable() and event.text() and not event.modifiers() and self._room() <= 0:
            event.accept()
            self._tell(1)
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - Qt's name
        """Paste as plain text, as much as there is room for; say what was left out."""
        text = source.text()
        room = max(0, self._room())
        self.insertPlainText(text[:room])
        self.ensureCursorVisible()
        self._tell(max(0, len(text) - room))

    def _room(self) -> int:
        selected = len(self.textCursor().selectedText())
        return NOTE_LIMIT - self.used + selected

    def _bound(self) -> None:
        """Input methods and drops have ways of their own into the field."""
        over = self.used - NOTE_LIMIT
        if over > 0:
            cursor = QTextCursor(self.document())
            cursor.setPosition(NOTE_LIMIT)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            self._tell(over)
        elif self._left_out and self.used < NOTE_LIMIT:
            self._tell(0)

    def _tell(self, left_out: int) -> None:
        self._left_out = left_out
        self.filled.emit(left_out)
