"""A place that scrolls only when there is less room than what stands in it needs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea


class LastResortScroll(QScrollArea):
    """Scrolls only when there is less room than the panel needs; else it is not noticed."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._room: int | None = None

    def give_way(self, room: int | None) -> None:
        """At most so many pixels are left; None for as many as wanted."""
        if room != self._room:
            self._room = room
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # the panel wants another height; its neighbour may have to give
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """No more than it must have: a neighbour gets what it would like first, the rest is for this one."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        wanted = self._wanted()
        return QSize(0, max(0, wanted if self._room is None else min(wanted, self._room)))

    def _wanted(self) -> int:
        inner = self.widget()
        layout = inner.layout() if inner is not None else None
        if layout is None:
            return 0
        if layout.hasHeightForWidth():
            return layout.minimumHeightForWidth(self.width())
        return layout.minimumSize().height()
