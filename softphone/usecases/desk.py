"""All use cases of one desk, made in the one order in which they must hear events."""

from __future__ import annotations

from dataclasses import field

from softphone.domain.crm_work import CrmAbility
from softphone.domain.facts import dataclass
from softphone.domain.recording_link import recording_link
from softphone.domain.settings import Settings
from softphone.usecases.bus import Bus
from softphone.usecases.calls.being_available import BeingAvailable
from softphone.usecases.calls.calling import Calling
from softphone.usecases.calls.forgetting import Forgetting
from softphone.usecases.calls.minding_the_line import MindingTheLine
from softphone.usecases.calls.not_calling import NotCalling
from softphone.usecases.calls.recording import Recording
from softphone.usecases.calls.voice_mail import VoiceMail
from softphone.usecases.choosing_audio import ChoosingAudio
from softphone.usecases.configuring import Configuring
from softphone.usecases.customers.customers import Customers
from softphone.usecases.customers.keeping import KeepingCustomers, NoCustomerCache
from softphone.usecases.customers.recognising import Recognising
from softphone.usecases.customers.telling_crms import TellingCrms
from softphone.usecases.ports import (
    Clock,
    CompanyProfiles,
    Crm,
    CustomerCache,
    Desktop,
    Identities,
    NumberPlan,
    Records,
    Secrets,
    SettingsFile,
    Telephone,
)
from softphone.usecases.provisioning import Provisioning
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.desk import TeamDesk
from softphone.usecases.team.escalating import Escalating, HearingEscalations
from softphone.usecases.team.ports import Audit, FeatureCodeBook, TeamLine
from softphone.usecases.tracing import Tracing
from softphone.usecases.trying_sound import TryingSound
from softphone.usecases.wrap_up.calling_back import CallingBack
from softphone.usecases.wrap_up.closing_from_afar import AskingToClose, ClosingForOthers
from softphone.usecases.wrap_up.closing_records import ClosingRecords
from softphone.usecases.wrap_up.delivering import Delivering
from softphone.usecases.wrap_up.expiring import Expiring
from softphone.usecases.wrap_up.fetching_codes import FetchingCodes
from softphone.usecases.wrap_up.following_script import FollowingScript
from softphone.usecases.wrap_up.keeping_records import KeepingRecords
from softphone.usecases.wrap_up.looking_back import LookingBack
from softphone.usecases.wrap_up.unwritten_calls import UnwrittenCalls
from softphone.usecases.wrap_up.wrapping_up import WrappingUp


@dataclass(frozen=True)
class Ports:
    """The outside world of one desk."""

    telephone: Telephone
    crm: Crm
    records: Records
    secrets: Secrets
    settings_file: SettingsFile
    numbers: NumberPlan
    desktop: Desktop
    clock: Clock
    identities: Identities
    profiles: CompanyProfiles
    team: TeamLine
    audit: Audit
    feature_codes: FeatureCodeBook
    customers: CustomerCache = field(default_factory=NoCustomerCache)


