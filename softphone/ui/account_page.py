"""Settings: the account, and how its registration stands."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.ui.account_form import AccountForm
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.registration import RegistrationView
from softphone.ui.theme.tokens import Space, Tone


class AccountPage(QWidget):
    """Intents: `save_wanted`, `remove_wanted`."""

    save_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.form = AccountForm(kit)
        self.form.submitted.connect(self.save_wanted)
        self.form.password.setPlaceholderText(kit.t("Unchanged"))
        self.status, self.problem = TextLabel("body", wrap=True), TextLabel("body", wrap=True)
        self.save = Button(kit, kit.t("Save and register"), self.save_wanted.emit, kind="primary")
        self.save.setObjectName("save_account")
        self.remove = Button(kit, kit.t("Remove this account"), self.remove_wanted.emit, kind="quiet")
        buttons = QHBoxLayout()
        buttons.addWidget(self.save)
        buttons.addStretch()
        buttons.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self.status)
        column.addWidget(self.form)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        column.addStretch()
        self.problem.hide()

    def show_registration(self, view: RegistrationView) -> None:
        self.status.show_text("\n".join(p for p in (view.text, view.advice) if p), view.tone)

    def show_problem(self, text: str) -> None:
        self.problem.show_text(text, Tone.DANGER)
