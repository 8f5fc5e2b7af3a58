"""The list of agents: rows, or tiles on a wallboard; times run by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QListView

from softphone.ui.parts.kit import Kit
from softphone.ui.team.delegate import AgentDelegate
from softphone.ui.team.model import ROW, ShownRow, TeamModel

_EDGE = 8
"""Pixels from the upper and the lower edge to a point that lies in an agent, not between two."""


class AgentsList(QListView):
    """Intents: `chosen` with the agent's extension, empty for none; `entered` by Enter or a double click."""

    chosen = Signal(str)
    entered = Signal(str)

    def __init__(self, kit: Kit, model: TeamModel, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._model = model
        self._now = now
        self._painted: dict[str, tuple[int, int]] = {}
        self._columns = 1
        self.setObjectName("agents")
        self.setAccessibleName(kit.t("Agents"))
        self.setModel(model)
        self.drawing = AgentDelegate(kit, self, now)
        self.setItemDelegate(self.drawing)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.selectionModel().currentChanged.connect(self._tell)

    @property
    def current(self) -> str:
        """The extension of the chosen agent, empty for none."""
        index = self.currentIndex()
        shown: ShownRow | None = index.data(ROW) if index.isValid() else None
        return shown.line.extension if shown is not None else ""

    def choose(self, extension: str) -> None:
        self.setCurrentIndex(self._model.index(self._model.place_of(extension), 0))

    def tick(self) -> None:
        """Repaint those whose own second is over: 200 agents spread their repaints over the second."""
        now = self._now()
        for place in self._in_sight():
            line = self._model.rows[place].line
            seconds = (_seconds(line.since, now), _seconds(line.call_since, now))
            if self._painted.get(line.extension) != seconds:
                self._painted[line.extension] = seconds
                self.viewport().update(self.visualRect(self._model.index(place, 0)))

    def _in_sight(self) -> range:
        """The places on the screen, and perhaps a line more on either side."""
        middle, height = self.viewport().width() // 2, self.viewport().height()
        first, last = (self.indexAt(QPoint(middle, y)).row() for y in (_EDGE, height - _EDGE))
        end = last + self._columns + 1 if last >= 0 else len(self._model.rows)
        return range(max(0, first - self._columns), min(end, len(self._model.rows)))

    def show_tiles(self, scale: float) -> None:
        """Tiles side by side, `scale` times as large; 1 means rows again."""
        self.drawing.enlarge(scale)
        tiles = scale > 1
        self.setFlow(QListView.Flow.LeftToRight if tiles else QListView.Flow.TopToBottom)
        self.setWrapping(tiles)
        self.setResizeMode(QListView.ResizeMode.Adjust if tiles else QListView.ResizeMode.Fixed)
        self._fit_tiles()
        self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if self.drawing.large:
            self._fit_tiles()
            self.doItemsLayout()

    def _fit_tiles(self) -> None:
        """As many columns as fit, and they share the whole width.

        Room for the scroll bar is always left: Qt leaves it, too, when the bar was there a moment ago, and
        would then put a column less than fits.
        """
        tile = self.drawing.tile_size()
        width = self.maximumViewportSize().width() - self.verticalScrollBar().sizeHint().width()
        self._columns = max(1, width // tile.width()) if self.drawing.large else 1
        fitting = QSize(max(tile.width(), (width - 1) // self._columns), tile.height())
        self.setGridSize(fitting if self.drawing.large else QSize())
        self.drawing.stretch(fitting.width())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.entered.emit(self.current)
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Of the agent whom the first click has chosen: rows may have changed places since."""
        if self.indexAt(event.position().toPoint()).isValid() and self.current:
            self.entered.emit(self.current)

    def _tell(self, _index: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self.current)


def _seconds(since: datetime | None, now: datetime) -> int:
    return int((now - since).total_seconds()) if since is not None else -1
