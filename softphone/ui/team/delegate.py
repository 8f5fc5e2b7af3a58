"""Draws an agent: as a wide row of the list, or as a tile of the wallboard. One delegate for both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.team import running
from softphone.ui.team.model import ROW, Index, ShownRow
from softphone.ui.theme.tokens import Colours, Size, Space, Text, Tone

_ROW_COLUMNS = (26, 28, 28, 18)
"""Shares of a row's width: name, state, call, alarms."""


class AgentDelegate(QStyledItemDelegate):
    """`now` is asked while painting, so that times run without touching the model. `large` draws tiles."""

    def __init__(self, kit: Kit, parent: QWidget, now: Callable[[], datetime]) -> None:
        super().__init__(parent)
        self._kit = kit
        self._now = now
        self.large = False
        self.scale = 1.0
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._fonts: dict[tuple[int, bool], tuple[QFont, QFontMetrics]] = {}
        self._pictures: dict[str, tuple[ShownRow, object, QPixmap]] = {}
        kit.look.changed.connect(self._forget)

    def px(self, token: float) -> int:
        return round(self._kit.px(token) * self.scale)

    def enlarge(self, scale: float) -> None:
        """Draw tiles at `scale` times the size of ordinary text; 1 draws rows."""
        self.large, self.scale = scale > 1, scale
        self._forget()
        self._fonts.clear()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        if self.large:
            return self.tile_size()
        return QSize(0, self.px(Size.HISTORY_ROW))

    def tile_size(self) -> QSize:
        """What a tile takes, with the room around it."""
        return QSize(self.px(Size.TILE_WIDTH), self.px(Size.TILE_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Most agents look as they did a moment ago: their picture is kept and only put down again."""
        shown: ShownRow = index.data(ROW)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        ratio, now = painter.device().devicePixelRatio(), self._now()
        times = (running(shown.line.since, now), running(shown.line.call_since, now))
        flags = (
            bool(state & QStyle.StateFlag.State_Selected),
            bool(state & QStyle.StateFlag.State_MouseOver),
        )
        looks = (times, flags, rect.width(), rect.height(), ratio)
        kept = self._pictures.get(shown.line.extension)
        if kept is None or kept[0] is not shown or kept[1] != looks:
            kept = (shown, looks, self._picture(rect.size(), ratio, shown, flags))
            self._pictures[shown.line.extension] = kept
        painter.drawPixmap(rect.topLeft(), kept[2])

    def _picture(self, size: QSize, ratio: float, shown: ShownRow, flags: tuple[bool, bool]) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(QPoint(0, 0), size)
        self._ground(painter, rect, shown, flags)
        (self._tile if self.large else self._row)(painter, rect, shown)
        painter.end()
        return picture

    def _forget(self) -> None:
        self._pixmaps.clear()
        self._pictures.clear()

    # --- grounds -----------------------------------------------------------------------------------------

    def _ground(self, painter: QPainter, rect: QRect, shown: ShownRow, flags: tuple[bool, bool]) -> None:
        colours, radius = self._kit.look.colours, self.px(Size.RADIUS_SMALL)
        selected, hovered = flags
        box = rect.adjusted(2, 2, -2, -2)
        ground = colours.surface if self.large else None
        if shown.alarms:
            ground = colours.danger_tint if shown.line.help else colours.warning_tint
        if hovered and not shown.alarms:
            ground = colours.hover
        if selected and not shown.alarms:
            ground = colours.accent_tint
        border = colours.accent if selected else colours.line if self.large else None
        painter.setPen(QPen(QColor(border), 2 if selected else 1) if border else Qt.PenStyle.NoPen)
        if ground is not None:
            painter.setBrush(QColor(ground))
        if ground is not None or border is not None:
            painter.drawRoundedRect(box, radius, radius)

    # --- layouts -----------------------------------------------------------------------------------------

    def _row(self, painter: QPainter, rect: QRect, shown: ShownRow) -> None:
        frame = rect.adjusted(self.px(Space.MEDIUM), self.px(Space.TIGHT), -self.px(Space.MEDIUM), 0)
        frame.setBottom(rect.bottom() - self.px(Space.TIGHT))
        name, state, call, alarms = self._columns(frame)
        line = shown.line
        extension = line.extension if line.name else ""
        self._two_lines(painter, name, "", Tone.NEUTRAL, (line.title, extension), True)
        self._two_lines(painter, state, line.icon, line.tone, (line.state, self._state_detail(shown)), True)
        self._two_lines(painter, call, line.call_icon, Tone.NEUTRAL, (line.call, self._call_detail(shown)))
        self._alarms(painter, alarms, shown)

    def _tile(self, painter: QPainter, rect: QRect, shown: ShownRow) -> None:
        margin = self.px(Space.MEDIUM)
        frame = rect.adjusted(margin, margin, -margin, -margin)
        height = frame.height() // 4
        boxes = [QRect(frame.left(), frame.top() + i * height, frame.width(), height) for i in range(4)]
        line = shown.line
        since = self._since(shown)
        self._text(painter, boxes[0], line.title, self._colours.text, Text.SUBTITLE, strong=True)
        tone = self._colours.text_of(line.tone)
        words = self._kit.words.join((line.state, line.reason))
        self._with_icon(painter, boxes[1], line.icon, tone, words, since)
        called = running(line.call_since, self._now())
        self._with_icon(painter, boxes[2], line.call_icon, self._colours.text_muted, line.call, called)
        if shown.alarms:
            sign = shown.alarms[0]
            colour = self._colours.danger_text if line.help else self._colours.warning_text
            text = self._kit.words.join((sign.text, line.help))
            self._with_icon(painter, boxes[3], sign.icon, colour, text, "", strong=True)

    def _state_detail(self, shown: ShownRow) -> str:
        return self._kit.words.join((shown.line.reason, self._since(shown)))

    def _since(self, shown: ShownRow) -> str:
        return running(shown.line.since, self._now())

    def _call_detail(self, shown: ShownRow) -> str:
        return self._kit.words.join((shown.line.call_detail, running(shown.line.call_since, self._now())))

    def _columns(self, frame: QRect) -> list[QRect]:
        gap, left, boxes = self.px(Space.MEDIUM), frame.left(), []
        for share in _ROW_COLUMNS:
            width = frame.width() * share // 100
            box = QRect(left, frame.top(), width - gap, frame.height())
            boxes.append(self._mirrored(box, frame))
            left += width
        return boxes

    # --- strokes -----------------------------------------------------------------------------------------

    def _two_lines(
        self,
        painter: QPainter,
        box: QRect,
        icon: str,
        tone: Tone,
        texts: tuple[str, str],
        strong: bool = False,
    ) -> None:
        half = box.height() // 2
        side, gap = self.px(Size.ICON_SMALL), self.px(Space.SMALL)
        words = QRect(box)
        if icon:
            colour = self._colours.text_of(tone)
            place = QRect(box.left(), box.top() + (half - side) // 2, side, side)
            painter.drawPixmap(self._mirrored(place, box), self._pixmap(icon, colour, side, painter))
            words = self._mirrored(box.adjusted(side + gap, 0, 0, 0), box)
        upper = QRect(words.left(), words.top(), words.width(), half)
        lower = QRect(words.left(), words.top() + half, words.width(), box.height() - half)
        first = self._colours.text if tone is Tone.NEUTRAL else self._colours.text_of(tone)
        self._text(painter, upper, texts[0], first, Text.BODY, strong)
        self._text(painter, lower, texts[1], self._colours.text_muted, Text.CAPTION)

    def _alarms(self, painter: QPainter, box: QRect, shown: ShownRow) -> None:
        half = box.height() // 2
        for place, sign in enumerate(shown.alarms[:2]):
            colour = self._colours.danger_text if sign.icon == "help" else self._colours.warning_text
            text = shown.line.help if sign.icon == "help" and shown.line.help else sign.text
            area = QRect(box.left(), box.top() + place * half, box.width(), half)
            self._with_icon(painter, area, sign.icon, colour, text, "", strong=True, size=Text.CAPTION)

    def _with_icon(
        self,
        painter: QPainter,
        box: QRect,
        icon: str,
        colour: str,
        text: str,
        trailing: str,
        *,
        strong: bool = False,
        size: int = Text.BODY,
    ) -> None:
        side, gap = self.px(Size.ICON_SMALL), self.px(Space.TIGHT)
        end = self._font(size, strong)[1].horizontalAdvance(trailing) + gap if trailing else 0
        words = box.adjusted(side + gap if icon else 0, 0, -end, 0)
        if icon:
            place = QRect(box.left(), box.top() + (box.height() - side) // 2, side, side)
            painter.drawPixmap(self._mirrored(place, box), self._pixmap(icon, colour, side, painter))
        self._text(painter, self._mirrored(words, box), text, colour, size, strong)
        if trailing:
            last = QRect(box.right() - end + gap, box.top(), end, box.height())
            self._text(painter, self._mirrored(last, box), trailing, self._colours.text, size, strong)

    def _text(
        self, painter: QPainter, box: QRect, text: str, colour: str, size: int, strong: bool = False
    ) -> None:
        if not text:
            return
        font, metrics = self._font(size, strong)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        leading = Qt.AlignmentFlag.AlignRight if self._rtl else Qt.AlignmentFlag.AlignLeft
        painter.drawText(
            box, int(leading | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute), cut
        )

    def _font(self, size: int, strong: bool) -> tuple[QFont, QFontMetrics]:
        found = self._fonts.get((size, strong))
        if found is None:
            parent = self.parent()
            font = QFont(parent.font()) if isinstance(parent, QWidget) else QFont()
            font.setPixelSize(self.px(size))
            font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
            found = self._fonts[size, strong] = (font, QFontMetrics(font))
        return found

    def _pixmap(self, icon: str, colour: str, side: int, painter: QPainter) -> QPixmap:
        """Drawn once: an icon is an SVG file, and there may be hundreds of rows."""
        ratio = painter.device().devicePixelRatio()
        key = (icon, colour, side, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._kit.icon(icon, colour).pixmap(QSize(side, side), ratio)
        return self._pixmaps[key]

    @property
    def _colours(self) -> Colours:
        return self._kit.look.colours

    @property
    def _rtl(self) -> bool:
        return self._kit.words.right_to_left

    def _mirrored(self, box: QRect, frame: QRect) -> QRect:
        if not self._rtl:
            return box
        return QRect(frame.left() + frame.right() - box.right(), box.top(), box.width(), box.height())
