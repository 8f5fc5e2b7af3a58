"""A call that rings: the company first, then who calls, then what the CRM knows."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from softphone.domain.ids import CallId
from softphone.ui.calls.recording_line import RecordingLine
from softphone.ui.parts.button import Button, spread
from softphone.ui.parts.heading_block import HeadingBlock
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.stage import RingingView
from softphone.ui.theme.tokens import Size, Space


class RingingCard(QFrame):
    """Intents: `answered`, `declined`, `busied`, `ignored`, each with the call's id.

    The buttons are inert for a moment after a new call has appeared, and never take the typing focus, so
    that neither a click nor an Enter that was meant for something else can answer or decline.
    """

    answered = Signal(str)
    declined = Signal(str)
    busied = Signal(str)
    ignored = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._call_id = CallId("")
        self.setProperty("role", "ringing")
        self.heading = HeadingBlock(kit)
        self.heading.enlarge_company()
        self._greeting = TextLabel("body", wrap=True)
        self._match_icon, self._match = IconLabel(kit.px(Size.ICON_SMALL)), TextLabel("strong")
        self.recording = RecordingLine(kit)
        self.answer = self._button(
            "Ctrl+Shift+A", kit.t("Answer"), "answer", self.answered, "good", large=True
        )
        self.decline = self._button("", kit.t("Decline"), "decline", self.declined, "slim")
        self.busy = self._button("", kit.t("Busy"), "busy", self.busied, "slim")
        self.ignore = self._button("", kit.t("Ignore"), "ignore", self.ignored, "slim")
        self.answer.setObjectName("answer")
        self.decline.setObjectName("decline")
        self.busy.setObjectName("busy")
        self.ignore.setObjectName("ignore")
        self.decline.setToolTip(kit.t("The caller is sent away; no other agent is asked"))
        self.busy.setToolTip(kit.t("You are busy; another agent may take the call"))
        self.ignore.setToolTip(kit.t("Stop ringing here; the caller still hears it ringing"))
        self._lay_out(kit)

    def show_view(self, view: RingingView) -> None:
        if view.call_id != self._call_id:
            self._call_id = view.call_id
            for button in self.buttons():
                button.guard()
        self.heading.show_heading(view.heading)
        self._greeting.show_text(view.greeting)
        self._match.show_text(view.match, view.match_tone)
        self._match_icon.setVisible(bool(view.match_icon))
        if view.match_icon:
            colour = self._kit.look.colours.text_of(view.match_tone)
            self._match_icon.show_icon(self._kit.icon(view.match_icon, colour))
        self.recording.show_view(view.recording)
        self.setAccessibleName(view.spoken)
        for button in self.buttons():
            button.setEnabled(not view.busy)
        self.ignore.setEnabled(not (view.busy or view.silenced))

    def buttons(self) -> tuple[Button, ...]:
        return self.answer, self.decline, self.busy, self.ignore

    def _button(
        self, shortcut: str, text: str, icon: str, intent: object, kind: str = "", large: bool = False
    ) -> Button:
        def emit() -> None:
            intent.emit(self._call_id)  # type: ignore[attr-defined]  # a bound Signal; PySide types it as Signal

        button = Button(self._kit, text, emit, icon=icon, kind=kind, large=large, shortcut=shortcut)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self, kit: Kit) -> None:
        match = QHBoxLayout()
        match.setSpacing(kit.px(Space.TIGHT))
        match.addWidget(self._match_icon)
        match.addWidget(self._match, 1)
        self.heading.middle.addWidget(self._greeting)
        self.heading.middle.addSpacing(kit.px(Space.SMALL))
        self.heading.end.addLayout(match)
        others = QHBoxLayout()
        others.setSpacing(kit.px(Space.SMALL))
        for button in (self.decline, self.busy, self.ignore):
            others.addWidget(button)
        spread([self.decline, self.busy, self.ignore])
        column = QVBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self.heading)
        column.addWidget(self.recording)
        column.addStretch()
        column.addWidget(self.answer)
        column.addLayout(others)
