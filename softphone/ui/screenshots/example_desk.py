"""The use cases as they are, on ports that take every command and do nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from softphone.domain.account import Registration, RegistrationState, Signalling
from softphone.domain.address import PhoneNumber
from softphone.domain.audio import MediaQuality
from softphone.domain.call import CallState, CallView, Direction, EndCause, Invitation, MediaFacts, Party
from softphone.domain.crm_work import NewCustomer, TextQuery
from softphone.domain.customer import CustomerQuery, Lookup
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.delivery import Delivery
from softphone.domain.events import (
    CallArrived,
    CallEnded,
    CallEstablished,
    Event,
    MediaQualityMeasured,
    RegistrationChanged,
)
from softphone.domain.ids import CallId, DeliveryId, QueryId
from softphone.domain.provisioning import ProvisioningOrder, ProvisioningState
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy, SettingsFault, SettingsLayer
from softphone.ui.screenshots.examples import NUMBERS, SETTINGS
from softphone.usecases.bus import Bus
from softphone.usecases.desk import Desk, Ports
from softphone.usecases.ports import Crm, Desktop, Identities, Records, Secrets, Telephone, Timer
from softphone.usecases.team.ports import Audit, FeatureCodeBook, TeamLine

PROTECTED = Signalling("pbx.example.com", protocol="TLSv1.3")
NOW = datetime(2026, 3, 2, 9, 24, tzinfo=UTC)


class _Obedient:
    """Takes every command and does nothing."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_arguments, **_named: None


class _NoTimer:
    def cancel(self) -> None:
        """There is nothing to cancel."""


class _StoppedClock:
    """It is 9:24 until a picture wants it later; what falls due runs only when the picture says so."""

    def __init__(self) -> None:
        self.moment = NOW
        self._waiting: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def after(self, delay_s: float, action: Callable[[], None]) -> Timer:
        self._waiting.append((delay_s, action))
        return _NoTimer()

    def let_pass(self, seconds: float) -> None:
        """Run what waits for at most that long."""
        due, self._waiting = [a for d, a in self._waiting if d <= seconds], []
        for action in due:
            action()


class _ExampleNumbers:
    def read(self, raw: str, _region: str) -> PhoneNumber:
        return NUMBERS.get(raw, PhoneNumber(raw))

    def as_typed(self, text: str, _region: str) -> str:
        return text


class _ExampleCrm:
    """Remembers the question, so that a picture can answer it."""

    def __init__(self) -> None:
        self.asked: dict[CallId, CustomerQuery] = {}
        self.searches: list[TextQuery] = []
        self.creations: list[NewCustomer] = []

    def find(self, query: CustomerQuery) -> None:
        self.asked[query.call_id] = query

    def search(self, query: TextQuery) -> None:
        self.searches.append(query)

    def create_customer(self, new: NewCustomer) -> None:
        self.creations.append(new)

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_arguments, **_named: None


class _ExampleRecords(_Obedient):
    """Remembers what is put into the outbox."""

    def __init__(self) -> None:
        self.added: list[Delivery] = []

    def add_delivery(self, delivery: Delivery) -> None:
        self.added.append(delivery)


class _Counting:
    def __init__(self) -> None:
        self._count = itertools.count(1)

    def call(self) -> CallId:
        return CallId(f"call-{next(self._count)}")

    def query(self) -> QueryId:
        return QueryId(f"query-{next(self._count)}")

    def delivery(self, _now: datetime) -> DeliveryId:
        return DeliveryId(f"delivery-{next(self._count)}")

    def jitter(self) -> float:
        return 0.0


class _ExampleSettings:
    faults: tuple[SettingsFault, ...] = ()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.locks = {"audio.noise_suppression": SetBy(SettingsLayer.POLICY)}

    def load(self) -> Settings:
        return self._settings

    def save(self, settings: Settings) -> None:
        self._settings = settings

    def locked(self) -> Mapping[str, SetBy]:
        return self.locks


