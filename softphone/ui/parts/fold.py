"""A part of a form that most people never need: closed until it is asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.theme.tokens import Space


class Fold(QWidget):
    """`closed` and `opened` are what its button says."""

    def __init__(self, kit: Kit, closed: str, opened: str, inside: QLayout) -> None:
        super().__init__()
        self._words = (closed, opened)
        self.button = Button(kit, closed, self.toggle, kind="quiet", icon="caret-down")
        self._inside = QWidget()
        inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setLayout(inside)
        self._inside.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self._inside)

    def toggle(self) -> None:
        self._inside.setVisible(self._inside.isHidden())
        hidden = self._inside.isHidden()
        self.button.set_icon("caret-down" if hidden else "caret-up")
        self.button.name(self._words[0] if hidden else self._words[1])
