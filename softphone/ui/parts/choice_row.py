"""A row of a short list to choose from: a name, and beside it what tells it apart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.theme.tokens import Space


class ChoiceRow(Button):
    """Chosen by click, Enter or Space; Up and Down go to the next row. `key` is a shortcut to name."""

    def __init__(
        self, kit: Kit, name: str, detail: str, on_click: Callable[[], None], *, key: str = ""
    ) -> None:
        super().__init__(kit, f"{name}, {detail}" if detail else name, on_click, kind="row", shortcut=key)
        self.setText("")
        words = QHBoxLayout(self)
        margin = kit.px(Space.SMALL)
        words.setContentsMargins(margin, 0, margin, 0)
        for label, share in ((TextLabel("strong", name), 0), (TextLabel("caption", detail), 1)):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            words.addWidget(label, share)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)
