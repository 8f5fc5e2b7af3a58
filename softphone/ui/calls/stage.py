"""The place of fixed height in which calls ring, run and end: nothing below it ever moves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from softphone.ui.calls.call_card import CallCard
from softphone.ui.calls.quiet_cards import EndedCard, IdleCard
from softphone.ui.calls.ringing_card import RingingCard
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.stage import EndedView, IdleView, RingingView, Stage, TalkingView
from softphone.ui.theme.tokens import Size


class StageArea(QStackedWidget):
    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setObjectName("stage")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.idle, self.ringing = IdleCard(kit), RingingCard(kit)
        self.talking, self.ended = CallCard(kit), EndedCard(kit)
        for card in (self.idle, self.ringing, self.talking, self.ended):
            self.addWidget(card)
        self._kit = kit
        self._short = self._recording = False
        self._fix_height()

    def set_short(self, short: bool) -> None:
        """Take less room in a low window; the height depends on window and settings, never on the calls."""
        self._short = short
        self._fix_height()

    def have_recording(self, there: bool) -> None:
        """Leave room for the line about recording, where the settings say anything about it."""
        if there != self._recording:
            self._recording = there
            self._fix_height()

    def _fix_height(self) -> None:
        height = Size.STAGE_HEIGHT_SHORT if self._short else Size.STAGE_HEIGHT
        self.setFixedHeight(self._kit.px(height + Size.RECORDING_LINE * self._recording))

    def show_view(self, view: Stage) -> None:
        """Show the card that fits. The focus stays where the agent types."""
        card: QWidget
        match view:
            case RingingView():
                self.ringing.show_view(view)
                card = self.ringing
            case TalkingView():
                self.talking.show_view(view)
                card = self.talking
            case EndedView():
                self.ended.show_view(view)
                card = self.ended
            case IdleView():
                self.idle.show_view(view)
                card = self.idle
        if self.currentWidget() is not card:
            self._keep_focus_off(card)

    def _keep_focus_off(self, card: QWidget) -> None:
        """Qt would hand the focus of the old card to the new one, and the next Enter would answer."""
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.window().setFocus(Qt.FocusReason.OtherFocusReason)
        self.setCurrentWidget(card)
