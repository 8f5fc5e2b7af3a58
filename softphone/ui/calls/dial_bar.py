"""The dial field: type or paste, see it formatted, press Enter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.theme.tokens import Space

LONGEST = 256
"""More cannot be a number or an address."""


class DialField(QLineEdit):
    """Formats while typing and keeps the cursor at the digit where it was. `up_pressed`: the last number."""

    up_pressed = Signal()

    def __init__(self, as_typed: Callable[[str], str]) -> None:
        super().__init__()
        self._as_typed = as_typed
        self.setMaxLength(LONGEST)
        self.textEdited.connect(self._format)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Up and not self.text():
            self.up_pressed.emit()
            return
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def _format(self, typed: str) -> None:
        formatted = self._as_typed(typed.replace("(0)", ""))  # "+49 (0)30": the 0 is not dialled from abroad
        if formatted == typed:
            return
        before = sum(1 for c in typed[: self.cursorPosition()] if _counts(c))
        self.setText(formatted)
        self.setCursorPosition(_position_after(formatted, before))


class DialBar(QWidget):
    """Intents: `dialled` with what is in the field; `redial_wanted`."""

    dialled = Signal(str)
    redial_wanted = Signal()

    def __init__(self, kit: Kit, as_typed: Callable[[str], str]) -> None:
        super().__init__()
        self.field = DialField(as_typed)
        self.field.setObjectName("dial_field")
        self.field.setPlaceholderText(kit.t("Number or name@company"))
        self.field.setAccessibleName(kit.t("Number to call"))
        self.field.setToolTip(kit.words.keyed(kit.t("Number to call"), "Ctrl+L"))
        self.field.returnPressed.connect(self._dial)
        self.field.up_pressed.connect(self.redial_wanted)
        self.call = Button(kit, kit.t("Call"), self._dial, icon="call", kind="good")
        self.call.setObjectName("dial_call")
        self.redial = Button(kit, kit.t("Last number"), self.redial_wanted.emit, icon="redial", kind="tool")
        row = QHBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        row.setContentsMargins(margin, 0, margin, 0)
        row.setSpacing(kit.px(Space.SMALL))
        row.addWidget(self.field, 1)
        row.addWidget(self.redial)
        row.addWidget(self.call)

    def fill(self, number: str) -> None:
        """Put a number into the field, ready to be called."""
        self.field.setText(number)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def done(self) -> None:
        """The call is under way."""
        self.field.clear()

    def _dial(self) -> None:
        if self.field.text().strip():
            self.dialled.emit(self.field.text())
        else:
            self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _counts(character: str) -> bool:
    return character.isdigit() or character in "+*#"


def _position_after(text: str, digits: int) -> int:
    """The cursor position behind that many digits of `text`."""
    seen = 0
    for position, character in enumerate(text):
        if seen == digits:
            return position
        seen += _counts(character)
    return len(text)
