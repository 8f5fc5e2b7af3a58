"""Signing in and out: the account, its password in the key store, its registration."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.account import Account, Registration, RegistrationState, RegistrationTrouble
from softphone.domain.errors import BadInput, SoftphoneError
from softphone.domain.events import EngineAttached, EngineLost, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Secrets, Telephone


def secret_name(account_id: AccountId) -> str:
    """The name of the account's password in the key store."""
    return f"account/{account_id}"


class SigningIn:
    """Which accounts are open, and what their registrars say."""

    def __init__(self, telephone: Telephone, secrets: Secrets, configuring: Configuring, bus: Bus) -> None:
        self._telephone = telephone
        self._secrets = secrets
        self._configuring = configuring
        self._bus = bus
        self._registrations: dict[AccountId, Registration] = {}
        bus.subscribe(RegistrationChanged, self._on_registration)
        bus.subscribe(EngineLost, self._on_engine_lost)
        bus.subscribe(EngineAttached, self._on_engine_attached)

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """One for each account of the settings, in their order."""
        accounts = self._configuring.settings.accounts
        return tuple(self._registrations.get(a.id, Registration(a.id)) for a in accounts)

    @property
    def registered(self) -> bool:
        """At least one account can be called."""
        return any(r.state is RegistrationState.REGISTERED for r in self._registrations.values())

    def first_registered(self) -> AccountId | None:
        """The account to call from when nothing else is said."""
        registered = [r.account_id for r in self.registrations if r.state is RegistrationState.REGISTERED]
        return registered[0] if registered else None

    def sign_in(self) -> None:
        """Open every account of the settings with its password from the key store.

        An account without a stored password is shown as refused with `NO_PASSWORD`. Raises what the key
        store raises.
        """
        for account in self._configuring.settings.accounts:
            self._open(account, self._secrets.read(secret_name(account.id)))

    def add(self, account: Account, password: str) -> None:
        """Remember `account` (replacing one of the same id), keep its password safe, and register.

        Raises `BadInput` when something is missing, `Broken`/`TryLater` from the key store; nothing is
        remembered then.
        """
        _check(account, password)
        name = secret_name(account.id)
        before = self._secrets.read(name)
        self._secrets.write(name, password)
        settings = self._configuring.settings
        try:
            self._configuring.change(settings.with_account(account))
        except SoftphoneError:
            self._put_back(name, before)
            raise
        self._open(account, password)

    def change(self, account: Account) -> None:
        """Like `add`, with the password that the key store already holds for this account.

        Raises `BadInput` when it holds none.
        """
        self.add(account, self._secrets.read(secret_name(account.id)) or "")

    def follow(self, before: tuple[Account, ...], renewed: tuple[AccountId, ...] = ()) -> None:
        """The settings were changed from outside: open what is new or different, close what is gone.

        `renewed` are accounts whose password has changed. Raises what the key store raises.
        """
        accounts = self._configuring.settings.accounts
        for account_id in {account.id for account in before} - {account.id for account in accounts}:
            self._telephone.close_account(account_id)
            self._registrations.pop(account_id, None)
            self._bus.publish(RegistrationChanged(Registration(account_id)))
        for account in accounts:
            if account not in before or account.id in renewed:
                self._open(account, self._secrets.read(secret_name(account.id)))

    def remove(self, account_id: AccountId) -> None:
        """Forget the account, un-register, forget its password.

        Raises what saving the settings raises, and nothing has changed then; what the key store raises, and
        only the password is left.
        """
        settings = self._configuring.settings
        remaining = tuple(a for a in settings.accounts if a.id != account_id)
        self._configuring.change(replace(settings, accounts=remaining))
        self._telephone.close_account(account_id)
        self._registrations.pop(account_id, None)
        self._bus.publish(RegistrationChanged(Registration(account_id)))
        self._secrets.delete(secret_name(account_id))

    def sign_out(self) -> None:
        """Un-register all accounts; they stay configured."""
        for account in self._configuring.settings.accounts:
            self._telephone.close_account(account.id)

    def try_again(self) -> None:
        """Register at once: the agent asked for it, or the computer woke up."""
        for registration in self.registrations:
            if registration.state is RegistrationState.WAITING:
                self._telephone.register_now(registration.account_id)
            elif registration.state in (RegistrationState.OFF, RegistrationState.REFUSED):
                account = self._configuring.settings.account(registration.account_id)
                if account:
                    self._open(account, self._secrets.read(secret_name(account.id)))

    def _open(self, account: Account, password: str | None) -> None:
        if password is None:
            missing = Registration(account.id, RegistrationState.REFUSED, RegistrationTrouble.NO_PASSWORD)
            self._bus.publish(RegistrationChanged(missing))
            return
        if self._registrations.get(account.id, Registration(account.id)).state is not (
            RegistrationState.REGISTERED
        ):
            self._bus.publish(RegistrationChanged(Registration(account.id, RegistrationState.TRYING)))
        self._telephone.open_account(account, password)

    def _put_back(self, name: str, before: str | None) -> None:
        if before is None:
            self._secrets.delete(name)
        else:
            self._secrets.write(name, before)

    def _on_registration(self, event: RegistrationChanged) -> None:
        self._registrations[event.registration.account_id] = event.registration

    def _on_engine_lost(self, event: EngineLost) -> None:
        for account_id, known in list(self._registrations.items()):
            if known.state is not RegistrationState.OFF:
                lost = Registration(
                    account_id,
                    RegistrationState.WAITING,
                    RegistrationTrouble.ENGINE_DOWN,
                    detail=event.detail,
                )
                self._bus.publish(RegistrationChanged(lost))

    def _on_engine_attached(self, event: EngineAttached) -> None:
        for registration in event.registrations:
            self._bus.publish(RegistrationChanged(registration))


def _check(account: Account, password: str) -> None:
    if not account.server:
        raise BadInput("server", "the server is missing")
    if not account.user:
        raise BadInput("user", "the user is missing")
    if not password:
        raise BadInput("password", "the password is missing")
