"""The picture of who can hear whom: three people and an arrow from each speaker to each listener."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from softphone.domain.supervision import Voice
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.supervision import HearingView
from softphone.ui.theme.tokens import Size, Space, Text

_PLACES = {Voice.CUSTOMER: (0.17, 0.26), Voice.AGENT: (0.83, 0.26), Voice.LEAD: (0.5, 0.76)}
_ICONS = {Voice.CUSTOMER: "customer", Voice.AGENT: "headset", Voice.LEAD: "account"}
_PAIRS = tuple((one, other) for one in Voice for other in Voice if one is not other)


class HearingPicture(QWidget):
    """A firm arrow: is heard. A broken one: perhaps, the change is under way. A thin crossed line: is not.
    The same stands in words beside it; screen readers get those."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: HearingView | None = None
        self.setObjectName("hearing")
        self.setFixedHeight(kit.px(Size.HEARING_HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_view(self, view: HearingView) -> None:
        if view != self._view:
            self._view = view
            self.setAccessibleName(view.spoken)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._kit.px(Size.SIDE_WIDTH), self._kit.px(Size.HEARING_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if self._view is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for speaker, listener in _PAIRS:
            self._connection(painter, self._view, speaker, listener)
        for voice, name in self._view.names:
            self._person(painter, voice, name)
        painter.end()

    def _centre(self, voice: Voice) -> QPointF:
        x, y = _PLACES[voice]
        share = 1 - x if self._kit.words.right_to_left else x
        return QPointF(self.width() * share, self.height() * y)

    def _person(self, painter: QPainter, voice: Voice, name: str) -> None:
        colours, centre, px = self._kit.look.colours, self._centre(voice), self._kit.px
        radius = px(Size.ICON_LARGE)
        painter.setPen(QPen(QColor(colours.outline), 1))
        painter.setBrush(QColor(colours.accent_tint if voice is Voice.LEAD else colours.surface))
        painter.drawEllipse(centre, radius, radius)
        side = px(Size.ICON_LARGE)
        corner = QPointF(centre.x() - side / 2, centre.y() - side / 2)
        place = QRectF(corner.x(), corner.y(), side, side).toRect()
        self._kit.icon(_ICONS[voice], "accent_text" if voice is Voice.LEAD else "text").paint(painter, place)
        font = QFont(self.font())
        font.setPixelSize(px(Text.CAPTION))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        width = self.width() * 0.34
        height = px(Text.CAPTION) * 1.6
        below = voice is Voice.LEAD  # outside of the triangle, where no arrow runs
        top = centre.y() + radius if below else centre.y() - radius - height
        box = QRectF(centre.x() - width / 2, top, width, height)
        cut = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), cut)

    def _connection(self, painter: QPainter, view: HearingView, speaker: Voice, listener: Voice) -> None:
        """Each direction keeps to its own side, so that both are told apart."""
        start, end = self._ends(speaker, listener)
        colours, pair = self._kit.look.colours, (speaker, listener)
        heard, perhaps = pair in view.pairs, pair in view.maybe
        if not heard and not perhaps:
            painter.setPen(QPen(QColor(colours.line), 1, Qt.PenStyle.DotLine))
            painter.drawLine(start, end)
            self._cross(painter, (start + end) / 2)
            return
        colour = QColor(colours.danger if speaker is Voice.LEAD else colours.good)
        if perhaps:
            colour = QColor(colours.warning_text)
        width = self._kit.px(Size.FOCUS) * 1.5
        style = Qt.PenStyle.DashLine if perhaps else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, width, style))
        painter.drawLine(start, end)
        self._arrow_head(painter, start, end, colour)

    def _ends(self, speaker: Voice, listener: Voice) -> tuple[QPointF, QPointF]:
        one, other, px = self._centre(speaker), self._centre(listener), self._kit.px
        length = math.hypot(other.x() - one.x(), other.y() - one.y()) or 1.0
        along = QPointF((other.x() - one.x()) / length, (other.y() - one.y()) / length)
        aside = QPointF(-along.y(), along.x()) * px(Space.SMALL)
        gap = px(Size.ICON_LARGE) + px(Space.SMALL)
        return one + aside + along * gap, other + aside - along * gap

    def _arrow_head(self, painter: QPainter, start: QPointF, end: QPointF, colour: QColor) -> None:
        size = self._kit.px(Space.SMALL)
        angle = math.atan2(end.y() - start.y(), end.x() - start.x())
        turns = (angle + math.pi * 0.84, angle - math.pi * 0.84)
        wings = [end, *(end + QPointF(math.cos(turn), math.sin(turn)) * size * 1.2 for turn in turns)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(wings))

    def _cross(self, painter: QPainter, at: QPointF) -> None:
        half = self._kit.px(Space.TIGHT) * 0.8
        painter.setPen(QPen(QColor(self._kit.look.colours.outline), 1.5))
        painter.drawLine(at + QPointF(-half, -half), at + QPointF(half, half))
        painter.drawLine(at + QPointF(-half, half), at + QPointF(half, -half))
