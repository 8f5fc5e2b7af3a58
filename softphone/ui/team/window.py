"""The team view: the live list, what can be done with the chosen agent, and the lead's own listening beside
it. As a wallboard it fills the screen in large type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from softphone.domain.supervision import SupervisionMode
from softphone.ui.notice_area import NoticeArea
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.team_words import MODE
from softphone.ui.team.agents_list import AgentsList
from softphone.ui.team.model import ShownRow, TeamModel
from softphone.ui.team.panel import SupervisionPanel
from softphone.ui.team.team_bar import TeamBar, TeamSums
from softphone.ui.theme.tokens import Size, Space
from softphone.ui.words import PRODUCT

WALLBOARD_SCALE = 1.4


class TeamWindow(QWidget):
    """Thread: main. Intents: `supervision_wanted` with an extension and a mode; `closed`."""

    supervision_wanted = Signal(str, object)
    closed = Signal()

    def __init__(self, kit: Kit, now: Callable[[], datetime], speak: Callable[[ShownRow], str]) -> None:
        super().__init__()
        self._kit = kit
        self._modes: tuple[SupervisionMode, ...] = ()
        self.wallboard = False
        self.setObjectName("canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(f"{kit.t('Team')} – {PRODUCT}")
        self.setWindowIcon(kit.icon("brand"))
        self.bar, self.sums = TeamBar(kit), TeamSums(kit)
        self.notices = NoticeArea(kit)
        self.model = TeamModel(speak)
        self.agents = AgentsList(kit, self.model, now)
        self._empty = TextLabel("muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.panel = SupervisionPanel(kit)
        self.panel.hide()
        self.wishes = {mode: self._action(mode) for mode in SupervisionMode}
        self._chosen = TextLabel("strong")
        self.board = Button(kit, kit.t("Wallboard"), self.toggle_wallboard, icon="wallboard", shortcut="F11")
        self.board.setObjectName("wallboard")
        self._foot = QWidget()
        self._lay_out()
        self.agents.chosen.connect(lambda _extension: self._show_actions())
        self.agents.entered.connect(lambda extension: self._want(extension, SupervisionMode.LISTEN))
        self.agents.customContextMenuRequested.connect(self._menu)
        QShortcut(QKeySequence("F11"), self).activated.connect(self.toggle_wallboard)
        QShortcut(QKeySequence("Ctrl+F"), self).activated.connect(self.bar.search.setFocus)
        self.setMinimumSize(kit.px(Size.TEAM_MIN_WIDTH), kit.px(Size.FORM_WIDTH))
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._kit.px(Size.TEAM_WIDTH), self._kit.px(Size.TEAM_HEIGHT))

    # --- showing -----------------------------------------------------------------------------------------

    def show_rows(self, rows: tuple[ShownRow, ...], empty: str) -> None:
        self.model.show_rows(rows)
        self.agents.setVisible(bool(rows))
        self._empty.show_text("" if rows else empty)
        self._show_actions()

    def offer(self, modes: tuple[SupervisionMode, ...]) -> None:
        """What this telephone system lets a lead do."""
        self._modes = modes
        for mode, button in self.wishes.items():
            button.setVisible(mode in modes)
        self._show_actions()

    def toggle_wallboard(self) -> None:
        """Fill the screen in large type, or be a window again."""
        self.show_as_wallboard(not self.wallboard)
        if self.wallboard:
            self.showFullScreen()
        else:
            self.showNormal()

    def show_as_wallboard(self, on: bool) -> None:
        self.wallboard = on
        self.agents.show_tiles(WALLBOARD_SCALE if on else 1.0)
        for part in (self.bar, self._foot):
            part.setVisible(not on)
        self.agents.setFocus()

    # --- Qt ----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape and self.wallboard:
            self.toggle_wallboard()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        super().closeEvent(event)
        self.closed.emit()

    # --- doing -------------------------------------------------------------------------------------------

    def _action(self, mode: SupervisionMode) -> Button:
        words = MODE[mode]
        kind = "primary" if mode is SupervisionMode.LISTEN else ""
        button = Button(self._kit, self._kit.t(words.wish), self._wisher(mode), icon=words.icon, kind=kind)
        button.setObjectName(f"agent_{mode.value}")
        button.setToolTip(self._kit.t(words.hint))
        button.setAccessibleDescription(self._kit.t(words.hint))
        return button

    def _wisher(self, mode: SupervisionMode) -> Callable[[], None]:
        return lambda: self._want(self.agents.current, mode)

    def _want(self, extension: str, mode: SupervisionMode) -> None:
        if extension and mode in self._modes and self._can_listen():
            self.supervision_wanted.emit(extension, mode)

    def _can_listen(self) -> bool:
        place = self.model.place_of(self.agents.current)
        return place >= 0 and self.model.rows[place].line.can_listen

    def _show_actions(self) -> None:
        place = self.model.place_of(self.agents.current)
        line = self.model.rows[place].line if place >= 0 else None
        self._chosen.show_text(line.title if line else self._kit.t("Choose an agent who is on a call."))
        for button in self.wishes.values():
            button.setEnabled(line is not None and line.can_listen)

    def _menu(self, at: QPoint) -> None:
        if not self.agents.current or not self._can_listen():
            return
        menu = QMenu(self)
        for mode in self._modes:
            words = MODE[mode]
            entry = QAction(self._kit.icon(words.icon), self._kit.t(words.wish), menu)
            wish = self._wisher(mode)
            entry.triggered.connect(lambda _on=False, wish=wish: wish())
            menu.addAction(entry)
        menu.popup(self.agents.viewport().mapToGlobal(at))

    def _lay_out(self) -> None:
        kit, small, margin = self._kit, self._kit.px(Space.SMALL), self._kit.px(Space.MEDIUM)
        head = QHBoxLayout()
        head.setSpacing(margin)
        head.addWidget(self.sums, 1)
        head.addWidget(self.board, 0, Qt.AlignmentFlag.AlignTop)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(small)
        foot.addWidget(self._chosen, 1)
        for button in self.wishes.values():
            foot.addWidget(button)
        left = QVBoxLayout()
        left.setSpacing(small)
        left.addLayout(head)
        left.addWidget(self.bar)
        left.addWidget(self.notices)
        left.addWidget(self._empty, 1)
        left.addWidget(self.agents, 1)
        left.addWidget(self._foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(margin, margin, margin, margin)
        row.setSpacing(kit.px(Space.MEDIUM))
        row.addLayout(left, 1)
        row.addWidget(self.panel)
