"""The head of the team view: search, filter, order; sums by state and who waits in which queue."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from softphone.domain.agent_state import AgentState
from softphone.domain.team import TeamOrder, TeamView
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.parts.tick import Tick
from softphone.ui.presenters.team import STATES, TeamSum, state_words
from softphone.ui.presenters.team_words import ORDER
from softphone.ui.theme.tokens import Size, Space, Tone

_EVERY = "every"
_UNKNOWN = "unknown"


class TeamBar(QWidget):
    """`changed` when another view of the list is wanted: `wanted` says which."""

    changed = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setObjectName("team_search")
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(kit.t("Search agents and campaigns"))
        self.search.setAccessibleName(kit.t("Search agents and campaigns"))
        self.search.textChanged.connect(lambda _text: self.changed.emit())
        self.state = Choice(kit, "team_state", kit.t("Which agents"))
        self.state.addItem(kit.t("All states"), _EVERY)
        for state in STATES:
            self.state.addItem(state_words(kit.wording, state), state.value if state else _UNKNOWN)
        self.order = Choice(kit, "team_order", kit.t("Order"))
        for order, text in ORDER.items():
            self.order.addItem(kit.t(text), order.value)
        for choice in (self.state, self.order):
            choice.activated.connect(lambda _index: self.changed.emit())
        self.alarms = Tick(kit, "team_alarms", kit.t("Only alarms"))
        self.alarms.toggled.connect(lambda _on: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(kit.px(Space.SMALL))
        row.addWidget(self.search, 3)
        row.addWidget(self.state, 2)
        row.addWidget(self.order, 2)
        row.addWidget(self.alarms)

    def wanted(self) -> TeamView:
        chosen = str(self.state.currentData())
        states: frozenset[AgentState | None] = frozenset()
        if chosen == _UNKNOWN:
            states = frozenset({None})
        elif chosen != _EVERY:
            states = frozenset({AgentState(chosen)})
        order = TeamOrder(str(self.order.currentData()))
        return TeamView(self.search.text(), states, self.alarms.isChecked(), order)


class TeamSums(QWidget):
    """How many are in each state, and the queues. `large` for the wallboard."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._shown: tuple[tuple[TeamSum, ...], tuple[tuple[str, Tone], ...], bool] | None = None
        self._counts: dict[AgentState | None, tuple[QWidget, TextLabel]] = {}
        self._sums, self._queues = QHBoxLayout(), QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        for row in (self._sums, self._queues):
            row.setSpacing(kit.px(Space.MEDIUM))
            column.addLayout(row)
        kit.look.changed.connect(self._forget)

    def show_view(
        self, sums: tuple[TeamSum, ...], queues: tuple[tuple[str, Tone], ...], *, large: bool
    ) -> None:
        if self._shown == (sums, queues, large):
            return
        before, self._shown = self._shown, (sums, queues, large)
        if before is None or before[2] != large:
            clear(self._sums)
            self._counts = {found.state: self._sum(found, large) for found in sums}
            self._sums.addStretch()
        for found in sums:
            box, count = self._counts[found.state]
            count.setText(self._kit.wording.formats.number(found.count))
            box.setAccessibleName(f"{found.text}: {found.count}")
        if before is None or before[1:] != (queues, large):
            clear(self._queues)
            for text, tone in queues:
                self._queues.addWidget(self._queue(text, tone, large))
            self._queues.addStretch()

    def _sum(self, found: TeamSum, large: bool) -> tuple[QWidget, TextLabel]:
        box, icon = QWidget(), IconLabel(self._kit.px(Size.ICON_LARGE if large else Size.ICON_SMALL))
        icon.show_icon(self._kit.icon(found.icon, self._kit.look.colours.text_of(found.tone)))
        count = TextLabel("display" if large else "strong")
        words = TextLabel("subtitle" if large else "muted")
        words.show_text(found.text)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._kit.px(Space.TIGHT))
        row.addWidget(icon)
        for label in (count, words):
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            row.addWidget(label)
        self._sums.addWidget(box)
        return box, count

    def _queue(self, text: str, tone: Tone, large: bool) -> QWidget:
        label = TextLabel("title") if large else TextLabel("chip")
        label.show_text(text, tone)
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return label

    def _forget(self) -> None:
        self._shown = None
