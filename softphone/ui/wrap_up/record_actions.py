"""What can be done with the chosen line of the list, as buttons below it, and why it is as it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.history import HistoryRow
from softphone.ui.theme.tokens import Space, Tone


class RecordActions(QFrame):
    """Intents carry the row. Hidden while nothing but calling back can be done."""

    retry_wanted = Signal(object)
    correction_wanted = Signal(object)
    close_wanted = Signal(object)
    lead_wanted = Signal(object)
    call_wanted = Signal(object)
    done_wanted = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._row: HistoryRow | None = None
        self.setObjectName("record_actions")
        self.why = TextLabel("caption", wrap=True)
        self.retry = self._button(kit, kit.t("Send now"), self.retry_wanted, "retry")
        self.correct = self._button(kit, kit.t("Correct …"), self.correction_wanted, "note")
        self.close_it = self._button(kit, kit.t("Close …"), self.close_wanted, "refused")
        self.ask = self._button(kit, kit.t("Ask a lead to close it"), self.lead_wanted, "help")
        self.call = self._button(kit, kit.t("Call now"), self.call_wanted, "call")
        self.done = self._button(kit, kit.t("Done"), self.done_wanted, "check")
        row = QHBoxLayout()
        row.setSpacing(kit.px(Space.TIGHT))
        for button in (self.retry, self.correct, self.call, self.done):
            row.addWidget(button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(kit.px(Space.SMALL), kit.px(Space.TIGHT), kit.px(Space.SMALL), 0)
        column.setSpacing(kit.px(Space.TIGHT))
        column.addWidget(self.why)
        column.addLayout(row)
        for button in (self.close_it, self.ask):  # one of them at most; long words in many languages
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        self.hide()

    def show_row(self, row: HistoryRow | None) -> None:
        self._row = row
        if row is None:
            self.hide()
            return
        refused = row.status_tone is Tone.DANGER
        self.why.show_text(row.why, Tone.DANGER if refused else Tone.NEUTRAL)
        self.retry.setVisible(row.delivery_id is not None)
        self.correct.name(self._kit.t("Change …") if row.changes else self._kit.t("Correct …"))
        self.correct.setToolTip(
            self._kit.t("Changes the record that the CRM has; none is added.") if row.changes else ""
        )
        self.correct.setVisible(row.correctable)
        self.close_it.setVisible(row.closable)
        self.ask.setVisible(row.askable)
        self.call.setVisible(row.promised)
        self.done.setVisible(row.promised)
        self.setVisible(bool(row.delivery_id or row.promised or row.correctable or row.why))

    def _button(self, kit: Kit, text: str, intent: object, icon: str) -> Button:
        return Button(kit, text, lambda: intent.emit(self._row), icon=icon, kind="quiet")  # type: ignore[attr-defined]  # a signal
