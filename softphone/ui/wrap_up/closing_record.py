"""Asking for the reason before a record is closed that the CRM does not take."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.facts import dataclass
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.theme.tokens import Size, Space
from softphone.usecases.wrap_up.closing_records import REASON_LIMIT, SHORTEST_REASON


class Decision(Enum):
    CLOSE = auto()
    KEEP = auto()
    LATER = auto()


@dataclass(frozen=True, slots=True)
class Decided:
    """`reason` is what was typed, where the record is to be closed."""

    decision: Decision = Decision.LATER
    reason: str = ""


class ClosingDialog(QDialog):
    """`reason` is what was typed, once it was accepted. Leaving the record as it is is the default.

    `afar`: it lies at the desk of an agent, `name`, who has asked; leaving it open is an answer then, and
    deciding later is possible. `change`: the CRM has the record, what is closed is a change of it.
    """

    def __init__(
        self, kit: Kit, window: QWidget, name: str, afar: bool = False, change: bool = False
    ) -> None:
        super().__init__(window)
        self.setWindowTitle(kit.t("Close the change") if change else kit.t("Close the record"))
        self.setMinimumWidth(kit.px(Size.FORM_WIDTH))
        question = kit.t("Close the record of {name}?", name=name)
        if afar:
            question = kit.t("Close the record that lies at {name}?", name=name)
        text = kit.t("It will never reach the CRM. Who closes it, when and why is kept in the audit log.")
        if change:
            question = kit.t("Close the change of the record of {name}?", name=name)
            text = kit.t("The CRM keeps what it has. Who closes it, when and why is kept in the audit log.")
        self.left_open = False
        self.field = QLineEdit()
        self.field.setObjectName("closing_reason")
        self.field.setMaxLength(REASON_LIMIT)
        self.field.setPlaceholderText(kit.t("Reason (required)"))
        self.field.setAccessibleName(kit.t("Reason (required)"))
        self.later = Button(kit, kit.t("Later"), self.reject)
        self.later.setVisible(afar)
        self.keep = Button(kit, kit.t("Leave it open"), self._keep)
        self.close_it = Button(kit, kit.t("Close it"), self.accept, kind="danger")
        self.close_it.setEnabled(False)
        self.field.textChanged.connect(lambda _text: self.close_it.setEnabled(self._enough()))
        foot = QHBoxLayout()
        foot.addWidget(self.later)
        foot.addStretch()
        foot.addWidget(self.keep)
        foot.addWidget(self.close_it)
        column = QVBoxLayout(self)
        margin = kit.px(Space.LARGE)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.MEDIUM))
        column.addWidget(TextLabel("subtitle", question, wrap=True))
        column.addWidget(TextLabel("body", text, wrap=True))
        column.addWidget(self.field)
        column.addLayout(foot)
        self.field.setFocus()

    @property
    def reason(self) -> str:
        return self.field.text().strip()

    def _keep(self) -> None:
        self.left_open = True
        self.reject()

    def _enough(self) -> bool:
        return len(self.reason) >= SHORTEST_REASON


def ask_reason(kit: Kit, window: QWidget, name: str, change: bool = False) -> str:
    """The reason, or nothing if the record is to stay as it is."""
    return _run(ClosingDialog(kit, window, name, change=change)).reason


def decide_from_afar(kit: Kit, window: QWidget, agent: str) -> Decided:
    """What a lead decides about a record at the desk of `agent`."""
    return _run(ClosingDialog(kit, window, agent, afar=True))


def _run(dialog: ClosingDialog) -> Decided:
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    decided = Decided(Decision.CLOSE, dialog.reason) if accepted else Decided()
    if dialog.left_open:
        decided = Decided(Decision.KEEP)
    dialog.deleteLater()
    return decided
