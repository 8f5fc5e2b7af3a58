"""The team's ports under a test's control; `FakeTeamLine` is held to `tests/contracts/test_team_line.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from softphone.domain.audit import AuditAction, AuditEntry
from softphone.domain.call import EndCause, Party
from softphone.domain.errors import BadInput
from softphone.domain.events import CallEnded, CallEstablished, Event
from softphone.domain.ids import AccountId, CallId
from softphone.domain.record_events import RecordMessageArrived
from softphone.domain.supervision import (
    FeatureCodes,
    SupervisionMode,
    SupervisionPolicy,
    SupervisionRefusal,
)
from softphone.domain.team import AgentPresence
from softphone.domain.team_events import (
    HelpSignalled,
    MessageAnswered,
    PresenceChanged,
    SupervisionModeConfirmed,
    SupervisionModeDenied,
    SupervisionTurnedAway,
    SupervisorArrived,
    SupervisorChangedMode,
    SupervisorLeft,
)
from tests.fakes.clock import FakeClock

LEAD = Party("7900", "pbx.test", "Team Lead", asserted=True)
KEYS = FeatureCodes(
    "keys",
    {SupervisionMode.LISTEN: "*58{extension}", SupervisionMode.TAKE_OVER: "*59{extension}"},
    {SupervisionMode.LISTEN: "4", SupervisionMode.WHISPER: "5", SupervisionMode.BARGE: "6"},
)
CODES = FeatureCodes(
    "codes",
    {
        SupervisionMode.LISTEN: "*55{extension}",
        SupervisionMode.WHISPER: "*56{extension}",
        SupervisionMode.BARGE: "*57{extension}",
    },
)


@dataclass
class FakeTeamLine:
    """Implements `TeamLine`. `obedient`: the agent's phone confirms whatever is asked; `post` must queue."""

    post: Callable[[Event], None]
    clock: FakeClock
    obedient: bool = True
    policy: SupervisionPolicy | None = None
    placed: list[tuple[CallId, str, SupervisionMode, bool]] = field(default_factory=list)
    asked_modes: list[tuple[CallId, SupervisionMode]] = field(default_factory=list)
    microphone: dict[CallId, bool] = field(default_factory=dict)
    let_in: list[tuple[CallId, bool]] = field(default_factory=list)
    messages: list[tuple[str, str, str, bool]] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)
    published: list[AgentPresence] = field(default_factory=list)
    watched: set[str] = field(default_factory=set)

    # --- the port ---------------------------------------------------------------------------------------

    def allow_supervision(self, policy: SupervisionPolicy) -> None:
        self.policy = policy

    def supervise(
        self, call_id: CallId, account_id: AccountId, target: str, mode: SupervisionMode, direct: bool
    ) -> None:
        self.placed.append((call_id, target, mode, direct))
        self.microphone[call_id] = False
        if self.obedient:
            self.establish(call_id, mode if direct else None)

    def change_supervision(self, call_id: CallId, mode: SupervisionMode) -> None:
        self.asked_modes.append((call_id, mode))
        if not mode.lead_speaks:
            self.microphone[call_id] = False
        if self.obedient:
            self.microphone[call_id] = mode.lead_speaks
            self.post(SupervisionModeConfirmed(call_id, mode))

    def open_microphone(self, call_id: CallId, on: bool) -> None:
        self.microphone[call_id] = on

    def let_supervisor_in(self, call_id: CallId, allowed: bool) -> None:
        self.let_in.append((call_id, allowed))
        if self.obedient and allowed:
            self.post(SupervisorChangedMode(call_id, SupervisionMode.LISTEN, self.clock.now()))
        elif self.obedient:
            self.leave(call_id)

    def ask_for_help(
        self, message_id: str, account_id: AccountId, target: str, reason: str, over: bool = False
    ) -> None:
        self.messages.append((message_id, target, reason, over))
        if self.obedient:
            self.post(MessageAnswered(message_id, 200))

    def tell_of_record(self, message_id: str, account_id: AccountId, target: str, text: str) -> None:
        self.told.append((message_id, target, text))
        if self.obedient:
            self.post(MessageAnswered(message_id, 200))

    def publish_presence(self, account_id: AccountId, presence: AgentPresence) -> None:
        self.published.append(presence)

    def watch_presence(self, account_id: AccountId, target: str) -> None:
        self.watched.add(target)

    def unwatch_presence(self, account_id: AccountId, target: str) -> None:
        self.watched.discard(target)

    # --- what the network does ----------------------------------------------------------------------------

    def establish(self, call_id: CallId, mode: SupervisionMode | None = None) -> None:
        """The other side answers; an agent's phone by that confirms the mode."""
        if mode is not None:
            self.microphone[call_id] = mode.lead_speaks
        self.post(CallEstablished(call_id, self.clock.now()))

    def end(self, call_id: CallId, sip_code: int = 0) -> None:
        self.post(CallEnded(call_id, EndCause.NORMAL, self.clock.now(), sip_code=sip_code))

    def deny(self, call_id: CallId, mode: SupervisionMode, sip_code: int = 403) -> None:
        self.post(SupervisionModeDenied(call_id, mode, sip_code))

    def arrive(
        self,
        call_id: str = "lead-1",
        mode: SupervisionMode = SupervisionMode.LISTEN,
        lead: Party = LEAD,
        asks: bool = False,
    ) -> CallId:
        name = CallId(call_id)
        self.post(SupervisorArrived(name, AccountId("work"), lead, mode, self.clock.now(), asks))
        return name

    def change(self, call_id: CallId, mode: SupervisionMode) -> None:
        self.post(SupervisorChangedMode(call_id, mode, self.clock.now()))

    def leave(self, call_id: CallId) -> None:
        self.post(SupervisorLeft(call_id, self.clock.now()))

    def turn_away(self, claimed: Party, reason: SupervisionRefusal) -> None:
        at, mode = self.clock.now(), SupervisionMode.LISTEN
        self.post(SupervisionTurnedAway(AccountId("work"), claimed, reason, at, mode))

    def present(self, target: str, presence: AgentPresence | None) -> None:
        self.post(PresenceChanged(AccountId("work"), target, presence))

    def speak_of_record(self, sender: Party, text: str, from_lead: bool) -> None:
        self.post(RecordMessageArrived(AccountId("work"), sender, text, from_lead, self.clock.now()))

    def call_for_help(self, user: str, reason: str, over: bool = False) -> None:
        sender = Party(user, "pbx.test", asserted=True)
        self.post(HelpSignalled(AccountId("work"), sender, reason, self.clock.now(), over))


@dataclass
class FakeAudit:
    """Implements `Audit`, in memory."""

    entries: list[AuditEntry] = field(default_factory=list)
    closed: bool = False
    opened: int = 0

    def open(self) -> None:
        self.opened += 1

    def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    def close(self) -> None:
        self.closed = True

    def said(self, action: AuditAction) -> list[AuditEntry]:
        return [entry for entry in self.entries if entry.action is action]


class FakeFeatureCodes:
    """Implements `FeatureCodeBook` with two systems."""

    def codes(self, name: str) -> FeatureCodes:
        known = {"keys": KEYS, "codes": CODES}
        if name not in known:
            raise BadInput("feature_codes", f"{name}: No such file or directory")
        return known[name]
