"""Icons of the one set in resources/icons, drawn in the colour of their role, sharp at any scale."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from shiboken6 import isValid

from softphone.ui.resources import RESOURCES

ICONS = RESOURCES / "icons"
_DISABLED_OPACITY = 0.45


class SvgIconEngine(QIconEngine):
    """Draws one SVG file. `mirrored` flips it for right-to-left.

    An engine belongs to the C++ icons that share it, and dies with the last of them. The Python object of
    the icon that is made from it holds on to it as its child, and gives it back to Python when the collector
    finds both: Python then destroys it, and the icon once more (a segmentation fault, seen with windows that
    were collected). A copy of that icon knows nothing of the engine's Python side: only copies may be kept.
    """

    def __init__(self, svg: bytes, mirrored: bool = False) -> None:
        super().__init__()
        self._svg = svg
        self._mirrored = mirrored
        self._renderer = QSvgRenderer(QByteArray(svg))

    def clone(self) -> SvgIconEngine:
        """For Qt, which destroys it; until then Python must not."""
        _lent[:] = [engine for engine in _lent if isValid(engine)]
        _lent.append(SvgIconEngine(self._svg, self._mirrored))
        return _lent[-1]

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        painter.save()
        if mode == QIcon.Mode.Disabled:
            painter.setOpacity(_DISABLED_OPACITY)
        if self._mirrored:
            painter.translate(2 * rect.x() + rect.width(), 0)
            painter.scale(-1, 1)
        side = min(rect.width(), rect.height())
        box = QRectF(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side)
        self._renderer.render(painter, box)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


_lent: list[SvgIconEngine] = []
"""Engines that Qt has asked for and not yet destroyed."""


class IconSet:
    """Reads each file once and colours it."""

    def __init__(self) -> None:
        self._sources: dict[str, bytes] = {}

    def icon(self, name: str, colour: str, mirrored: bool = False) -> QIcon:
        """The icon `name` (a file of resources/icons without `.svg`) in `colour` (`#rrggbb`)."""
        svg = self._source(name).replace(b"currentColor", colour.encode("ascii"))
        return QIcon(QIcon(SvgIconEngine(svg, mirrored)))  # a copy, see there

    def _source(self, name: str) -> bytes:
        if name not in self._sources:
            self._sources[name] = (ICONS / f"{name}.svg").read_bytes()
        return self._sources[name]
