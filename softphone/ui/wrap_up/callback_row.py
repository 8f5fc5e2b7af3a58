"""When to call back: off until it is wanted, two clicks for the usual times."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QDateTime, QSignalBlocker, Signal
from PySide6.QtWidgets import QDateTimeEdit, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.tick import Tick
from softphone.ui.theme.tokens import Space


class CallbackRow(QWidget):
    """Intent: `planned` with an aware local time or None, and a number (empty: the caller's own)."""

    planned = Signal(object, str)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._on = Tick(kit, "callback", kit.t("Call back"))
        self.moment = QDateTimeEdit()
        self.moment.setObjectName("callback_at")
        self.moment.setCalendarPopup(True)
        self.moment.setAccessibleName(kit.t("Day and time to call back"))
        self.number = QLineEdit()
        self.number.setObjectName("callback_number")
        self.number.setPlaceholderText(kit.t("Other number (optional)"))
        self.number.setAccessibleName(kit.t("Other number to call back"))
        self._tomorrow = Button(kit, kit.t("Tomorrow 9:00"), self._preset_tomorrow, kind="quiet")
        self._more = QWidget()
        self._lay_out(kit)
        self._on.toggled.connect(self._toggled)
        self.moment.dateTimeChanged.connect(lambda _moment: self._emit())
        self.number.textEdited.connect(lambda _text: self._emit())

    def show_plan(
        self, at: datetime | None, number: str, wanted: bool, enabled: bool, other_call: bool
    ) -> None:
        """`wanted`: the chosen outcome needs a callback. `other_call`: what stands here is of another call
        and gives way even while it is typed."""
        with QSignalBlocker(self._on), QSignalBlocker(self.moment), QSignalBlocker(self.number):
            self._on.setChecked(at is not None)
            if at is not None and (other_call or not self.moment.hasFocus()):
                self.moment.setDateTime(QDateTime.fromSecsSinceEpoch(int(at.timestamp())))
            if other_call or not self.number.hasFocus():
                self.number.setText(number)
        self._more.setVisible(at is not None)
        self._tomorrow.setVisible(at is not None or wanted)
        self.setEnabled(enabled)

    def _toggled(self, on: bool) -> None:
        if on:
            soon = datetime.now().astimezone() + timedelta(hours=1)
            self.planned.emit(soon.replace(second=0, microsecond=0), self.number.text().strip())
        else:
            self.planned.emit(None, "")

    def _preset_tomorrow(self) -> None:
        day = datetime.now().astimezone() + timedelta(days=1)
        morning = day.replace(hour=9, minute=0, second=0, microsecond=0)
        self.planned.emit(morning, self.number.text().strip())

    def _emit(self) -> None:
        if self._on.isChecked():
            at = datetime.fromtimestamp(self.moment.dateTime().toSecsSinceEpoch()).astimezone()
            self.planned.emit(at, self.number.text().strip())

    def _lay_out(self, kit: Kit) -> None:
        fields = QHBoxLayout(self._more)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(kit.px(Space.SMALL))
        fields.addWidget(self.moment, 3)
        fields.addWidget(self.number, 2)
        top = QHBoxLayout()
        top.addWidget(self._on)
        top.addStretch()
        top.addWidget(self._tomorrow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addLayout(top)
        column.addWidget(self._more)
