"""Wiring: which adapter serves which port, and what is started first.

The engine is started before anything else (`softphone.launch`) and told to register before Qt, HTTP and the
database are even imported, so that registering and painting overlap; `softphone.application` then adds the
window. `assemble` alone is the tests' way in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from softphone.domain.errors import SoftphoneError
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy, SettingsFault
from softphone.phone.telephone import EngineTelephone
from softphone.putting_off import signals_put_off
from softphone.store.key import SECRET_NAME
from softphone.system.desktop import BrowserDesktop
from softphone.system.folders import Folders
from softphone.system.identities import RandomIdentities
from softphone.system.logs import start_logging
from softphone.system.secrets import KeyringSecrets, MemorySecrets
from softphone.system.settings_sources import layered_settings
from softphone.ui.qt_loading import load_qt
from softphone.usecases.bus import Bus
from softphone.usecases.desk import Desk, Ports
from softphone.usecases.ports import Clock, Secrets, SettingsFile, Telephone
from softphone.usecases.signing_in import secret_name

if TYPE_CHECKING:
    from softphone.crm.http_crm import HttpCrm
    from softphone.launch import Launch

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, repr=False)
class Profile:
    """Settings and secrets handed over in memory instead of files and key store (the demo, and tests)."""

    settings: Settings
    secrets: dict[str, str]


@dataclass(frozen=True)
class Options:
    """How this desk is to be started. `link` is a tel:, callto: or sip: link to put into the dial field."""

    link: str = ""
    profile: Profile | None = None
    autoplay_to: Path | None = None
    """Play calls through the window, leave screenshots and what happened in this folder, and quit."""
    autoplay_calls: int = 1
    log_on_screen: bool = False


class ProfileSettings:
    """Port `SettingsFile` over a profile: changes last as long as this desk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def load(self) -> Settings:
        return self._settings

    def save(self, settings: Settings) -> None:
        self._settings = settings

    def locked(self) -> Mapping[str, SetBy]:
        return {}

    @property
    def faults(self) -> tuple[SettingsFault, ...]:
        return ()


