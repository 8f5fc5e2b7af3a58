"""How an agent looks: as a wide row of the list, or as a tile of the wallboard.

A picture holds everything but the running times. Those are drawn into their places (`Clock`) each time the
picture is put down: a second that passes costs a few digits, not an agent.
"""

from __future__ import annotations

from dataclasses import field

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from softphone.domain.facts import dataclass
from softphone.ui.parts.kit import Kit
from softphone.ui.team.model import ShownRow
from softphone.ui.theme.tokens import Colours, Size, Space, Text, Tone

_ROW_COLUMNS = (26, 28, 28, 18)
"""Shares of a row's width: name, state, call, alarms."""

_SEPARATOR = " · "
_ELLIPSIS_TO_THE_END = Qt.TextElideMode.ElideRight


@dataclass(frozen=True, slots=True)
class Times:
    """What the two clocks of an agent say, empty where one does not run."""

    state: str
    call: str

    @property
    def room(self) -> tuple[int, int]:
        """While that stays the same the picture fits: only how long the words are moves anything."""
        return len(self.state), len(self.call)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a running time stands in a picture, and how; `of_call` tells which of the two."""

    place: QRect
    of_call: bool
    colour: QColor
    font: QFont
    flags: int


@dataclass(slots=True)
class AgentPicture:
    pixmap: QPixmap
    clocks: list[Clock] = field(default_factory=list)

    def put_down(self, painter: QPainter, at: QPoint, times: Times) -> None:
        painter.drawPixmap(at, self.pixmap)
        for clock in self.clocks:
            painter.setFont(clock.font)
            painter.setPen(clock.colour)
            words = times.call if clock.of_call else times.state
            painter.drawText(clock.place.translated(at), clock.flags, words)


class AgentDrawing:
    """Draws pictures of one size of type: `scale` above 1 draws tiles. Icons and fonts are kept."""

    def __init__(self, kit: Kit, fonts_of: QWidget) -> None:
        self._kit = kit
        self._fonts_of = fonts_of
        self.scale = 1.0
        self._icons: dict[tuple[str, str, int, float], QPixmap] = {}
        self._fonts: dict[tuple[int, bool], tuple[QFont, QFontMetrics]] = {}

    @property
    def large(self) -> bool:
        return self.scale > 1

    def px(self, token: float) -> int:
        return round(self._kit.px(token) * self.scale)

    def forget(self) -> None:
        """Colours or sizes are others now."""
        self._icons.clear()
        self._fonts.clear()

    def picture(
        self, size: QSize, ratio: float, shown: ShownRow, times: Times, flags: tuple[bool, bool]
    ) -> AgentPicture:
        """An opaque picture, which costs a third of one with an alpha channel to put down. `flags`: selected,
        under the pointer."""
        pixmap = QPixmap(size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self._colours.canvas))
        made = AgentPicture(pixmap)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(QPoint(0, 0), size)
        self._ground(painter, rect, shown, flags)
        stroke = _Stroke(painter, ratio, times, made.clocks)
        (self._tile if self.large else self._row)(stroke, rect, shown)
        painter.end()
        return made

    # --- grounds -----------------------------------------------------------------------------------------

    def _ground(self, painter: QPainter, rect: QRect, shown: ShownRow, flags: tuple[bool, bool]) -> None:
        colours, radius = self._colours, self.px(Size.RADIUS_SMALL)
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

    def _row(self, stroke: _Stroke, rect: QRect, shown: ShownRow) -> None:
        frame = rect.adjusted(self.px(Space.MEDIUM), self.px(Space.TIGHT), -self.px(Space.MEDIUM), 0)
        frame.setBottom(rect.bottom() - self.px(Space.TIGHT))
        name, state, call, alarms = self._columns(frame)
        line = shown.line
        upper, lower = self._two_lines(stroke, name, "", Tone.NEUTRAL)
        self._text(stroke, upper, line.title, self._colours.text, Text.BODY, strong=True)
        self._text(stroke, lower, line.extension if line.name else "", self._colours.text_muted, Text.CAPTION)
        upper, lower = self._two_lines(stroke, state, line.icon, line.tone)
        self._text(stroke, upper, line.state, self._first(line.tone), Text.BODY, strong=True)
        self._words_and_clock(stroke, lower, line.reason, of_call=False)
        upper, lower = self._two_lines(stroke, call, line.call_icon, Tone.NEUTRAL)
        self._text(stroke, upper, line.call, self._colours.text, Text.BODY)
        self._words_and_clock(stroke, lower, line.call_detail, of_call=True)
        self._alarms(stroke, alarms, shown)

    def _tile(self, stroke: _Stroke, rect: QRect, shown: ShownRow) -> None:
        margin = self.px(Space.MEDIUM)
        frame = rect.adjusted(margin, margin, -margin, -margin)
        height = frame.height() // 4
        boxes = [QRect(frame.left(), frame.top() + i * height, frame.width(), height) for i in range(4)]
        line = shown.line
        self._text(stroke, boxes[0], line.title, self._colours.text, Text.SUBTITLE, strong=True)
        words = self._kit.words.join((line.state, line.reason))
        tone = self._colours.text_of(line.tone)
        self._icon_and_words(
            stroke, self._clock_at_end(stroke, boxes[1], of_call=False), line.icon, tone, words
        )
        muted = self._colours.text_muted
        box = self._clock_at_end(stroke, boxes[2], of_call=True)
        self._icon_and_words(stroke, box, line.call_icon, muted, line.call)
        if shown.alarms:
            sign = shown.alarms[0]
            colour = self._colours.danger_text if line.help else self._colours.warning_text
            text = self._kit.words.join((sign.text, line.help))
            self._icon_and_words(stroke, boxes[3], sign.icon, colour, text, strong=True)

    def _alarms(self, stroke: _Stroke, box: QRect, shown: ShownRow) -> None:
        half = box.height() // 2
        for place, sign in enumerate(shown.alarms[:2]):
            colour = self._colours.danger_text if sign.icon == "help" else self._colours.warning_text
            text = shown.line.help if sign.icon == "help" and shown.line.help else sign.text
            area = QRect(box.left(), box.top() + place * half, box.width(), half)
            self._icon_and_words(stroke, area, sign.icon, colour, text, strong=True, size=Text.CAPTION)

    def _columns(self, frame: QRect) -> list[QRect]:
        gap, left, boxes = self.px(Space.MEDIUM), frame.left(), []
        for share in _ROW_COLUMNS:
            width = frame.width() * share // 100
            box = QRect(left, frame.top(), width - gap, frame.height())
            boxes.append(self._mirrored(box, frame))
            left += width
        return boxes

    # --- strokes -----------------------------------------------------------------------------------------

    def _two_lines(self, stroke: _Stroke, box: QRect, icon: str, tone: Tone) -> tuple[QRect, QRect]:
        """Draw the icon, and tell where the two lines of text beside it go."""
        half = box.height() // 2
        side, gap = self.px(Size.ICON_SMALL), self.px(Space.SMALL)
        words = QRect(box)
        if icon:
            place = QRect(box.left(), box.top() + (half - side) // 2, side, side)
            pixmap = self._pixmap(icon, self._colours.text_of(tone), side, stroke.ratio)
            stroke.painter.drawPixmap(self._mirrored(place, box), pixmap)
            words = self._mirrored(box.adjusted(side + gap, 0, 0, 0), box)
        upper = QRect(words.left(), words.top(), words.width(), half)
        return upper, QRect(words.left(), words.top() + half, words.width(), box.height() - half)

    def _words_and_clock(self, stroke: _Stroke, box: QRect, words: str, *, of_call: bool) -> None:
        """Small words, then the time: what is too long is cut from the words, never from the time."""
        colour, size = self._colours.text_muted, Text.CAPTION
        text = stroke.clock_words(of_call)
        if not text:
            self._text(stroke, box, words, colour, size)
            return
        room = self._clock_width(text, size, strong=False)
        left = box.left()
        if words:
            metrics = self._font(size, strong=False)[1]
            gap = metrics.horizontalAdvance(_SEPARATOR)
            said = metrics.elidedText(words, _ELLIPSIS_TO_THE_END, max(0, box.width() - room - gap))
            for piece in (said, _SEPARATOR):  # each by itself: the order is the window's, not the words'
                width = metrics.horizontalAdvance(piece)
                place = QRect(left, box.top(), width + 1, box.height())
                self._text(stroke, self._mirrored(place, box), piece, colour, size)
                left += width
        place = QRect(left, box.top(), room, box.height())
        self._clock(stroke, self._mirrored(place, box), of_call, colour, size)

    def _clock_at_end(self, stroke: _Stroke, box: QRect, *, of_call: bool) -> QRect:
        """Put the time at the line's end; what is left of the line."""
        text = stroke.clock_words(of_call)
        if not text:
            return box
        room = self._clock_width(text, Text.BODY, strong=False)
        place = QRect(box.right() - room + 1, box.top(), room, box.height())
        self._clock(stroke, self._mirrored(place, box), of_call, self._colours.text, Text.BODY, at_end=True)
        return self._mirrored(box.adjusted(0, 0, -room - self.px(Space.TIGHT), 0), box)

    def _clock(
        self, stroke: _Stroke, place: QRect, of_call: bool, colour: str, size: int, *, at_end: bool = False
    ) -> None:
        flags = self._alignment(at_end=at_end) | int(Qt.TextFlag.TextDontClip)
        font = self._font(size, strong=False)[0]
        stroke.clocks.append(Clock(place, of_call, QColor(colour), font, flags))

    def _clock_width(self, text: str, size: int, *, strong: bool) -> int:
        """Room for any time of so many digits: the widest digit is 0 or 8, whatever runs by."""
        widest = "".join("0" if char.isdigit() else char for char in text)
        return self._font(size, strong)[1].horizontalAdvance(widest) + 2

    def _icon_and_words(
        self,
        stroke: _Stroke,
        box: QRect,
        icon: str,
        colour: str,
        text: str,
        *,
        strong: bool = False,
        size: int = Text.BODY,
    ) -> None:
        side, gap = self.px(Size.ICON_SMALL), self.px(Space.TIGHT)
        if icon:
            place = QRect(box.left(), box.top() + (box.height() - side) // 2, side, side)
            pixmap = self._pixmap(icon, colour, side, stroke.ratio)
            stroke.painter.drawPixmap(self._mirrored(place, box), pixmap)
        words = box.adjusted(side + gap if icon else 0, 0, 0, 0)
        self._text(stroke, self._mirrored(words, box), text, colour, size, strong=strong)

    def _text(
        self, stroke: _Stroke, box: QRect, text: str, colour: str, size: int, *, strong: bool = False
    ) -> None:
        if not text:
            return
        font, metrics = self._font(size, strong)
        stroke.painter.setFont(font)
        stroke.painter.setPen(QColor(colour))
        cut = metrics.elidedText(text, _ELLIPSIS_TO_THE_END, box.width())
        stroke.painter.drawText(box, self._alignment(), cut)

    def _alignment(self, *, at_end: bool = False) -> int:
        to_the_right = self._rtl is not at_end
        side = Qt.AlignmentFlag.AlignRight if to_the_right else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)

    def _font(self, size: int, strong: bool) -> tuple[QFont, QFontMetrics]:
        found = self._fonts.get((size, strong))
        if found is None:
            font = QFont(self._fonts_of.font())
            font.setPixelSize(self.px(size))
            font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
            found = self._fonts[size, strong] = (font, QFontMetrics(font))
        return found

    def _pixmap(self, icon: str, colour: str, side: int, ratio: float) -> QPixmap:
        """Drawn once: an icon is an SVG file, and there may be hundreds of rows."""
        key = (icon, colour, side, ratio)
        if key not in self._icons:
            self._icons[key] = self._kit.icon(icon, colour).pixmap(QSize(side, side), ratio)
        return self._icons[key]

    def _first(self, tone: Tone) -> str:
        return self._colours.text if tone is Tone.NEUTRAL else self._colours.text_of(tone)

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


@dataclass(slots=True)
class _Stroke:
    """What is being drawn on, and the clocks found on the way."""

    painter: QPainter
    ratio: float
    times: Times
    clocks: list[Clock]

    def clock_words(self, of_call: bool) -> str:
        return self.times.call if of_call else self.times.state
