"""Buttons: always named for screen readers, with a focus ring that shows on every ground."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel, restyle
from softphone.ui.theme.tokens import Size, Space

INERT_MS = 300
"""A button that has just appeared under the pointer does nothing for this long."""

_ICON_ROLE = {
    "primary": "on_accent",
    "good": "on_good",
    "danger": "on_danger",
    "quiet": "accent_text",
    "faint": "text_muted",
}


class Button(QPushButton):
    """`kind` picks the look (resources/styles): primary, good, danger, quiet, tool, key, tab, row, or plain.

    A `tool`, and its quieter sister `faint`, shows its icon only; the text is accessible name and tool tip.
    """

    def __init__(
        self,
        kit: Kit,
        text: str,
        on_click: Callable[[], None] | None = None,
        *,
        icon: str = "",
        kind: str = "",
        large: bool = False,
        shortcut: str = "",
    ) -> None:
        super().__init__()
        self.kit = kit
        self.icon_name = icon
        self._kind = kind
        self._inert_until = 0.0
        self.setProperty("kind", kind)
        self.setProperty("large", "true" if large else "false")
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.name(text, shortcut)
        if on_click:
            self.clicked.connect(lambda _checked=False: on_click())
        self._colour_icon()
        kit.look.changed.connect(self._colour_icon)
        if self._bare:
            self.setFixedSize(kit.px(Size.CONTROL), kit.px(Size.CONTROL))

    def name(self, text: str, shortcut: str = "") -> None:
        """Set what the button says, for the eye and for a screen reader."""
        hint = self.kit.words.keyed(text, shortcut)
        self.setText("" if self._bare else text.replace("&", "&&"))
        self.setAccessibleName(text)
        if self._bare or shortcut:
            self.setToolTip(hint)

    @property
    def _bare(self) -> bool:
        """It shows its icon only."""
        return self._kind in ("tool", "faint")

    def set_icon(self, name: str) -> None:
        if name != self.icon_name:
            self.icon_name = name
            self._colour_icon()

    def set_kind(self, kind: str) -> None:
        """Another look, where the same button does something else now."""
        if kind != self._kind:
            self._kind = kind
            restyle(self, kind=kind)
            self._colour_icon()

    def guard(self, milliseconds: int = INERT_MS) -> None:
        """Ignore clicks and keys from now on for a moment: nobody can have meant this button yet."""
        self._inert_until = time.monotonic() + milliseconds / 1000

    @property
    def inert(self) -> bool:
        return time.monotonic() < self._inert_until

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self.inert:
            event.accept()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if self.inert or event.isAutoRepeat():
            event.accept()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self.hasFocus():
            return
        colours = self.kit.look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.kit.px(Size.FOCUS)
        for inset, colour in ((width / 2, colours.focus), (1.5 * width, colours.surface)):
            painter.setPen(QPen(QColor(colour), width))
            room = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(room, self.kit.px(Size.RADIUS_SMALL), self.kit.px(Size.RADIUS_SMALL))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.EnabledChange:
            self._colour_icon()
        super().changeEvent(event)

    def _colour_icon(self) -> None:
        if not self.icon_name:
            return
        role = _ICON_ROLE.get(self._kind, "text")
        if not self.isEnabled():
            role = "text_disabled"
        side = self.kit.px(Size.ICON)
        gap = self.kit.px(Space.TIGHT) if self.text() else 0  # Qt's own gap to the text is too small
        self.setIcon(self.kit.icon(self.icon_name, role))
        self.setIconSize(QSize(side + gap, side))


class StackedButton(Button):
    """Icon above text: the tools of a call. Checkable ones look pressed while they are on."""

    def __init__(
        self, kit: Kit, text: str, icon: str, on_click: Callable[[], None], *, shortcut: str = ""
    ) -> None:
        self._picture, self._caption = IconLabel(kit.px(Size.ICON)), TextLabel("caption")
        super().__init__(kit, text, on_click, icon=icon, kind="stacked", shortcut=shortcut)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, kit.px(Space.SMALL), 0, kit.px(Space.TIGHT))
        column.setSpacing(kit.px(Space.HAIR))
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._caption)
        for label in (self._picture, self._caption):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(kit.px(Size.STACKED))

    def name(self, text: str, shortcut: str = "") -> None:
        super().name(text, shortcut)
        self.setText("")
        self._caption.setText(text)

    def show_on(self, on: bool) -> None:
        """Look switched on or off."""
        self.setCheckable(True)
        self.setChecked(on)
        self._colour_icon()

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """What is shown follows the call, not the click."""

    def _colour_icon(self) -> None:
        role = "text_disabled" if not self.isEnabled() else "accent_text" if self.isChecked() else "text"
        self._picture.show_icon(self.kit.icon(self.icon_name, role))
        restyle(self._caption, tone="accent" if self.isChecked() and self.isEnabled() else "neutral")
        self._caption.setEnabled(self.isEnabled())


def spread(buttons: list[QWidget]) -> None:
    """Give buttons of one row the same share of the width."""
    for button in buttons:
        button.setSizePolicy(QSizePolicy.Policy.Ignored, button.sizePolicy().verticalPolicy())
