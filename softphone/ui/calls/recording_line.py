"""Whether the call is recorded, on its card, with the button that asks for a pause."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.recording import RecordingView
from softphone.ui.theme.tokens import Size, Space

SHORTCUT = "Ctrl+Shift+R"
AFTER_CHANGE_MS = 600
"""Longer than a double click: its second half must not undo the pause."""


class RecordingLine(QWidget):
    """Hidden where nothing is known. `wanted`: the agent asks for what the button says.

    `brief`: the announcement is cut to one line; the whole is its tool tip.
    """

    wanted = Signal()

    def __init__(self, kit: Kit, *, brief: bool = False) -> None:
        super().__init__()
        self._kit = kit
        self._view: RecordingView | None = None
        self._icon = IconLabel(kit.px(Size.ICON_SMALL))
        self.text, self.say = TextLabel("caption", wrap=True), TextLabel("caption", wrap=not brief)
        self.button = Button(kit, kit.t("Pause recording"), self._click, icon="hold", kind="slim")
        self.button.setObjectName("recording")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.text)
        words.addWidget(self.say)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(kit.px(Space.TIGHT))
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self.button)
        self.hide()

    def show_view(self, view: RecordingView | None) -> None:
        before, self._view = self._view, view
        self.setVisible(view is not None)
        if view is None:
            return
        self.text.show_text(view.text, view.tone)
        self.say.show_text(self._kit.t("Say: {announcement}", announcement=view.say) if view.say else "")
        self._icon.show_icon(self._kit.icon(view.icon, self._kit.look.colours.text_of(view.tone)))
        self.button.setVisible(bool(view.action))
        if view.action and (before is None or before.action != view.action):
            self.button.guard(AFTER_CHANGE_MS)
            self.button.name(view.action_short, SHORTCUT)
            self.button.setAccessibleName(view.action)
            self.button.setToolTip(self._kit.words.keyed(view.action, SHORTCUT))
            self.button.set_icon(view.action_icon)

    def press(self) -> None:
        """The keyboard's way."""
        if self._view and self._view.action and not self.button.inert:
            self._click()

    def _click(self) -> None:
        self.wanted.emit()
