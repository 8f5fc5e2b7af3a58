"""The stage without a live call: the agent's own situation, or the call that has just ended."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from softphone.ui.parts.button import Button
from softphone.ui.parts.heading_block import HeadingBlock
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.stage import EndedView, IdleView
from softphone.ui.theme.tokens import Size, Space


class IdleCard(QFrame):
    """Intent: `ready_wanted`."""

    ready_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._view: IdleView | None = None
        self.setProperty("role", "card")
        self._icon = IconLabel(kit.px(Size.ICON_HUGE))
        self._headline, self._detail = TextLabel("subtitle", wrap=True), TextLabel("muted", wrap=True)
        self._headline.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._detail.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.ready = Button(kit, kit.t("Go ready"), self.ready_wanted.emit, icon="headset", kind="good")
        self.ready.setObjectName("go_ready")
        column = QVBoxLayout(self)
        margin = kit.px(Space.LARGE)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.SMALL))
        column.addStretch()
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._headline)
        column.addWidget(self._detail)
        column.addWidget(self.ready, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        kit.look.changed.connect(self._colour)

    def show_view(self, view: IdleView) -> None:
        self._view = view
        self._headline.show_text(view.headline)
        self._detail.show_text(view.detail)
        self.ready.setVisible(view.offer_ready)
        self._colour()

    def _colour(self) -> None:
        if self._view:
            colour = self._kit.look.colours.text_of(self._view.tone)
            self._icon.show_icon(self._kit.icon(self._view.icon, colour))


class EndedCard(QFrame):
    """Intents: `call_again` with the number, `put_away`."""

    call_again = Signal(str)
    put_away = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._number = ""
        self.setProperty("role", "card")
        self._heading = HeadingBlock(kit)
        self._text, self._detail = TextLabel("subtitle", wrap=True), TextLabel("muted")
        self.again = Button(kit, kit.t("Call again"), self._call_again, icon="redial")
        self.again.setObjectName("call_again")
        self.close_button = Button(kit, kit.t("Close"), self.put_away.emit, kind="quiet")
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        margin = kit.px(Space.MEDIUM)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addWidget(self._heading)
        column.addSpacing(kit.px(Space.SMALL))
        column.addWidget(self._text)
        column.addWidget(self._detail)
        column.addStretch()
        column.addLayout(buttons)

    def show_view(self, view: EndedView) -> None:
        self._number = view.call_again
        self._heading.show_heading(view.heading)
        self._text.show_text(view.text, view.tone)
        self._detail.show_text(view.detail)
        self.again.setVisible(bool(view.call_again))
        self.close_button.setVisible(not view.wrap_up_open)

    def _call_again(self) -> None:
        self.call_again.emit(self._number)
