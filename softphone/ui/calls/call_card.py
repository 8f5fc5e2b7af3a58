"""A call in progress: who, how long, in what state, and the tools of the conversation."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from softphone.domain.ids import CallId
from softphone.ui.calls.recording_line import RecordingLine
from softphone.ui.parts.button import Button, StackedButton, spread
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.heading_block import HeadingBlock
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.on_my_call import HelpView
from softphone.ui.presenters.stage import Sign, TalkingView
from softphone.ui.theme.tokens import Size, Space

AFTER_ANSWER_MS = 600
"""Longer than a double click: the second click on Answer must not mute or hang up."""


class CallCard(QFrame):
    """Intents carry the call's id: `hung_up`, `hold_wanted` and `mute_wanted` (with on or off), and
    `keypad_wanted`, `transfer_wanted`, `help_wanted`, which open a drawer; `recording_wanted` asks for what
    the recording's button says."""

    hung_up = Signal(str)
    hold_wanted = Signal(str, bool)
    mute_wanted = Signal(str, bool)
    keypad_wanted = Signal(str)
    transfer_wanted = Signal(str)
    help_wanted = Signal(str)
    recording_wanted = Signal(str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: TalkingView | None = None
        self._badges: tuple[Sign, ...] = ()
        self.setProperty("role", "card")
        self.heading = HeadingBlock(kit)
        self._state = TextLabel("strong")
        self._timer = TextLabel("title")
        self._timer.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._signs = QHBoxLayout()
        self.mute = StackedButton(kit, kit.t("Mute"), "mute", self._toggle_mute, shortcut="Ctrl+M")
        self.hold = StackedButton(kit, kit.t("Hold"), "hold", self._toggle_hold, shortcut="Ctrl+H")
        self.keypad = StackedButton(
            kit, kit.t("Keypad"), "keypad", lambda: self.keypad_wanted.emit(self.call_id), shortcut="Ctrl+K"
        )
        self.transfer = StackedButton(
            kit,
            kit.t("Transfer"),
            "transfer",
            lambda: self.transfer_wanted.emit(self.call_id),
            shortcut="Ctrl+T",
        )
        self.hang_up = Button(
            kit,
            kit.t("Hang up"),
            lambda: self.hung_up.emit(self.call_id),
            icon="hang-up",
            kind="danger",
            shortcut="Ctrl+Shift+H",
        )
        self.help = Button(
            kit, kit.t("Help"), lambda: self.help_wanted.emit(self.call_id), icon="help", shortcut="Ctrl+G"
        )
        self.help.setVisible(False)
        for button, name in zip(
            self.buttons(), ("mute", "hold", "keypad", "transfer", "hang_up", "help"), strict=True
        ):
            button.setObjectName(name)
        self.recording = RecordingLine(kit, brief=True)
        self.recording.wanted.connect(lambda: self.recording_wanted.emit(self.call_id))
        self._lay_out(kit)

    @property
    def call_id(self) -> CallId:
        return self._view.call_id if self._view else CallId("")

    def buttons(self) -> tuple[Button, ...]:
        return self.mute, self.hold, self.keypad, self.transfer, self.hang_up, self.help

    def show_view(self, view: TalkingView) -> None:
        before, self._view = self._view, view
        if before is None or before.call_id != view.call_id:
            for button in self.buttons():
                button.guard(AFTER_ANSWER_MS)
        self.heading.show_heading(view.heading)
        self._state.show_text(view.state, view.state_tone)
        self._timer.show_text(view.timer)
        if before is None or before.signs != view.signs:
            self._show_signs()
        self.recording.show_view(view.recording)
        self.mute.name(self._kit.t("Unmute") if view.muted else self._kit.t("Mute"), "Ctrl+M")
        self.hold.name(self._kit.t("Resume") if view.held else self._kit.t("Hold"), "Ctrl+H")
        self.hold.set_icon("resume" if view.held else "hold")
        self.mute.setEnabled(view.established)
        self.hold.setEnabled(view.established)
        self.transfer.setEnabled(view.established)
        self.keypad.setEnabled(view.keypad)
        self.hang_up.setEnabled(not view.ending)
        self.mute.show_on(view.muted)
        self.hold.show_on(view.held)

    def show_badges(self, badges: tuple[Sign, ...]) -> None:
        """Leads on this call, who and how. They take the room of the line's words, whose icons stay."""
        if badges != self._badges:
            self._badges = badges
            self._show_signs()

    def show_help(self, view: HelpView) -> None:
        """The way to the leads, where there are any."""
        self.help.setVisible(view.offered)
        self.help.name(view.button, "Ctrl+G")
        self.help.setCheckable(True)
        self.help.setChecked(view.open)

    def toggle_mute(self) -> None:
        """The keyboard's way."""
        if self.mute.isEnabled():
            self._toggle_mute()

    def toggle_hold(self) -> None:
        if self.hold.isEnabled():
            self._toggle_hold()

    def _toggle_mute(self) -> None:
        if self._view:
            self.mute_wanted.emit(self.call_id, not self._view.muted)

    def _toggle_hold(self) -> None:
        if self._view:
            self.hold_wanted.emit(self.call_id, not self._view.held)

    def _show_signs(self) -> None:
        clear(self._signs)
        for badge in self._badges:
            self._add_badge(badge)
        for sign in self._view.signs if self._view else ():
            icon, text = IconLabel(self._kit.px(Size.ICON_SMALL)), TextLabel("caption")
            colour = self._kit.look.colours.text_of(sign.tone)
            icon.show_icon(self._kit.icon(sign.icon, colour))
            icon.setToolTip(sign.text)
            self._signs.addWidget(icon)
            if not self._badges:
                text.show_text(sign.text, sign.tone)
                text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
                self._signs.addWidget(text)
        self._signs.addStretch()

    def _add_badge(self, badge: Sign) -> None:
        icon, text = IconLabel(self._kit.px(Size.ICON_SMALL)), TextLabel("chip")
        icon.show_icon(self._kit.icon(badge.icon, self._kit.look.colours.text_of(badge.tone)))
        text.show_text(badge.text, badge.tone)
        text.setObjectName("supervisor_badge")
        text.setAccessibleName(badge.text)
        text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._signs.addWidget(icon)
        self._signs.addWidget(text, 1)

    def _lay_out(self, kit: Kit) -> None:
        self._signs.setSpacing(kit.px(Space.TIGHT))
        state = QHBoxLayout()
        state.addWidget(self._state, 1)
        state.addWidget(self._timer)
        tools = QHBoxLayout()
        tools.setSpacing(kit.px(Space.SMALL))
        for button in (self.mute, self.hold, self.keypad, self.transfer):
            tools.addWidget(button)
        spread([self.mute, self.hold, self.keypad, self.transfer])
        column = QVBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self.heading)
        column.addLayout(state)
        column.addLayout(self._signs)
        column.addWidget(self.recording)
        column.addStretch()
        column.addLayout(tools)
        foot = QHBoxLayout()
        foot.setSpacing(kit.px(Space.SMALL))
        foot.addWidget(self.help)
        foot.addWidget(self.hang_up, 1)
        column.addLayout(foot)
