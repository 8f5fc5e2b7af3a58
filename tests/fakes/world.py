"""A whole desk on fakes: use cases as they are, with everything outside under the test's control."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from softphone.domain.account import Account
from softphone.domain.campaign import Campaign, Disposition, Matching
from softphone.domain.customer import Customer
from softphone.domain.events import Event
from softphone.domain.ids import AccountId, CampaignId, CustomerId
from softphone.domain.settings import CallSettings, CrmConnection, Settings
from softphone.domain.settings_layers import SetBy, SettingsFault
from softphone.system.number_plan import LibPhoneNumbers
from softphone.usecases.bus import Bus
from softphone.usecases.desk import Desk, Ports
from tests.fakes.clock import CountingIdentities, FakeClock
from tests.fakes.crm import FakeCrm
from tests.fakes.customer_cache import InMemoryCustomers
from tests.fakes.profiles import FakeProfiles
from tests.fakes.records import InMemoryRecords
from tests.fakes.team import FakeAudit, FakeFeatureCodes, FakeTeamLine
from tests.fakes.telephone import FakeTelephone

E = TypeVar("E", bound=Event)

ACCOUNT = Account(AccountId("work"), "pbx.test", "7001")
INSURER = Campaign(
    CampaignId("insurer"),
    "Storm Insurance",
    "#2266aa",
    "Storm Insurance, good morning",
    Matching(dnis=("+49800111222",), queues=("claims",), headers=(("X-Campaign", "insurer"),)),
    (
        Disposition("solved", "Solved"),
        Disposition(
            "follow",
            "Follow-up",
            children=(
                Disposition("callback", "Call back", needs_callback=True),
                Disposition("complaint", "Complaint", needs_note=True),
            ),
        ),
    ),
    crm="crm",
    region="DE",
)
ORDERS = Campaign(
    CampaignId("orders"),
    "Order line",
    matching=Matching(queues=("orders",)),
    dispositions=(Disposition("ordered", "Ordered"), Disposition("timeout", "No outcome")),
    acw_limit_s=30,
    default_code="timeout",
)
MARIA = Customer(
    CustomerId("c1"), "María Schäfer", "Bäckerei", ("+49 30 12345678",), url="https://crm.test/c1"
)
SETTINGS = Settings(
    accounts=(ACCOUNT,),
    campaigns=(INSURER, ORDERS),
    crms=(CrmConnection("crm", "rest", "https://crm.test"),),
    calls=CallSettings(region="DE"),
)


class MemorySettingsFile:
    """Port `SettingsFile`, in memory."""

    faults: tuple[SettingsFault, ...] = ()

    def __init__(self, settings: Settings) -> None:
        self.saved = settings
        self.locks: dict[str, SetBy] = {}

    def load(self) -> Settings:
        return self.saved

    def save(self, settings: Settings) -> None:
        self.saved = settings

    def locked(self) -> Mapping[str, SetBy]:
        return self.locks


class DictSecrets(dict[str, str]):
    """Port `Secrets`, in memory."""

    def read(self, name: str) -> str | None:
        return self.get(name)

    def write(self, name: str, secret: str) -> None:
        self[name] = secret

    def delete(self, name: str) -> None:
        self.pop(name, None)


class SeenLinks(list[str]):
    """Port `Desktop`, remembering what was opened."""

    def open_link(self, url: str) -> bool:
        self.append(url)
        return True


@dataclass
class World:
    """`run()` delivers what was posted until nothing is left, like the pump does between two paints."""

    settings: Settings = SETTINGS
    clock: FakeClock = field(default_factory=FakeClock)
    secrets: DictSecrets = field(default_factory=lambda: DictSecrets({"account/work": "secret"}))
    links: SeenLinks = field(default_factory=SeenLinks)
    records: InMemoryRecords | None = None
    telephone: FakeTelephone | None = None

    def __post_init__(self) -> None:
        self._posted: deque[Event] = deque()
        self.seen: list[Event] = []
        self.faults: list[Exception] = []
        self.bus = Bus(lambda _event, exc: self.faults.append(exc))
        self.bus.subscribe_all(self.seen.append)
        self.phone = self.telephone or FakeTelephone(self.post, self.clock)
        self.phone.post = self.post
        self.crm = FakeCrm(self.post)
        self.team = FakeTeamLine(self.post, self.clock)
        self.audit = FakeAudit()
        self.store = self.records or InMemoryRecords(self.post)
        self.file = MemorySettingsFile(self.settings)
        self.profiles = FakeProfiles(self.post)
        self.customers = InMemoryCustomers(self.post)
        ports = Ports(
            telephone=self.phone,
            crm=self.crm,
            records=self.store,
            secrets=self.secrets,
            settings_file=self.file,
            numbers=LibPhoneNumbers(),
            desktop=self.links,
            clock=self.clock,
            identities=CountingIdentities(),
            profiles=self.profiles,
            customers=self.customers,
            team=self.team,
            audit=self.audit,
            feature_codes=FakeFeatureCodes(),
        )
        self.desk = Desk(ports, self.settings, self.bus)

    def post(self, event: Event) -> None:
        self._posted.append(event)

    def run(self) -> None:
        """Deliver all that was posted; a use case that raised fails the test here."""
        while self._posted:
            self.bus.publish(self._posted.popleft())
        if self.faults:
            raise self.faults[0]

    def start(self) -> None:
        self.desk.start()
        self.run()

    def last(self, kind: type[E]) -> E:
        """The newest event of that class."""
        return next(e for e in reversed(self.seen) if isinstance(e, kind))

    def all(self, kind: type[E]) -> list[E]:
        return [e for e in self.seen if isinstance(e, kind)]
