"""No supervision without its record: while the audit log cannot be written, nobody listens to anybody.

The log is opened as soon as an account is registered at a desk that leads or is led, so that its keys are at
hand long before the first entry, whatever happens to the key store later.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.events import RegistrationChanged
from softphone.domain.settings import Settings
from softphone.domain.team_events import AuditFailed, AuditOpened, AuditRecorded
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.ports import Audit


class AuditDuty:
    """Knows whether what happens now reaches the disk; `on_change` callbacks hear of both turns."""

    def __init__(self, audit: Audit, signing_in: SigningIn, configuring: Configuring, bus: Bus) -> None:
        self._audit = audit
        self._signing_in = signing_in
        self._configuring = configuring
        self._tell: list[Callable[[], None]] = []
        self._asked = False
        self._fulfilled = True
        configuring.on_change(self._on_settings)
        bus.subscribe(RegistrationChanged, lambda _e: self._open(configuring.settings))
        bus.subscribe(AuditFailed, lambda _e: self._turn(False))
        bus.subscribe(AuditOpened, lambda _e: self._turn(True))
        bus.subscribe(AuditRecorded, lambda _e: self._turn(True))

    @property
    def fulfilled(self) -> bool:
        """Whether supervision may go on: true until the log is known to fail."""
        return self._fulfilled

    def on_change(self, callback: Callable[[], None]) -> None:
        self._tell.append(callback)

    def _on_settings(self, settings: Settings) -> None:
        self._open(settings)

    def _open(self, settings: Settings) -> None:
        concerned = settings.team.is_lead or bool(settings.team.leads)
        if concerned and not self._asked and self._signing_in.first_registered() is not None:
            self._asked = True
            self._audit.open()

    def _turn(self, fulfilled: bool) -> None:
        if fulfilled != self._fulfilled:
            self._fulfilled = fulfilled
            for callback in self._tell:
                callback()
