"""The lead's window and the use cases behind it: what is drawn when, and what each click means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from softphone.domain.errors import SoftphoneError
from softphone.domain.ids import DeliveryId
from softphone.domain.supervision import Supervision, SupervisionMode
from softphone.domain.team import AlarmLimits, TeamRow
from softphone.ui.attention import show_without_focus
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.closing import present_closing_notices, present_escalations
from softphone.ui.presenters.notices import Notice, NoticeKind
from softphone.ui.presenters.supervision import present_supervision
from softphone.ui.presenters.team import (
    present_alarms,
    present_help_notices,
    present_queues,
    present_row,
    present_sums,
    spoken,
)
from softphone.ui.scene import Part, Scene
from softphone.ui.team.model import ShownRow

if TYPE_CHECKING:
    from softphone.ui.team.window import TeamWindow

TICK_MS = 200
"""Five times a second, so that each agent's seconds fall where they belong."""

ARRANGED_EVERY = 5
"""Ticks: alarms come by time alone."""


class Leading(QObject):
    """Thread: main. `attempt` does something and tells the lead in words why it cannot be done; `decide` asks
    for the lead's word about a record."""

    def __init__(
        self,
        kit: Kit,
        scene: Scene,
        attempt: Callable[[Callable[[], object]], bool],
        decide: Callable[[Notice], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._kit = kit
        self._scene = scene
        self._team = scene.desk.team
        self._clock = scene.desk.ports.clock
        self._attempt = attempt
        self._decide = decide
        self._window: TeamWindow | None = None
        self._shown_rows: dict[str, ShownRow] = {}
        self._put_away: Supervision | None = None
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        scene.on_change(self._on_change)

    @property
    def window(self) -> TeamWindow | None:
        """Once it has been opened."""
        return self._window

    def open(self) -> TeamWindow | None:
        """Show the team; who is no lead has none."""
        window = self._ready_window()
        if window is not None:
            window.show()
            window.raise_()
            window.activateWindow()
        return window

    def listen_to(self, extension: str) -> None:
        """One click on a call for help."""
        self.open()
        row = self._team.watching.row(extension)
        self._supervise(row.member.extension if row else extension, SupervisionMode.LISTEN)

    def close(self) -> None:
        """Take it from the screen, without a word."""
        self._timer.stop()
        if self._window is not None:
            self._window.closed.disconnect(self._closed)
            self._window.hide()
            self._window.deleteLater()
            self._window = None

    def windows(self) -> tuple[QWidget, ...]:
        return (self._window,) if self._window is not None else ()

    def tick(self) -> None:
        """Times run; once a second the order and the alarms that come by time are looked at."""
        window = self._window
        if window is None or not window.isVisible():
            return
        window.agents.tick()
        self._ticks += 1
        if self._ticks % ARRANGED_EVERY == 0:
            self.refresh()

    def refresh(self) -> None:
        """Draw everything as it is now; what has not changed costs nothing."""
        window = self._window
        if window is None:
            return
        now, watching = self._clock.now(), self._team.watching
        rows = watching.rows(window.bar.wanted())
        empty = self._kit.t("No agent fits what you are looking for.")
        if not watching.rows():
            empty = self._kit.t("The settings name no agents of your team.")
        limits = watching.limits
        window.show_rows(tuple(self._shown(row, now, limits) for row in rows), empty)
        wording = self._kit.wording
        window.sums.show_view(
            present_sums(wording, watching.rows()),
            present_queues(wording, watching.queues),
            large=window.wallboard,
        )
        asked = self._scene.desk.closing_for_others.asked
        window.notices.show_view(
            present_help_notices(wording, self._team.giving_help.requests, now)
            + present_escalations(wording, self._scene.desk.hearing_escalations.heard, now)
            + present_closing_notices(wording, asked, now)
        )
        self._show_supervision(window)

    # --- inside ------------------------------------------------------------------------------------------

    def _ready_window(self) -> TeamWindow | None:
        if not self._team.supervising.may_supervise:
            return None
        if self._window is None:
            from softphone.ui.team.window import TeamWindow  # agents never have one

            self._window = window = TeamWindow(self._kit, self._clock.now, self._speak)
            window.bar.changed.connect(self.refresh)
            window.supervision_wanted.connect(self._supervise)
            window.panel.mode_wanted.connect(self._switch)
            window.panel.stop_wanted.connect(self._team.supervising.stop)
            window.panel.put_away.connect(self._put_panel_away)
            window.notices.acted.connect(self._act_on)
            window.notices.dismissed.connect(self._dismiss)
            window.closed.connect(self._closed)
            window.offer(self._modes())
            self._timer.start(TICK_MS)
        self.refresh()
        return self._window

    def _modes(self) -> tuple[SupervisionMode, ...]:
        try:
            return self._team.supervising.modes()
        except SoftphoneError:  # a broken template: told when it is used
            return tuple(SupervisionMode)

    def _shown(self, row: TeamRow, now: datetime, limits: AlarmLimits) -> ShownRow:
        """The same value as long as nothing is another: then nothing is compared or drawn again."""
        kept = self._shown_rows.get(row.member.extension)
        alarms = row.alarms(now, limits)
        if kept is not None and kept.row is row and kept.is_alarmed_by(alarms):
            return kept
        wording = self._kit.wording
        made = ShownRow(row, present_row(wording, row), present_alarms(wording, alarms))
        self._shown_rows[row.member.extension] = made
        return made

    def _speak(self, shown: ShownRow) -> str:
        return spoken(self._kit.wording, shown.line, shown.alarms, self._clock.now())

    def _show_supervision(self, window: TeamWindow) -> None:
        current = self._team.supervising.current
        window.panel.setVisible(current is not None and current != self._put_away)
        if current is None:
            return
        row = self._team.watching.row(current.extension)
        agent = (row.member.name if row else "") or current.extension
        view = present_supervision(self._kit.wording, current, agent, self._modes(), self._clock.now())
        window.panel.show_view(view)

    def _on_change(self, parts: Part) -> None:
        if Part.TEAM not in parts:
            return
        current = self._team.supervising.current
        if current is not None and current.live and (self._window is None or not self._window.isVisible()):
            window = (
                self._ready_window()
            )  # also when `softphone ctl` began it: it must be seen who hears whom
            if window is not None:
                show_without_focus(window)
        self.refresh()

    # --- doing -------------------------------------------------------------------------------------------

    def _supervise(self, extension: str, mode: SupervisionMode) -> None:
        self._attempt(lambda: self._team.supervising.supervise(extension, mode))

    def _switch(self, mode: SupervisionMode) -> None:
        self._attempt(lambda: self._team.supervising.switch(mode))

    def _act_on(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.CLOSING:
            self._decide(notice)
        else:
            self.listen_to(notice.subject)

    def _dismiss(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.ESCALATION:
            self._scene.desk.hearing_escalations.dismiss(DeliveryId(notice.subject))
        else:
            self._team.giving_help.dismiss(notice.subject)

    def _put_panel_away(self) -> None:
        self._put_away = self._team.supervising.current
        self.refresh()

    def _closed(self) -> None:
        """Nobody listens unseen: with the window the listening ends."""
        self._team.supervising.stop()
