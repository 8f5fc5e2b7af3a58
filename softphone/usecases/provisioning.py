"""Being set up by the company: its profile at the start, daily, and when the agent has agreed to a link."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.account import Account
from softphone.domain.company_settings import ProvisioningSettings
from softphone.domain.errors import Refused
from softphone.domain.events import CallChanged
from softphone.domain.ids import AccountId
from softphone.domain.provisioning import (
    ProvisioningChecked,
    ProvisioningOrder,
    ProvisioningState,
    ProvisioningTrouble,
)
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, CompanyProfiles, Timer
from softphone.usecases.signing_in import SigningIn

AFTER_START_S = 2.0
"""Registering and painting come first."""

DAY_S = 24 * 3600.0
AGAIN_S = (60.0, 300.0, 900.0, 3600.0)
"""Pauses while the server is away or the profile is bad; the last one from then on."""


class Provisioning:
    """Asks for the profile and puts what changed into use, never while a call is going on."""

    def __init__(
        self,
        profiles: CompanyProfiles,
        configuring: Configuring,
        signing_in: SigningIn,
        calling: Calling,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self._profiles = profiles
        self._configuring = configuring
        self._signing_in = signing_in
        self._calling = calling
        self._clock = clock
        self._adopting: ProvisioningOrder | None = None
        self._waiting: tuple[AccountId, ...] | None = None
        self._failures = 0
        self._timer: Timer | None = None
        self.last: ProvisioningChecked | None = None
        """How the last attempt since the start ended."""
        bus.subscribe(ProvisioningChecked, self._on_checked)
        bus.subscribe(CallChanged, self._on_call)

    @property
    def state(self) -> ProvisioningState:
        """What is known of the profile in force."""
        return self.last.state if self.last else self._profiles.state()

    @property
    def wanted(self) -> ProvisioningSettings:
        return self._configuring.settings.provisioning

    @property
    def busy(self) -> bool:
        """A link that the agent has agreed to is being followed."""
        return self._adopting is not None

    def start(self) -> None:
        """Ask soon, if this phone is set up by a company."""
        self._plan(AFTER_START_S)

    def refresh(self) -> None:
        """Ask now; nothing without an address."""
        if self.wanted.url:
            order = ProvisioningOrder(self.wanted.url, self.wanted.public_key, self.wanted.ca_file)
            self._profiles.carry_out(order)

    def adopt(self, order: ProvisioningOrder) -> None:
        """Be set up from this address from now on; the agent has agreed. `ProvisioningChecked` follows.

        A key that is pinned already counts, not the link's. Raises `Refused` when IT has fixed another
        address.
        """
        locked = self._configuring.locked()
        if "provisioning.url" in locked and order.url != self.wanted.url:
            raise Refused("profile", "IT has fixed where this phone is set up from")
        key = self.wanted.public_key if self._key_is_fixed() else order.public_key
        self._adopting = replace(order, public_key=key, ca_file=order.ca_file or self.wanted.ca_file)
        self._profiles.carry_out(self._adopting)

    def read_anew(self, renewed: tuple[AccountId, ...] = ()) -> None:
        """Settings were changed from outside: use them as soon as no call is going on."""
        self._waiting = (*(self._waiting or ()), *renewed)
        self._use_when_quiet()

    def _key_is_fixed(self) -> bool:
        return bool(self.wanted.public_key) and "provisioning.public_key" in self._configuring.locked()

    def _on_checked(self, event: ProvisioningChecked) -> None:
        self.last = event
        adopted, self._adopting = self._adopting, None
        good = event.trouble is ProvisioningTrouble.NONE
        self._failures = 0 if good else self._failures + 1
        if event.changed:
            self.read_anew(event.enrolled)
        if adopted is not None and (good or event.changed):
            self._remember(adopted)
        self._plan(DAY_S if good else AGAIN_S[min(self._failures, len(AGAIN_S)) - 1])

    def _remember(self, order: ProvisioningOrder) -> None:
        """The address is the user's own choice, where neither IT nor the profile itself says another."""
        settings, locked = self._configuring.settings, self._configuring.locked()
        said = {"url": order.url, "public_key": order.public_key, "ca_file": order.ca_file}
        free = {name: value for name, value in said.items() if f"provisioning.{name}" not in locked}
        changed = replace(settings.provisioning, **free)
        if changed != settings.provisioning:
            self._configuring.change(replace(settings, provisioning=changed))

    def _plan(self, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.after(delay_s, self._due)

    def _due(self) -> None:
        self._plan(DAY_S)
        self.refresh()

    def _on_call(self, event: CallChanged) -> None:
        if not event.call.live:
            self._use_when_quiet()

    def _use_when_quiet(self) -> None:
        if self._waiting is None or any(call.live for call in self._calling.calls):
            return
        renewed, self._waiting = self._waiting, None
        before: tuple[Account, ...] = self._configuring.settings.accounts
        self._configuring.reload()
        self._signing_in.follow(before, renewed)
