"""A drop-down list with an arrow in the theme's colour (a style sheet would take Fusion's own away)."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox

from softphone.ui.parts.kit import Kit
from softphone.ui.theme.tokens import Size, Space


class Choice(QComboBox):
    """The wheel scrolls the page, it never changes a setting by accident."""

    def __init__(self, kit: Kit, name: str, label: str) -> None:
        super().__init__()
        self._kit = kit
        self.setObjectName(name)
        self.setAccessibleName(label)
        self._mark = "caret-down"

    def show_lock(self, locked: bool) -> None:
        """Nothing can be chosen: a lock stands where the arrow was."""
        self._mark = "lock" if locked else "caret-down"
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        side = self._kit.px(Size.ICON_SMALL)
        edge = self._kit.px(Space.SMALL)
        left = edge if self._kit.words.right_to_left else self.width() - edge - side
        painter = QPainter(self)
        colour = "text" if self.isEnabled() else "text_disabled"
        self._kit.icon(self._mark, colour).paint(
            painter, QRect(left, (self.height() - side) // 2, side, side)
        )
        painter.end()
