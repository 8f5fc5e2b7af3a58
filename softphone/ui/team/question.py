"""A lead asks to be let in to the agent's call: two buttons over the customer's card, nothing moves."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from softphone.domain.ids import CallId
from softphone.ui.calls.lines_list import RingOverlay
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.on_my_call import QuestionView
from softphone.ui.theme.tokens import Size, Space


class SupervisorQuestion(QFrame):
    """Lies over `over`, below further calls that ring. Intents with the id of the lead's leg: `allowed`,
    `refused`."""

    allowed = Signal(str)
    refused = Signal(str)

    def __init__(self, kit: Kit, over: QWidget, rings: RingOverlay) -> None:
        super().__init__(over)
        self._kit = kit
        self._over = over
        self._rings = rings
        self._view: QuestionView | None = None
        self.setProperty("role", "popover")
        icon = IconLabel(kit.px(Size.ICON))
        icon.show_icon(kit.icon("headset", "accent_text"))
        self.text, self._detail = TextLabel("strong", wrap=True), TextLabel("caption", wrap=True)
        self.allow = Button(
            kit, kit.t("Allow"), lambda: self.allowed.emit(self.call_id), icon="check", kind="good"
        )
        self.refuse = Button(kit, kit.t("Refuse"), lambda: self.refused.emit(self.call_id), icon="close")
        self.allow.setObjectName("let_lead_in")
        self.refuse.setObjectName("keep_lead_out")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.text)
        words.addWidget(self._detail)
        above = QHBoxLayout()
        above.addWidget(icon)
        above.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.allow, 1)
        buttons.addWidget(self.refuse, 1)
        column = QVBoxLayout(self)
        small = kit.px(Space.SMALL)
        column.setContentsMargins(small, small, small, small)
        column.setSpacing(small)
        column.addLayout(above)
        column.addLayout(buttons)
        self.hide()

    def show_view(self, view: QuestionView | None) -> None:
        new = view is not None and (self._view is None or view.call_id != self._view.call_id)
        self._view = view
        if view is not None:
            self.text.show_text(view.text)
            self._detail.show_text(view.detail)
            self.setAccessibleName(f"{view.text} {view.detail}")
        if new:
            self.allow.guard()
            self.refuse.guard()
        self.setVisible(view is not None)
        self.place()

    def place(self) -> None:
        """Take the upper edge of what lies below."""
        if self._view is None:
            return
        margin = self._kit.px(Space.MEDIUM)
        width = self._over.width() - 2 * margin
        height = max(self.heightForWidth(width), self.sizeHint().height())
        self.setGeometry(margin, self._rings.reach, width, height)
        self.raise_()

    @property
    def call_id(self) -> CallId:
        return self._view.call_id if self._view else CallId("")
