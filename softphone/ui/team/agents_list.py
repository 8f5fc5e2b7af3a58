"""The list of agents: rows, or tiles on a wallboard; times run by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QListView

from softphone.ui.parts.kit import Kit
from softphone.ui.team.delegate import AgentDelegate
from softphone.ui.team.model import ROW, ShownRow, TeamModel


class AgentsList(QListView):
    """Intents: `chosen` with the agent's extension, empty for none; `entered` by Enter or a double click."""

    chosen = Signal(str)
    entered = Signal(str)

    def __init__(self, kit: Kit, model: TeamModel, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._model = model
        self._now = now
        self._painted: dict[str, tuple[int, int]] = {}
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
        now, sight = self._now(), self.viewport().rect()
        for place, shown in enumerate(self._model.rows):
            seconds = (_seconds(shown.line.since, now), _seconds(shown.line.call_since, now))
            extension = shown.line.extension
            if self._painted.get(extension) == seconds:
                continue
            self._painted[extension] = seconds
            area = self.visualRect(self._model.index(place, 0))
            if area.intersects(sight):
                self.viewport().update(area)

    def show_tiles(self, scale: float) -> None:
        """Tiles side by side, `scale` times as large; 1 means rows again."""
        self.drawing.enlarge(scale)
        tiles = scale > 1
        self.setFlow(QListView.Flow.LeftToRight if tiles else QListView.Flow.TopToBottom)
        self.setWrapping(tiles)
        self.setResizeMode(QListView.ResizeMode.Adjust if tiles else QListView.ResizeMode.Fixed)
        self.setGridSize(self.drawing.tile_size() if tiles else QSize())
        self.scheduleDelayedItemsLayout()

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
