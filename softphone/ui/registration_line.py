"""One line that says whether this phone can be called; with trouble, what is done and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.registration import RegistrationView
from softphone.ui.theme.tokens import Size, Space, Tone


class RegistrationLine(QWidget):
    """Intent: `acted` (try now, sign in)."""

    acted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.setObjectName("registration")
        self._view: RegistrationView | None = None
        self._short = False
        self._icon = IconLabel(kit.px(Size.ICON_SMALL))
        self._text, self._advice = TextLabel("caption", wrap=True), TextLabel("caption", wrap=True)
        self._mail = TextLabel("caption", wrap=True)
        self._action = Button(kit, "", self.acted.emit, kind="quiet")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._advice)
        words.addWidget(self._mail)
        row = QHBoxLayout(self)
        row.setContentsMargins(kit.edges(kit.px(Space.MEDIUM), 0, kit.px(Space.SMALL), 0))
        row.setSpacing(kit.px(Space.SMALL))
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self._action)
        kit.look.changed.connect(self._colour)

    def show_view(self, view: RegistrationView) -> None:
        self._view = view
        self._text.show_text(view.text, view.tone)
        self._advice.show_text(view.advice)
        self._mail.show_text(view.mail, Tone.ACCENT)
        self._action.name(view.action)
        self._action.setVisible(bool(view.action))
        self.setAccessibleName(" ".join(filter(None, (view.text, view.advice, view.mail))))
        self._colour()
        self.set_short(self._short)

    def set_short(self, short: bool) -> None:
        """In a low window good news need no line of their own: the agent's state says it too."""
        self._short = short
        good = self._view is not None and self._view.tone is Tone.GOOD
        self.setVisible(not (short and good) or (self._view is not None and bool(self._view.mail)))

    def _colour(self) -> None:
        if self._view is None:
            return
        colour = self._kit.look.colours.text_of(self._view.tone)
        self._icon.show_icon(self._kit.icon(self._view.icon, colour))
