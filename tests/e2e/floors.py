"""A lead, an agent and a customer who all hum, at each telephone system that supervision is for.

A floor knows how its people get there; what happens on it is in `supervision_scenes`.
"""

from __future__ import annotations

import contextlib
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from softphone.demo.pbx.sound import RATE_HZ, Tone
from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld, RemoteCall
from softphone.domain.settings import AgentSettings, Settings
from softphone.domain.supervision import DIRECT, Role, SupervisionMode
from softphone.domain.team import TeamMember, WatchedQueue
from softphone.domain.team_settings import TeamSettings
from tests import tones
from tests.e2e.team_desks import Place, TeamDesk
from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.peers.waiting import wait_for
from tests.phone.supervised import AGENT_HZ, CUSTOMER_HZ, LEAD_HZ, SECOND_LEAD_HZ, Ears

READY = Settings(agent=AgentSettings(ready_after_sign_in=True))
COLLEAGUE_HZ = 1000.0
SETTLED_S = 1.0


class Leading(Protocol):
    """A lead's desk, whether it is commanded or clicked."""

    user: str

    def begin(self, agent: str, mode: SupervisionMode) -> str: ...
    def change(self, mode: SupervisionMode) -> str: ...
    def leave(self) -> None: ...
    def heard_dbfs(self, frequency_hz: float, last_s: float = 0.5) -> float: ...
    @property
    def supervises(self) -> bool: ...


