"""Asking for the reason before a record is closed that the CRM does not take."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.theme.tokens import Size, Space
from softphone.usecases.closing_records import REASON_LIMIT, SHORTEST_REASON


class ClosingDialog(QDialog):
    """`reason` is what was typed, once it was accepted. Leaving the record as it is is the default."""

    def __init__(self, kit: Kit, window: QWidget, name: str) -> None:
        super().__init__(window)
        self.setWindowTitle(kit.t("Close the record"))
        self.setMinimumWidth(kit.px(Size.FORM_WIDTH))
        title = TextLabel("subtitle", kit.t("Close the record of {name}?", name=name), wrap=True)
        text = kit.t("It will never reach the CRM. Who closes it, when and why is kept in the audit log.")
        self.field = QLineEdit()
        self.field.setObjectName("closing_reason")
        self.field.setMaxLength(REASON_LIMIT)
        self.field.setPlaceholderText(kit.t("Reason (required)"))
        self.field.setAccessibleName(kit.t("Reason (required)"))
        self.keep = Button(kit, kit.t("Leave it open"), self.reject)
        self.close_it = Button(kit, kit.t("Close it"), self.accept, kind="danger")
        self.close_it.setEnabled(False)
        self.field.textChanged.connect(lambda _text: self.close_it.setEnabled(self._enough()))
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self.keep)
        foot.addWidget(self.close_it)
        column = QVBoxLayout(self)
        margin = kit.px(Space.LARGE)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.MEDIUM))
        column.addWidget(title)
        column.addWidget(TextLabel("body", text, wrap=True))
        column.addWidget(self.field)
        column.addLayout(foot)
        self.field.setFocus()

    @property
    def reason(self) -> str:
        return self.field.text().strip()

    def _enough(self) -> bool:
        return len(self.reason) >= SHORTEST_REASON


def ask_reason(kit: Kit, window: QWidget, name: str) -> str:
    """The reason, or nothing if the record is to stay as it is."""
    dialog = ClosingDialog(kit, window, name)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    reason = dialog.reason if accepted else ""
    dialog.deleteLater()
    return reason
