"""The icon in the tray: the agent's state at a glance, the incoming call, the way back to the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.agent import AgentView
from softphone.ui.presenters.stage import RingingView
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import PRODUCT

_SIDE = 64
_NOTICE_MS = 20_000


class Tray(QObject):
    """Does nothing where the desktop has no tray. Intents: `show_wanted`, `quit_wanted`."""

    show_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, kit: Kit, parent: QObject) -> None:
        super().__init__(parent)
        self._kit = kit
        self._tone: Tone | None = None
        self._ringing = ""
        self._icon = QSystemTrayIcon(self)
        self._menu = QMenu()
        show = QAction(kit.t("Show the window"), self._menu)
        leave = QAction(kit.t("Quit"), self._menu)
        show.triggered.connect(lambda _checked=False: self.show_wanted.emit())
        leave.triggered.connect(lambda _checked=False: self.quit_wanted.emit())
        self._menu.addActions([show, leave])
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.show_wanted)

    @property
    def available(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_agent(self, view: AgentView) -> None:
        if view.tone is not self._tone:
            self._tone = view.tone
            self._icon.setIcon(self._badge(self._kit.look.colours.text_of(view.tone)))
            if self.available:
                self._icon.show()
        self._icon.setToolTip(f"{PRODUCT} · {view.label}")

    def show_ringing(self, views: tuple[RingingView, ...]) -> None:
        """Announce a new call; the words are those of the ringing card."""
        newest = views[-1].spoken if views else ""
        if newest and newest != self._ringing and self.available:
            self._icon.showMessage(self._kit.t("Incoming call"), newest, QIcon(self._icon.icon()), _NOTICE_MS)
        self._ringing = newest

    def tell(self, text: str) -> None:
        if self.available:
            self._icon.showMessage(PRODUCT, text, QIcon(self._icon.icon()), _NOTICE_MS)

    def put_away(self) -> None:
        self._icon.hide()

    def _badge(self, colour: str) -> QIcon:
        """The program's icon with a dot in the colour of the state."""
        pixmap = QPixmap(_SIDE, _SIDE)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        brand = self._kit.icon("brand").pixmap(QSize(_SIDE, _SIDE))
        painter.drawPixmap(0, 0, brand)
        dot = _SIDE * 2 // 5
        painter.setPen(QColor("#ffffff"))
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QRect(_SIDE - dot - 1, _SIDE - dot - 1, dot, dot))
        painter.end()
        return QIcon(pixmap)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.show_wanted.emit()