@dataclass(frozen=True)
class Customer:
    """The customer's end of the call."""

    sound: Callable[[], tones.Samples]
    """Everything heard so far, at 8 kHz."""
    ended: Callable[[], bool]
    hang_up: Callable[[], None]

    def heard_dbfs(self, frequency_hz: float) -> float:
        """How loud the frequency was lately."""
        return tones.level_dbfs(self.sound()[-RATE_HZ // 2 :], frequency_hz, RATE_HZ)


NewLead = Callable[[str, Place, str, float, TeamSettings, Path], Leading]
"""Makes a lead's desk: user, place, password, hum, team, folder."""


class Floor(ABC):
    """`way` is how the lead comes in; `one_session` whether all modes are reached without another call."""

    agent_user, lead_user, second_user, elsewhere = "7001", "7900", "7901", "7004"
    one_session = True
    takes_back_by_ringing = False
    """After a take-over the telephone system brings the customer back by ringing at the agent's."""
    whisper_reaches_holder = True
    """An agent who holds the customer still hears the lead."""
    barge_reaches_held_customer = False
    """A lead who is in the call is still heard by a customer on hold."""
    hands_over = True
    """An agent who hangs up while a lead has taken over leaves the customer to the lead."""
    customer_follows = True
    """The customer's end goes where it is sent."""

    _taking: threading.Thread

    def __init__(
        self, folder: Path, stack: contextlib.ExitStack, way: str = DIRECT, new_lead: NewLead | None = None
    ) -> None:
        self._folder = folder
        self.stack = stack
        self._way = way
        self.agent = self._agent()
        self.lead = self._lead(self.lead_user, LEAD_HZ, new_lead)
        self.customer = self.customer_calls()

    # --- what differs ------------------------------------------------------------------------------------

    @abstractmethod
    def place_of(self, user: str) -> tuple[Place, str]:
        """Where a desk signs in, and with which password."""

    @abstractmethod
    def _ring(self) -> Customer:
        """A humming customer calls the agent."""

    @abstractmethod
    def take_transfer(self) -> None:
        """Whoever takes a transferred call gets ready, and does so while it is being transferred."""

    def transferred(self) -> None:
        """The customer is where the transfer led."""
        self._taking.join(20)
        assert not self._taking.is_alive(), "nobody took the transferred call"

    def _meanwhile(self, work: Callable[[], None]) -> None:
        self._taking = threading.Thread(target=work, name="transfer", daemon=True)
        self._taking.start()

    # --- people ------------------------------------------------------------------------------------------

    def customer_calls(self) -> Customer:
        """The agent answers."""
        customer = self._ring()
        self.agent.answer_next()
        wait_for(lambda: len(customer.sound()) > 0, "the customer hears something", timeout_s=20)
        return customer

    def second_lead(self) -> TeamDesk:
        lead = self._lead(self.second_user, SECOND_LEAD_HZ, None)
        assert isinstance(lead, TeamDesk)
        return lead

    def _agent(self) -> TeamDesk:
        place, password = self.place_of(self.agent_user)
        team = TeamSettings(leads=(self.lead_user, self.second_user))
        return self.stack.enter_context(
            TeamDesk(self._folder / "agent", place, self.agent_user, password, AGENT_HZ, team, READY)
        )

    def _lead(self, user: str, hum_hz: float, new_lead: NewLead | None) -> Leading:
        place, password = self.place_of(user)
        members = (TeamMember(self.agent_user, "Anna"),)
        queues = (WatchedQueue("Support", "support"),)
        team = TeamSettings(Role.LEAD, way=self._way, members=members, queues=queues)
        folder = self._folder / f"lead-{user}"
        if new_lead is not None:
            return new_lead(user, place, password, hum_hz, team, folder)
        return self.stack.enter_context(TeamDesk(folder, place, user, password, hum_hz, team))

    @property
    def ears(self) -> Ears:
        customer = self.customer
        return Ears(customer.heard_dbfs, self.agent.heard_dbfs, self.lead.heard_dbfs, customer.sound)

    def row(self) -> dict[str, Any]:
        """What the lead's desk tells of the agent."""
        assert isinstance(self.lead, TeamDesk)
        agents = self.lead.ok("team")["agents"]
        assert isinstance(agents, list)
        found = agents[0]
        assert isinstance(found, dict)
        return found

    def handed_over(self) -> bool:
        """Whether the customer was sent to the lead."""
        return True

    def lead_is_on_the_call(self) -> bool:
        """Whether agent or telephone system still carry the lead's leg."""
        return bool(self.badges())

    def badges(self) -> list[tuple[str, str]]:
        """Leads and modes that the agent is shown."""
        found = self.agent.ok("team")["supervisors"]
        assert isinstance(found, list)
        return [(one["lead"], one["mode"]) for one in found]


class EmbeddedFloor(Floor):
    """The telephone system of the demo, directly."""

    agent_user, lead_user, second_user, elsewhere = AGENT, COLLEAGUE, "7003", "606"

    def __init__(
        self,
        world: DemoWorld,
        folder: Path,
        stack: contextlib.ExitStack,
        new_lead: NewLead | None = None,
    ) -> None:
        self._world = world
        super().__init__(folder, stack, new_lead=new_lead)

    def place_of(self, user: str) -> tuple[Place, str]:
        address = self._world.addresses
        return Place(address.sip_host, address.sip_port), self._world.passwords[user]

    def _ring(self) -> Customer:
        call: RemoteCall = self._world.ring(source=Tone(CUSTOMER_HZ))

        def sound() -> tones.Samples:
            return call.recording().astype(float) / 32_768

        return Customer(sound, lambda: call.state.value == "ended", call.hang_up)

    def take_transfer(self) -> None:
        """The telephone system does it by itself."""

    def transferred(self) -> None:
        """It has said so."""


class _PhoneFloor(Floor):
    """The customer is a scripted telephone."""

    _call: PhoneCall

    @property
    @abstractmethod
    def _phone(self) -> SipPhone: ...

    def _ring(self) -> Customer:
        call = self._call = self._phone.call(self.agent_user, hum_hz=CUSTOMER_HZ)
        return Customer(call.media.everything, lambda: call.ended, call.hang_up)


class KamailioFloor(_PhoneFloor):
    """A proxy that offers nothing for it, directly."""

    agent_user, lead_user, second_user, elsewhere = "8001", "8002", "8004", "8004"
    customer_follows = False

    def __init__(
        self,
        kamailio: Kamailio,
        folder: Path,
        stack: contextlib.ExitStack,
        new_lead: NewLead | None = None,
    ) -> None:
        self._kamailio = kamailio
        self._customers = SipPhone(
            (kamailio.host, kamailio.sip_port), "8003", kamailio.passwords["8003"], domain=DOMAIN
        )
        assert self._customers.register() == 200
        stack.callback(self._customers.close)
        stack.callback(self._customers.register, expires_s=0)
        super().__init__(folder, stack, new_lead=new_lead)

    @property
    def _phone(self) -> SipPhone:
        return self._customers

    def place_of(self, user: str) -> tuple[Place, str]:
        server = self._kamailio
        return Place(server.host, server.sip_port, DOMAIN), server.passwords[user]

    def take_transfer(self) -> None:
        """The customer's telephone only says that it called them."""
        self._meanwhile(self._say_that_it_went_well)

    def handed_over(self) -> bool:
        refers = [r for r in self._call.requests if r.method == "REFER"]
        if refers:
            assert "Replaces" in refers[-1]["Refer-To"]
            assert self.lead_user in refers[-1]["Refer-To"]
        return bool(refers)

    def _say_that_it_went_well(self) -> None:
        """RFC 3515: the agent's phone hangs up then."""
        call = self._call
        wait_for(lambda: [r for r in call.requests if r.method == "REFER"], "the REFER", timeout_s=60)
        told = [("Event", "refer"), ("Subscription-State", "terminated;reason=noresource")]
        kind = ("Content-Type", "message/sipfrag;version=2.0")
        call.request("NOTIFY", *told, kind, body=b"SIP/2.0 200 OK\r\n")


class AsteriskFloor(_PhoneFloor):
    """A telephone system's own feature codes, "asterisk" or "asterisk-keys", or directly through it."""

    takes_back_by_ringing = True
    whisper_reaches_holder = False
    _colleague: SipPhone | None = None

    def __init__(
        self,
        asterisk: Asterisk,
        folder: Path,
        way: str,
        stack: contextlib.ExitStack,
        new_lead: NewLead | None = None,
    ) -> None:
        self.asterisk = asterisk
        self.one_session = way == "asterisk-keys"
        self.hands_over = way == DIRECT
        self.barge_reaches_held_customer = way != DIRECT
        if way == DIRECT:  # the agent's phone mixes; the telephone system passes on the first wish, no other
            self.takes_back_by_ringing, self.whisper_reaches_holder = False, True
        self._customers = SipPhone(
            (asterisk.host, asterisk.sip_port), "7002", asterisk.accounts["7002"].password
        )
        stack.callback(self._customers.close)
        super().__init__(folder, stack, way, new_lead)

    @property
    def _phone(self) -> SipPhone:
        """The customer's own account: what he hears is what arrives at his telephone. Asterisk's recorders
        fall silent after its Bridge(), the one that hears the customer himself too."""
        return self._customers

    def place_of(self, user: str) -> tuple[Place, str]:
        return Place(self.asterisk.host, self.asterisk.sip_port), self.asterisk.accounts[user].password

    def take_transfer(self) -> None:
        user = self.elsewhere
        if self._colleague is not None:
            self._colleague.close()
        server = (self.asterisk.host, self.asterisk.sip_port)
        colleague = self._colleague = SipPhone(server, user, self.asterisk.accounts[user].password)
        self.stack.callback(colleague.close)
        assert colleague.register() == 200
        self._meanwhile(lambda: colleague.wait_incoming(timeout_s=60).answer(hum_hz=COLLEAGUE_HZ))

    def lead_is_on_the_call(self) -> bool:
        return bool(self.asterisk.channels(self.lead_user))

    def transferred(self) -> None:
        super().transferred()
        wait_for(
            lambda: self.customer.heard_dbfs(COLLEAGUE_HZ) > tones.HEARD_DBFS,
            "the customer talks with the colleague",
            timeout_s=20,
        )


def a_second_passes() -> None:
    """Everybody hums on."""
    until = time.monotonic() + SETTLED_S
    wait_for(lambda: time.monotonic() > until, "a second to pass", poll_s=0.1)
