"""The fields of an account; used by the first sign-in and by the settings."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.account import MediaEncryption, Transport
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.fold import Fold
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.parts.tick import Tick
from softphone.ui.presenters.account_form import ENCRYPTION, TRANSPORTS, AccountEntry
from softphone.ui.theme.tokens import Space

C = TypeVar("C", bound=StrEnum)
_PINS = 2_000
"""Characters: some fingerprints of 64 digits, with colons."""


class AccountForm(QWidget):
    """Three fields that everybody needs; the rest opens on request. Intent: `submitted` (Enter)."""

    submitted = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.server = self._field("server", kit.t("Telephone system"), "pbx.example.com")
        self.user = self._field("user", kit.t("User"), "1001")
        self.password = self._field("password", kit.t("Password"), "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.name = self._field("display_name", kit.t("Your name (optional)"), "")
        self.auth_user = self._field("auth_user", kit.t("Sign-in name (if different)"), "")
        self.transport = _choice(kit, "transport", kit.t("Transport"), TRANSPORTS)
        self.encryption = _choice(kit, "encryption", kit.t("Encrypt calls"), ENCRYPTION)
        self.domain = self._field("domain", kit.t("SIP domain (if different)"), "example.com")
        self.backups = self._field("backup_servers", kit.t("Backup servers"), "pbx2.example.com")
        self.ca_file = self._field("ca_file", kit.t("Company's certificate authority (file)"), "")
        self.pins = self._field("pinned_sha256", kit.t("Only these certificates (SHA-256 fingerprints)"), "")
        self.pins.setMaxLength(_PINS)
        self.certificate = self._field("client_certificate", kit.t("Certificate of this phone (file)"), "")
        self.key = self._field("client_key", kit.t("Its key (file, if separate)"), "")
        self.refuse_md5 = Tick(kit, "refuse_weak_digest", kit.t("Never protect the password by MD5 only"))
        security = _rows(
            kit, (self.domain, self.backups, self.ca_file, self.pins, self.certificate, self.key)
        )
        security.addWidget(self.refuse_md5)
        self.security = Fold(
            kit, kit.t("Server and certificates"), kit.t("Hide server and certificates"), security
        )
        extra = _rows(kit, (self.name, self.auth_user, self.transport, self.encryption))
        extra.addWidget(self.security)
        self.more = Fold(kit, kit.t("More options"), kit.t("Fewer options"), extra)
        self._lay_out(kit)

    def entry(self) -> AccountEntry:
        return AccountEntry(
            self.server.text(),
            self.user.text(),
            self.password.text(),
            self.name.text(),
            self.auth_user.text(),
            Transport(self.transport.currentData()),
            MediaEncryption(self.encryption.currentData()),
            self.domain.text(),
            self.backups.text(),
            self.ca_file.text(),
            self.pins.text(),
            self.certificate.text(),
            self.key.text(),
            self.refuse_md5.isChecked(),
        )

    def show_entry(self, entry: AccountEntry) -> None:
        self.server.setText(entry.server)
        self.user.setText(entry.user)
        self.password.setText(entry.password)
        self.name.setText(entry.display_name)
        self.auth_user.setText(entry.auth_user)
        self.transport.setCurrentIndex(self.transport.findData(entry.transport))
        self.encryption.setCurrentIndex(self.encryption.findData(entry.encryption))
        self.domain.setText(entry.domain)
        self.backups.setText(entry.backup_servers)
        self.ca_file.setText(entry.ca_file)
        self.pins.setText(entry.pins)
        self.certificate.setText(entry.client_certificate)
        self.key.setText(entry.client_key)
        self.refuse_md5.setChecked(entry.refuse_md5)

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

    def _lay_out(self, kit: Kit) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        column.addLayout(_rows(kit, (self.server, self.user, self.password)))
        column.addWidget(self.more)


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
