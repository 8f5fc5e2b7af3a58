"""Puts agents down in the list or on the wallboard; who looks as a moment ago keeps the picture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.team import running
from softphone.ui.team.drawing import AgentDrawing, AgentPicture, Times
from softphone.ui.team.model import ROW, Index, ShownRow
from softphone.ui.theme.tokens import Size

_SELECTED, _HOVERED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver


class AgentDelegate(QStyledItemDelegate):
    """`now` is asked while painting, so that times run without touching the model."""

    def __init__(self, kit: Kit, parent: QWidget, now: Callable[[], datetime]) -> None:
        super().__init__(parent)
        self._drawing = AgentDrawing(kit, parent)
        self._now = now
        self._width = 0
        self._pictures: dict[str, tuple[ShownRow, object, AgentPicture]] = {}
        kit.look.changed.connect(self._forget)

    @property
    def large(self) -> bool:
        """Whether tiles are drawn."""
        return self._drawing.large

    def enlarge(self, scale: float) -> None:
        """Draw tiles at `scale` times the size of ordinary text; 1 draws rows."""
        self._drawing.scale = scale
        self._forget()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        if not self.large:
            return QSize(0, self._drawing.px(Size.HISTORY_ROW))
        return QSize(max(self._width, self.tile_size().width()), self.tile_size().height())

    def stretch(self, width: int) -> None:
        """Draw tiles that wide."""
        self._width = width

    def tile_size(self) -> QSize:
        """What a tile takes at least, with the room around it."""
        return QSize(self._drawing.px(Size.TILE_WIDTH), self._drawing.px(Size.TILE_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        shown: ShownRow = index.data(ROW)
        line, now = shown.line, self._now()
        times = Times(running(line.since, now), running(line.call_since, now))
        picture = self._picture(painter, option, shown, times)
        rect: QRect = option.rect
        picture.put_down(painter, rect.topLeft(), times)

    def _picture(
        self, painter: QPainter, option: QStyleOptionViewItem, shown: ShownRow, times: Times
    ) -> AgentPicture:
        state: QStyle.StateFlag = option.state
        size: QSize = option.rect.size()
        flags, ratio = (bool(state & _SELECTED), bool(state & _HOVERED)), _ratio(painter)
        looks = (times.room, flags, size.width(), size.height(), ratio)
        kept = self._pictures.get(shown.line.extension)
        if kept is None or kept[0] is not shown or kept[1] != looks:
            kept = (shown, looks, self._drawing.picture(size, ratio, shown, times, flags))
            self._pictures[shown.line.extension] = kept
        return kept[2]

    def _forget(self) -> None:
        self._drawing.forget()
        self._pictures.clear()


def _ratio(painter: QPainter) -> float:
    """Pixels for each unit, as far as can be told: a window that is painted elsewhere has none of its own."""
    return max(painter.device().devicePixelRatio(), painter.deviceTransform().m11())