class Mailbox:
    """Takes events before there is anybody to deliver them; `forward_to` hands them on from then on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Event] = []
        self._forward: Callable[[Event], None] | None = None

    def post(self, event: Event) -> None:
        """Any thread."""
        with self._lock:  # two threads that hand events on must not change their order
            if self._forward is None:
                self._kept.append(event)
            else:
                self._forward(event)

    def forward_to(self, forward: Callable[[Event], None]) -> None:
        """Main thread, once; `forward` only queues."""
        with self._lock:
            for event in self._kept:
                forward(event)
            self._kept.clear()
            self._forward = forward


@dataclass(frozen=True)
class Assembly:
    """A desk and those of its parts that must be started or closed by name."""

    desk: Desk
    bus: Bus
    crm: HttpCrm

    def start(self) -> None:
        """Raises what the key store raises; the engine and the database are started all the same."""
        self.crm.start()
        self.desk.start()

    def quit(self) -> None:
        """Blocks for a bounded time."""
        self.desk.quit()
        self.crm.close()


def run(options: Options, launch: Launch) -> int:
    """Run the launched desk until it is quit; return the exit code."""
    where = launch.where
    start_logging(where.logs, "desk", on_screen=options.log_on_screen)
    file = settings_file(where, options.profile)
    mailbox = Mailbox()
    try:
        settings = file.load()
    except SoftphoneError as exc:
        launch.abandon()
        from softphone.application import tell_settings_trouble  # Qt is needed for this only now

        return tell_settings_trouble(exc)
    for fault in file.faults:
        _log.error("setting_left_out", layer=fault.layer, place=str(fault))
    telephone = EngineTelephone(mailbox.post, where.data, ahead=launch.engine)
    ended = False
    try:
        telephone.start(settings.calls, settings.audio)
        secrets = secrets_of(where, options.profile)
        sign_in_ahead(settings, secrets, telephone)
        with signals_put_off():
            load_qt()  # while the engine starts and registers
            from softphone.application import run_desk

        code = run_desk(options, where, file, settings, secrets, telephone, mailbox)
        ended = True
    finally:
        if not ended:  # a signal or a fault came before there was a window to close
            telephone.shut_down()
    launch.end()
    return code


def sign_in_ahead(settings: Settings, secrets: Secrets, telephone: Telephone) -> None:
    """Let accounts register while Qt loads; the use case then opens them again, which changes nothing."""
    accounts = {secret_name(account.id): account for account in settings.accounts}

    def open_account(name: str, password: str) -> None:
        if name in accounts:
            telephone.open_account(accounts[name], password)

    if isinstance(secrets, KeyringSecrets):
        secrets.read_ahead([*accounts, SECRET_NAME], open_account)
    else:
        for name in accounts:
            if (password := secrets.read(name)) is not None:
                open_account(name, password)


def settings_file(where: Folders, profile: Profile | None) -> SettingsFile:
    if profile is not None:
        return ProfileSettings(profile.settings)
    return layered_settings(where)


def secrets_of(where: Folders, profile: Profile | None) -> Secrets:
    if profile is not None:
        return MemorySecrets(profile.secrets)
    return KeyringSecrets(where.key_store_service)


def assemble(
    where: Folders,
    file: SettingsFile,
    settings: Settings,
    secrets: Secrets,
    clock: Clock,
    post: Callable[[Event], None],
    telephone: EngineTelephone | None = None,
) -> Assembly:
    """Make the desk of this profile on its real ports; nothing is started yet.

    Called on the main thread; `post` takes events from any thread and delivers them to the returned bus.
    """
    from softphone.crm.http_crm import HttpCrm  # 0.1 s that the engine's start does not wait for
    from softphone.store.audit import AuditLog
    from softphone.store.customer_cache import SqlCustomerCache
    from softphone.store.key import StoredKey
    from softphone.store.records import SqlRecords
    from softphone.system.company_profiles import BackgroundProfiles
    from softphone.system.feature_codes import FeatureCodeFiles
    from softphone.system.number_plan import LibPhoneNumbers

    bus = Bus(_report)
    bus.subscribe_all(_journal)
    crm = HttpCrm(settings.crms, secrets.read, post, keeping(secrets))
    phone = telephone or EngineTelephone(post, where.data)
    ports = Ports(
        telephone=phone,
        crm=crm,
        records=SqlRecords(where.database, StoredKey(secrets), post),
        secrets=secrets,
        settings_file=file,
        numbers=LibPhoneNumbers(),
        desktop=BrowserDesktop(),
        clock=clock,
        identities=RandomIdentities(),
        profiles=BackgroundProfiles(where, _secrets_beside(where, secrets), post),
        customers=SqlCustomerCache(where.customers, StoredKey(secrets), post),
        team=phone.team,
        audit=AuditLog(where.audit_log, secrets, post),
        feature_codes=FeatureCodeFiles(),
    )
    desk = Desk(ports, settings, bus)
    desk.configuring.on_change(lambda changed: crm.configure(changed.crms))
    return Assembly(desk, bus, crm)


def _secrets_beside(where: Folders, secrets: Secrets) -> Secrets:
    """For another thread than the desk's: the same key store, nothing of it read ahead."""
    return KeyringSecrets(where.key_store_service) if isinstance(secrets, KeyringSecrets) else secrets


def keeping(secrets: Secrets) -> Callable[[str, str | None], None]:
    """Writes a secret, or forgets it when there is none."""

    def keep(name: str, secret: str | None) -> None:
        if secret is None:
            secrets.delete(name)
        else:
            secrets.write(name, secret)

    return keep


_LOGGED = ("call_id", "cause", "sip_code", "trouble", "command")


def _report(event: Event, exc: Exception) -> None:
    _log.error("handler_failed", event_type=type(event).__name__, exc_info=exc)


def _journal(event: Event) -> None:
    """Every event leaves its name and ids in the log, to replay a call from it; no customer data."""
    facts = {name: str(getattr(event, name)) for name in _LOGGED if hasattr(event, name)}
    _log.info(type(event).__name__, **facts)
