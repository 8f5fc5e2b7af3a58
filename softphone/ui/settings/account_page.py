"""Settings: the account, and how its registration stands."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.registration import RegistrationView
from softphone.ui.settings.account_form import AccountForm
from softphone.ui.settings.company_block import CompanyBlock
from softphone.ui.theme.tokens import Space, Tone
from softphone.ui.words import ltr


class AccountPage(QWidget):
    """Intents: `save_wanted`, `remove_wanted`, `trace_wanted`, `picked` (an account's id, empty for a new
    one)."""

    save_wanted = Signal()
    remove_wanted = Signal()
    picked = Signal(str)
    trace_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._new = kit.t("New account…")
        self.which = Choice(kit, "account", kit.t("Which account"))
        self.which.activated.connect(lambda _i: self.picked.emit(self.which.currentData()))
        self.company = CompanyBlock(kit)
        self.form = AccountForm(kit)
        self.form.submitted.connect(self.save_wanted)
        self.status, self.problem = TextLabel("body", wrap=True), TextLabel("body", wrap=True)
        self.save = Button(kit, kit.t("Save and register"), self.save_wanted.emit, kind="primary")
        self.save.setObjectName("save_account")
        self.remove = Button(kit, kit.t("Remove this account"), self.remove_wanted.emit, kind="quiet")
        self.trace = Button(kit, kit.t("Save a trace for support …"), self.trace_wanted.emit, kind="quiet")
        buttons = QHBoxLayout()
        buttons.addWidget(self.save)
        buttons.addStretch()
        buttons.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        column.addWidget(self.which)
        column.addWidget(self.status)
        column.addWidget(self.form)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        column.addWidget(self.company)
        column.addWidget(self.trace, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch()
        self.problem.hide()

    def show_accounts(self, accounts: list[tuple[str, str]], shown: str) -> None:
        """Ids and addresses of all accounts; `shown` is empty while a new one is typed."""
        with QSignalBlocker(self.which):
            self.which.clear()
            for account_id, address in accounts:
                self.which.addItem(ltr(address), account_id)
            self.which.addItem(self._new, "")
            self.which.setCurrentIndex(self.which.findData(shown))
        self.which.setVisible(bool(accounts))

    def show_registration(self, view: RegistrationView) -> None:
        self.status.show_text("\n".join(p for p in (view.text, view.advice) if p), view.tone)

    def show_problem(self, text: str) -> None:
        self.problem.show_text(text, Tone.DANGER)
