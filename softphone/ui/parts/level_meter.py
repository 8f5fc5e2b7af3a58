"""How loud it is: a bar that people can read without knowing decibels."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.sound import meter
from softphone.ui.theme.tokens import Space

_LOUD = 0.9


class LevelMeter(QWidget):
    def __init__(self, kit: Kit, name: str) -> None:
        super().__init__()
        self._kit = kit
        self._share = 0.0
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_level(-96.0)

    def show_level(self, level_dbfs: float) -> None:
        share = meter(level_dbfs)
        if round(share, 2) != round(self._share, 2):
            self._share = share
            self.update()
        self.setAccessibleName(f"{self._name}: {round(self._share * 100)} %")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self._kit.px(Space.SMALL))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        colours = self._kit.look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        radius = box.height() / 2
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(box, radius, radius)
        filled = QRectF(box)
        filled.setWidth(box.width() * self._share)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            filled.moveRight(box.right())
        painter.setBrush(QColor(colours.danger if self._share > _LOUD else colours.good))
        painter.drawRoundedRect(filled, radius, radius)
        painter.end()