class _ExampleProfiles:
    def __init__(self) -> None:
        self.known = ProvisioningState()

    def state(self) -> ProvisioningState:
        return self.known

    def carry_out(self, order: ProvisioningOrder) -> None:
        """Nobody serves a profile on a picture."""


class ExampleDesk:
    """`desk` is real; methods play what the telephone system and the CRM would do."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.bus = Bus(_raise)
        self.clock = _StoppedClock()
        self.crm = _ExampleCrm()
        self._file = _ExampleSettings(settings)
        self._profiles = _ExampleProfiles()
        self.records = _ExampleRecords()
        silent: Any = _Obedient()
        ports = Ports(
            telephone=cast(Telephone, silent),
            crm=cast(Crm, self.crm),
            records=cast(Records, self.records),
            secrets=cast(Secrets, silent),
            settings_file=self._file,
            numbers=_ExampleNumbers(),
            desktop=cast(Desktop, silent),
            clock=self.clock,
            identities=cast(Identities, _Counting()),
            profiles=self._profiles,
            team=cast(TeamLine, silent),
            audit=cast(Audit, silent),
            feature_codes=cast(FeatureCodeBook, silent),
        )
        self.desk = Desk(ports, settings, self.bus)

    def happen(self, *events: Event) -> None:
        for event in events:
            self.bus.publish(event)

    def fix(self, *keys: str) -> None:
        """These settings were brought by the company."""
        self._file.locks |= dict.fromkeys(keys, SetBy(SettingsLayer.PROVISIONED))

    def be_set_up(self) -> None:
        """A company has set this phone up, today."""
        at = self.clock.now().isoformat()
        self._profiles.known = ProvisioningState("https://p.example.com", "Storm Outsourcing", checked_at=at)

    def register(self) -> None:
        account = self.desk.configuring.settings.accounts[0]
        registered = Registration(account.id, RegistrationState.REGISTERED, signalling=PROTECTED)
        self.happen(RegistrationChanged(registered))
        self.desk.being_available.choose_ready()
        self.pass_time(754)

    def pass_time(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    def ring(self, queue: str, party: Party, name: str = "one") -> CallId:
        call_id = CallId(name)
        account = self.desk.configuring.settings.accounts[0]
        headers = (("X-Queue", queue),) if queue else ()
        invitation = Invitation(dnis="+442079460100", headers=headers)
        self.happen(CallArrived(call_id, account.id, party, invitation, self.clock.now()))
        return call_id

    def know(self, call_id: CallId, lookup: Lookup) -> None:
        query = self.crm.asked[call_id]
        self.happen(CustomerLookedUp(query.id, call_id, lookup))

    def establish(
        self, call_id: CallId, seconds: float = 0, mos: float = 4.2, encrypted: bool = True
    ) -> None:
        media = MediaFacts("G722", 16_000, encrypted, PROTECTED.protocol)
        self.happen(CallEstablished(call_id, self.clock.now(), media))
        self.happen(MediaQualityMeasured(MediaQuality(call_id, rx_loss_percent=6.0, mos=mos)))
        self.pass_time(seconds)

    def end(self, call_id: CallId, cause: EndCause = EndCause.NORMAL, sip_code: int = 0) -> None:
        self.happen(CallEnded(call_id, cause, self.clock.now(), sip_code=sip_code))


def past_call(name: str, minutes_ago: int, user: str, **facts: Any) -> CallView:
    """A call of the list: answered and over unless `facts` say something else."""
    at = NOW - timedelta(minutes=minutes_ago)
    account = SETTINGS.accounts[0]
    call = CallView(
        CallId(name), account.id, Direction.INBOUND, CallState.TERMINATED, Party(user), at, established_at=at
    )
    return replace(call, ended_at=at + timedelta(seconds=194), end_cause=EndCause.NORMAL, **facts)


def _raise(_event: Event, fault: Exception) -> None:
    raise fault
