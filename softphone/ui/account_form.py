"""The fields of an account; used by the first sign-in and by the settings."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.account import MediaEncryption, Transport
from softphone.ui.parts.button import Button
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.account_form import ENCRYPTION, TRANSPORTS, AccountEntry
from softphone.ui.theme.tokens import Space

C = TypeVar("C", bound=StrEnum)


class AccountForm(QWidget):
    """Three fields that everybody needs; the rest opens on request. Intent: `submitted` (Enter)."""

    submitted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.server = self._field("server", kit.t("Telephone system"), "pbx.example.com")
        self.user = self._field("user", kit.t("User"), "1001")
        self.password = self._field("password", kit.t("Password"), "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.name = self._field("display_name", kit.t("Your name (optional)"), "")
        self.auth_user = self._field("auth_user", kit.t("Sign-in name (if different)"), "")
        self.transport = _choice(kit, "transport", kit.t("Transport"), TRANSPORTS)
        self.encryption = _choice(kit, "encryption", kit.t("Encrypt calls"), ENCRYPTION)
        self.more = Button(kit, kit.t("More options"), self._toggle_more, kind="quiet", icon="caret-down")
        self._extra = QWidget()
        self._lay_out(kit)
        self._extra.hide()

    def entry(self) -> AccountEntry:
        return AccountEntry(
            self.server.text(),
            self.user.text(),
            self.password.text(),
            self.name.text(),
            self.auth_user.text(),
            Transport(self.transport.currentData()),
            MediaEncryption(self.encryption.currentData()),
        )

    def show_entry(self, entry: AccountEntry) -> None:
        self.server.setText(entry.server)
        self.user.setText(entry.user)
        self.password.setText(entry.password)
        self.name.setText(entry.display_name)
        self.auth_user.setText(entry.auth_user)
        self.transport.setCurrentIndex(self.transport.findData(entry.transport))
        self.encryption.setCurrentIndex(self.encryption.findData(entry.encryption))

    def forget_password(self) -> None:
        """Leave no copy of it in the field."""
        self.password.clear()

    def lock(self, on: bool) -> None:
        self.setEnabled(not on)

    def _field(self, name: str, label: str, example: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setAccessibleName(label)
        field.setPlaceholderText(example)
        field.setMaxLength(256)
        field.returnPressed.connect(self.submitted)
        return field

    def _toggle_more(self) -> None:
        self._extra.setVisible(self._extra.isHidden())
        hidden = self._extra.isHidden()
        self.more.set_icon("caret-down" if hidden else "caret-up")
        self.more.name(self._kit.t("More options") if hidden else self._kit.t("Fewer options"))

    def _lay_out(self, kit: Kit) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        column.addLayout(_rows(kit, (self.server, self.user, self.password)))
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeading)
        extra = _rows(kit, (self.name, self.auth_user, self.transport, self.encryption))
        extra.setContentsMargins(0, 0, 0, 0)
        self._extra.setLayout(extra)
        column.addWidget(self._extra)


def _rows(kit: Kit, fields: tuple[QWidget, ...]) -> QVBoxLayout:
    """Label above field: long labels of any language fit."""
    column = QVBoxLayout()
    column.setSpacing(kit.px(Space.TIGHT))
    for field in fields:
        label: QLabel = TextLabel("label", field.accessibleName())
        label.setBuddy(field)
        column.addWidget(label)
        column.addWidget(field)
        column.addSpacing(kit.px(Space.TIGHT))
    return column


def _choice(kit: Kit, name: str, label: str, words: dict[C, str]) -> Choice:
    box = Choice(kit, name, label)
    for value, text in words.items():
        box.addItem(kit.t(text), value)
    return box
