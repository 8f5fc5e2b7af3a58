"""The company's colour: a stripe at the leading edge of a card, beside the name, never instead of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from softphone.ui.parts.kit import Kit
from softphone.ui.theme.contrast import is_colour, visible_against
from softphone.ui.theme.tokens import Size


class Stripe(QWidget):
    """Moves a colour that would vanish on the card towards one that shows."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._colour = ""
        self.setFixedWidth(kit.px(Size.STRIPE))

    def show_colour(self, colour: str) -> None:
        self._colour = colour if is_colour(colour) else ""
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        colours = self._kit.look.colours
        colour = visible_against(self._colour or colours.outline, colours.surface)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        radius = self.width() / 2
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.end()
