"""The agent's help button: a short list of reasons, one's own words, and taking it back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from softphone.domain.ids import CallId
from softphone.domain.supervision import REASON_LIMIT
from softphone.ui.calls.drawers import Drawer
from softphone.ui.parts.button import Button
from softphone.ui.parts.clearing import clear
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.on_my_call import HelpView
from softphone.ui.theme.tokens import Space


class HelpDrawer(Drawer):
    """Intents: `asked` with a reason, `taken_back`."""

    asked = Signal(str)
    taken_back = Signal()

    def __init__(self, kit: Kit, over: QWidget) -> None:
        super().__init__(kit, over, kit.t("Ask for help"))
        self.setObjectName("help_drawer")
        self._shown: HelpView | None = None
        self._title = TextLabel("strong", wrap=True)
        self._status = TextLabel("body", wrap=True)
        self._status.setObjectName("help_status")
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(kit.px(Space.TIGHT))
        self.field = QLineEdit()
        self.field.setObjectName("help_reason")
        self.field.setMaxLength(REASON_LIMIT)
        self.field.setPlaceholderText(kit.t("In your own words"))
        self.field.setAccessibleName(kit.t("In your own words"))
        self.field.returnPressed.connect(self._ask)
        self.send = Button(kit, kit.t("Call a team lead"), self._ask, icon="help", kind="primary")
        self.send.setObjectName("help_send")
        self.back = Button(kit, kit.t("Take it back"), self.taken_back.emit, icon="close")
        self.back.setObjectName("help_take_back")
        for part in (self._title, self._status):
            self.column.addWidget(part)
        self.column.addLayout(self._reasons)
        for control in (self.field, self.send, self.back):
            self.column.addWidget(control)

    def open_for(self, call_id: CallId) -> None:
        if call_id != self.call_id:
            self.field.clear()
        super().open_for(call_id)
        first = self.back if self._shown is not None and self._shown.open else self.field
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_view(self, view: HelpView) -> None:
        if view == self._shown:
            return
        before, self._shown = self._shown, view
        self._title.show_text(view.title if view.open else "")
        self._status.show_text(view.status, view.tone)
        if before is None or before.reasons != view.reasons or before.open != view.open:
            self._show_reasons(() if view.open else view.reasons)
        for control in (self.field, self.send):
            control.setVisible(not view.open)
        self.back.setVisible(view.open)
        self.place()

    def _show_reasons(self, reasons: tuple[str, ...]) -> None:
        clear(self._reasons)
        for reason in reasons:
            button = Button(self._kit, reason, self._asker(reason), kind="quiet")
            button.setObjectName("help_reason_button")
            self._reasons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)

    def _asker(self, reason: str) -> Callable[[], None]:
        return lambda: self.asked.emit(reason)

    def _ask(self) -> None:
        if self.field.text().strip():
            self.asked.emit(self.field.text())