class Desk:
    """What widgets and `softphone ctl` command.

    The order of construction matters: calls are known before customers are looked up, wrap-ups exist before
    the agent's state asks whether one is open.
    """

    def __init__(self, ports: Ports, settings: Settings, bus: Bus) -> None:
        p = ports
        self.bus = bus
        self.ports = ports
        self.configuring = Configuring(p.settings_file, settings)
        self.signing_in = SigningIn(p.telephone, p.secrets, self.configuring, bus)
        self.not_calling = NotCalling(p.records, bus)
        self.calling = Calling(
            p.telephone, self.configuring, p.numbers, p.clock, p.identities, bus, self.not_calling
        )
        self.keeping_customers = KeepingCustomers(p.customers, self.configuring, p.clock, bus)
        self.recognising = Recognising(
            p.crm,
            self.calling,
            self.configuring,
            p.desktop,
            p.clock,
            p.identities,
            bus,
            self.keeping_customers,
        )
        self.recording = Recording(self.calling, self.configuring, p.clock, bus)
        self.minding_the_line = MindingTheLine(bus)
        self.wrapping_up = WrappingUp(
            p.records, self.calling, p.clock, p.identities, bus, self.minding_the_line
        )
        self._unwritten_calls = UnwrittenCalls(self.calling, bus)
        self.recognising.remember_by(lambda call_id: self.wrapping_up.draft(call_id).customer_id)
        self.following_script = FollowingScript(
            self.wrapping_up, self.calling, self.recognising, self.configuring
        )
        self.being_available = BeingAvailable(
            self.signing_in, self.calling, self.wrapping_up, self.configuring, p.clock, bus
        )
        self.telling_crms = TellingCrms(p.crm, self.being_available, self.configuring, bus)
        self.delivering = Delivering(p.records, p.crm, p.clock, p.identities, bus)
        self.customers = Customers(
            p.crm,
            p.records,
            p.secrets,
            p.numbers,
            p.desktop,
            p.clock,
            p.identities,
            self.configuring,
            self.calling,
            self.recognising,
            self.delivering,
            bus,
        )
        self.fetching_codes = FetchingCodes(
            p.crm, self.customers.connecting, p.records, self.calling, self.configuring, p.clock, bus
        )
        self.wrapping_up.schedule_where(lambda crm: self.customers.connecting.can(crm, CrmAbility.TASK))
        self.wrapping_up.change_where(lambda crm: self.customers.connecting.can(crm, CrmAbility.LOG_UPDATE))
        self.wrapping_up.link_recordings(
            lambda call: recording_link(
                call.invitation, self.configuring.settings.calls.recording_link_headers
            )
        )
        self.choosing_audio = ChoosingAudio(p.telephone, self.configuring, bus)
        self.trying_sound = TryingSound(p.telephone, bus)
        self.keeping_records = KeepingRecords(p.records, bus)
        self.looking_back = LookingBack(p.records, bus)
        self.tracing = Tracing(p.telephone, bus)
        self.voice_mail = VoiceMail(bus)
        self.forgetting = Forgetting(
            self.calling, self.recognising, self.wrapping_up, self.minding_the_line, self.customers, bus
        )
        self.expiring = Expiring(p.records, self.configuring, p.clock, bus)
        self.calling_back = CallingBack(p.records, self.calling, p.clock, bus)
        self.provisioning = Provisioning(
            p.profiles, self.configuring, self.signing_in, self.calling, p.clock, bus
        )
        self.team = TeamDesk(p.team, p.telephone, p.audit, p.feature_codes, p.clock, p.identities, self, bus)
        self.closing_records = ClosingRecords(p.records, self.configuring, self.team.auditing)
        self.asking_to_close = AskingToClose(
            p.team,
            self.signing_in,
            self.configuring,
            self.closing_records,
            self.team.auditing,
            p.identities,
            bus,
        )
        self.escalating = Escalating(
            p.team,
            self.signing_in,
            self.calling,
            self.wrapping_up,
            self.configuring,
            p.identities,
            bus,
        )
        self.hearing_escalations = HearingEscalations(self.configuring, bus)
        self.closing_for_others = ClosingForOthers(
            p.team, self.configuring, self.team.auditing, p.identities, bus
        )

    def start(self) -> None:
        """Open the database, start the engine, sign in. Raises what the key store raises."""
        settings = self.configuring.settings
        self.ports.records.open()
        self.ports.telephone.start(settings.calls, settings.audio)
        self.team.start()
        self.provisioning.start()
        self.signing_in.sign_in()

    def try_again(self) -> None:
        """The agent has mended something (the key store is unlocked, the network is back): do at once what
        waits for it. Raises what the key store raises."""
        self.keeping_records.try_again()
        self.signing_in.try_again()

    def quit(self) -> None:
        """Un-register, end calls, write what is typed, close. Blocks for a bounded time."""
        self.wrapping_up.flush()
        self.team.supervising.stop()
        self.ports.telephone.shut_down()
        self.ports.customers.close()
        self.ports.records.close()
        self.ports.audit.close()
