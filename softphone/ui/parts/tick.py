"""A check box whose box and tick follow the theme."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from softphone.ui.parts.kit import Kit


class Tick(QCheckBox):
    def __init__(self, kit: Kit, name: str, text: str) -> None:
        super().__init__(text)
        self._kit = kit
        self.setObjectName(name)
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        inset = max(1, box.width() // 6)
        painter = QPainter(self)
        self._kit.icon("check", "on_accent").paint(painter, box.adjusted(inset, inset, -inset, -inset))
        painter.end()
