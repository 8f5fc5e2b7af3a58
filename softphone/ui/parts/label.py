"""Text on the screen: always plain text, whatever it contains."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

from softphone.ui.theme.tokens import Tone


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet selects by, and have it applied anew if one has changed."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class TextLabel(QLabel):
    """`role` picks size and weight (resources/styles). Wraps when asked to, else is cut with an ellipsis
    and shows the whole text as a tool tip."""

    def __init__(self, role: str = "body", text: str = "", *, wrap: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        self._wraps = wrap
        if not wrap:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(text)
        self._face_reader()

    def show_text(self, text: str, tone: Tone = Tone.NEUTRAL) -> None:
        """Set text and tone, and hide the label if there is nothing to say."""
        if self.text() != text:
            self.setText(text)
        restyle(self, tone=str(tone))
        if not text:
            self.hide()
        elif self.parentWidget() is not None:  # without one it would become a window of its own for a moment
            self.show()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        hint = super().minimumSizeHint()
        if self._wraps:
            return hint
        return QSize(min(hint.width(), 3 * QFontMetrics(self.font()).averageCharWidth()), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        metrics = self.fontMetrics()
        room = self.contentsRect()
        if self._wraps or metrics.horizontalAdvance(self.text()) <= room.width():
            self.setToolTip("")
            super().paintEvent(event)
            return
        self.setToolTip(self.text())
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        cut = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        alignment = self.alignment()
        self.style().drawItemText(
            painter, room, int(alignment), option.palette, self.isEnabled(), cut, self.foregroundRole()
        )

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        elif event.type() == QEvent.Type.LayoutDirectionChange:
            self._face_reader()
        super().changeEvent(event)

    def _face_reader(self) -> None:
        """Start where the reader starts: Qt would align a Latin name to the left of a Hebrew window."""
        if self.alignment() & Qt.AlignmentFlag.AlignHCenter:
            return
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)


class IconLabel(QWidget):
    """An icon that explains the text beside it, sharp on every screen; screen readers skip it."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._icon = QIcon()
        self.setFixedSize(size, size)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_icon(self, icon: QIcon) -> None:
        self._icon = icon
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        self._icon.paint(painter, self.rect(), Qt.AlignmentFlag.AlignCenter, mode)
        painter.end()
