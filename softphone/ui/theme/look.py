"""The look in force: which theme, which text size, and what follows from them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from softphone.domain.settings import Theme
from softphone.ui.theme.icons import IconSet
from softphone.ui.theme.style_sheet import style_sheet
from softphone.ui.theme.tokens import DARK, LIGHT, Colours, Text

_ORDINARY_SYSTEM_TEXT_PX = 15
"""System fonts up to this size are the ordinary case; a larger one means that somebody needs larger text."""


class Look(QObject):
    """Thread: main. Applies itself to the application; `changed` tells widgets to colour their icons anew.

    `scale` is the size of the text and all that holds it, 1.0 to 2.0 (WCAG 2.2 criterion 1.4.4); without it
    the system's text size decides.
    """

    changed = Signal()

    def __init__(
        self, application: QApplication, theme: Theme = Theme.SYSTEM, scale: float | None = None
    ) -> None:
        super().__init__(application)
        self._application = application
        self._icons = IconSet()
        self._theme = theme
        system = QFontInfo(application.font()).pixelSize()
        self.scale = scale or min(2.0, max(1.0, system / _ORDINARY_SYSTEM_TEXT_PX))
        self.colours = LIGHT
        self._applied: Colours | None = None
        application.setStyle("Fusion")  # the only style that takes a whole style sheet alike everywhere
        self._apply()
        application.styleHints().colorSchemeChanged.connect(lambda _scheme: self._apply())

    @property
    def dark(self) -> bool:
        return self.colours is DARK

    def px(self, token: float) -> int:
        """A token's pixels at the person's text size."""
        return round(token * self.scale)

    def choose(self, theme: Theme) -> None:
        self._theme = theme
        self._apply()

    def icon(self, name: str, role: str = "text", mirrored: bool = False) -> QIcon:
        """An icon in the colour of a role, or in `#rrggbb`."""
        colour = role if role.startswith("#") else str(getattr(self.colours, role))
        return self._icons.icon(name, colour, mirrored)

    def _wanted(self) -> Colours:
        if self._theme is Theme.SYSTEM:
            scheme = self._application.styleHints().colorScheme()
            return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._theme is Theme.DARK else LIGHT

    def _apply(self) -> None:
        wanted = self._wanted()
        if wanted is self._applied:
            return
        self.colours = self._applied = wanted
        font = QFont(self._application.font())
        font.setPixelSize(self.px(Text.BODY))
        self._application.setFont(font)
        self._application.setPalette(_palette(wanted))
        self._application.setStyleSheet(style_sheet(wanted, self.px))
        self.changed.emit()


def _palette(c: Colours) -> QPalette:
    """For what the style sheet does not reach: native parts of Fusion, placeholders, links."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, c.canvas),
        (role.WindowText, c.text),
        (role.Base, c.field),
        (role.AlternateBase, c.hover),
        (role.Text, c.text),
        (role.PlaceholderText, c.text_muted),
        (role.Button, c.surface),
        (role.ButtonText, c.text),
        (role.BrightText, c.danger_text),
        (role.Highlight, c.accent),
        (role.HighlightedText, c.on_accent),
        (role.Link, c.accent_text),
        (role.ToolTipBase, c.text),
        (role.ToolTipText, c.surface),
        (role.Accent, c.accent),
    ):
        palette.setColor(target, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, target, QColor(c.text_disabled))
    return palette
