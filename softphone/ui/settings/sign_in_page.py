"""What a new agent sees first: three fields and what becomes of them, in words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.presenters.account_form import AccountEntry
from softphone.ui.settings.account_form import AccountForm
from softphone.ui.theme.tokens import Size, Space, Tone


class SignInPage(QScrollArea):
    """Intents: `wanted` with what stands in the fields, `set_up_wanted` (by the company's link)."""

    wanted = Signal(object)
    set_up_wanted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.form = AccountForm(kit)
        self.form.submitted.connect(self._submit)
        self.sign_in = Button(kit, kit.t("Sign in"), self._submit, kind="primary", large=True)
        self.sign_in.setObjectName("sign_in")
        by_link = kit.t("I have a link or code from my company")
        self.by_link = Button(kit, by_link, self.set_up_wanted.emit, kind="quiet", icon="company")
        self.status = TextLabel("body", wrap=True)
        self.status.setObjectName("sign_in_status")
        self._lay_out(kit)
        self.status.hide()

    def show_status(self, text: str, tone: Tone, busy: bool) -> None:
        self.status.show_text(text, tone)
        self.form.lock(busy)
        self.sign_in.setEnabled(not busy)

    def _submit(self) -> None:
        entry: AccountEntry = self.form.entry()
        self.wanted.emit(entry)

    def _lay_out(self, kit: Kit) -> None:
        brand = IconLabel(kit.px(Size.BRAND))
        brand.show_icon(kit.icon("brand"))
        inner = QWidget()
        inner.setMaximumWidth(kit.px(Size.FORM_WIDTH))
        column = QVBoxLayout(inner)
        margin = kit.px(Space.HUGE)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(kit.px(Space.SMALL))
        column.addStretch()
        column.addWidget(brand)
        column.addWidget(TextLabel("title", kit.t("Welcome")))
        column.addWidget(
            TextLabel("muted", kit.t("Sign in with the account your company gave you."), wrap=True)
        )
        column.addSpacing(margin)
        column.addWidget(self.form)
        column.addWidget(self.status)
        column.addWidget(self.sign_in)
        hint = kit.t("Your password is kept in the key store of this computer, nowhere else.")
        column.addWidget(TextLabel("caption", hint, wrap=True))
        column.addSpacing(kit.px(Space.MEDIUM))
        column.addWidget(self.by_link, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch()
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch()
        row.addWidget(inner, 1)
        row.addStretch()
        self.setWidget(page)
