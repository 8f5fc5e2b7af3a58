"""Scenes about how the account is protected."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from softphone.domain.account import Registration, RegistrationState, RegistrationTrouble
from softphone.domain.certificates import CertificateTrouble
from softphone.domain.events import MessageWaitingChanged, RegistrationChanged
from softphone.ui.main import Interface
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.settings.dialog import SettingsDialog


def account_security(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """The account with everything open that IT may ask about."""
    world.register()
    interface.open_settings("account")
    window = interface.settings_window
    if isinstance(window, SettingsDialog):
        window.account.form.more.toggle()
        window.account.form.security.toggle()
    return window


def bad_certificate(world: ExampleDesk, _interface: Interface) -> None:
    """The server cannot prove who it is, and nothing is sent."""
    account = world.desk.configuring.settings.accounts[0]
    refused = Registration(
        account.id,
        RegistrationState.WAITING,
        RegistrationTrouble.CERTIFICATE,
        retry_in_s=12,
        certificate=CertificateTrouble.UNKNOWN_ISSUER,
    )
    world.happen(RegistrationChanged(refused))


def voice_mail(world: ExampleDesk, _interface: Interface) -> None:
    """Messages wait at the telephone system."""
    world.register()
    account = world.desk.configuring.settings.accounts[0]
    world.happen(MessageWaitingChanged(account.id, True, 3, 1))
