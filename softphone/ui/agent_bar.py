"""The top of the window: the agent's state with its menu, and the way to the settings."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.agent import AgentView, StateChoice
from softphone.ui.theme.tokens import Size, Space, Tone


class AgentBar(QFrame):
    """Intents: `chosen` with a reason for Not ready, or None for Ready; `settings_wanted`, `team_wanted`."""

    chosen = Signal(object)
    settings_wanted = Signal()
    team_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.state = StateButton(kit)
        self.state.chosen.connect(self.chosen)
        self.settings = Button(
            kit, kit.t("Settings"), self.settings_wanted.emit, icon="settings", kind="tool", shortcut="Ctrl+,"
        )
        self.team = Button(
            kit, kit.t("Team"), self.team_wanted.emit, icon="team", kind="tool", shortcut="Ctrl+Shift+T"
        )
        self.team.setObjectName("open_team")
        self.team.setVisible(False)
        row = QHBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        small = kit.px(Space.SMALL)
        row.setContentsMargins(kit.edges(margin, small, small, small))
        row.setSpacing(kit.px(Space.SMALL))
        row.addWidget(self.state, 1)
        row.addWidget(self.team)
        row.addWidget(self.settings)

    def show_view(self, view: AgentView) -> None:
        self.state.show_view(view)

    def show_team(self, leads: bool) -> None:
        """The way to the team view is there for leads alone."""
        self.team.setVisible(leads)


class StateButton(Button):
    """Dot, state, what comes next, since when; opens the menu of choices."""

    chosen = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit, kit.t("Your state"), kind="state")
        self.setObjectName("agent_state")
        self._dot = IconLabel(kit.px(Space.MEDIUM))
        self._label, self._detail = TextLabel("strong"), TextLabel("caption")
        self._timer, self._caret = TextLabel("muted"), IconLabel(kit.px(Space.MEDIUM))
        self._timer.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._menu = QMenu(self)
        self._choices: tuple[StateChoice, ...] = ()
        self._tone = Tone.NEUTRAL
        self._lay_out(kit)
        self.setText("")
        self.clicked.connect(self._open)
        kit.look.changed.connect(self._colour)
        self._colour()

    def show_view(self, view: AgentView) -> None:
        self._label.show_text(view.label)
        self._detail.show_text(view.detail)
        self._timer.show_text(view.timer)
        self.setAccessibleName(view.spoken)
        if view.tone is not self._tone:
            self._tone = view.tone
            self._colour()
        if view.choices != self._choices:
            self._choices = view.choices
            self._fill_menu()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self.kit.px(Size.PHONE_WIDTH) // 2, self.kit.px(Size.CONTROL_LARGE))

    def _lay_out(self, kit: Kit) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(self._label)
        words.addWidget(self._detail)
        words.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(kit.px(Space.MEDIUM), 0, kit.px(Space.MEDIUM), 0)
        row.setSpacing(kit.px(Space.SMALL))
        row.addWidget(self._dot)
        row.addLayout(words, 1)
        row.addWidget(self._timer)
        row.addWidget(self._caret)
        for label in (self._dot, self._label, self._detail, self._timer, self._caret):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _colour(self) -> None:
        colour = self.kit.look.colours.text_of(self._tone)
        self._dot.show_icon(self.kit.icon("state", colour))
        self._caret.show_icon(self.kit.icon("caret-down", "text_muted"))

    def _fill_menu(self) -> None:
        self._menu.clear()
        group = QActionGroup(self._menu)
        for choice in self._choices:
            colour = self.kit.look.colours.text_of(choice.tone)
            action = QAction(self.kit.icon("state", colour), choice.label.replace("&", "&&"), group)
            action.setCheckable(True)
            action.setChecked(choice.chosen)
            action.triggered.connect(lambda _on=False, reason=choice.reason: self.chosen.emit(reason))
            self._menu.addAction(action)

    def _open(self) -> None:
        self._menu.setMinimumWidth(self.width())
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
