"""The whole embedded world in one thread: telephone system, CRM, customers. Start it, use it, stop it."""

from __future__ import annotations

import time
from types import TracebackType

from softphone.demo.addresses import AGENT, Addresses
from softphone.demo.callers import Callers, Rhythm
from softphone.demo.crm_server import EmbeddedCrm
from softphone.demo.loop_thread import LoopThread
from softphone.demo.pbx.call import Call
from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.journal import Entry, Journal
from softphone.demo.pbx.news import CallState, NewsKind
from softphone.demo.pbx.party import Party
from softphone.demo.pbx.sound import Source
from softphone.demo.pbx.telephone_system import TelephoneSystem, new_password
from softphone.demo.provisioning import DemoProvisioning

__all__ = ["AGENT", "COLLEAGUE", "Addresses", "DemoWorld", "RemoteCall"]

COLLEAGUE = "7002"


class RemoteCall:
    """The other side of one call, from any thread."""

    def __init__(self, world: DemoWorld, call: Call, party: Party) -> None:
        self._world = world
        self._call = call
        self.party = party

    @property
    def state(self) -> CallState:
        return self._call.state

    @property
    def digits(self) -> str:
        """The digits that the phone has sent."""
        return self._call.digits

    @property
    def held(self) -> bool:
        return self._call.held

    def recording(self) -> Samples:
        """What was heard from the phone so far (8 kHz, 16 bit)."""
        return self._world.thread.call(lambda: self._call.recording)

    def hang_up(self) -> None:
        """BYE, or CANCEL while it rings."""
        self._world.thread.call(self._call.give_up)

    def hold(self, on: bool) -> None:
        self._world.thread.call(lambda: self._call.hold(on))

    def say(self, source: Source) -> None:
        self._world.thread.call(lambda: self._call.say(source))

    def wait_for(self, kind: NewsKind, timeout_s: float = 10.0) -> Entry:
        """Wait for something to have happened to this call."""
        return self._world.journal.wait_for(kind.value, timeout_s=timeout_s, leg=self._call.serial)


class DemoWorld:
    """Passwords and the CRM's token are made anew for each world and live in memory only.

    `start` takes a few milliseconds; the methods are for other threads than the world's own.
    """

    def __init__(self, users: tuple[str, ...] = (AGENT, COLLEAGUE)) -> None:
        self.journal = Journal()
        self.passwords = {user: new_password() for user in users}
        self.crm = EmbeddedCrm()
        self.system = TelephoneSystem(self.passwords, self.journal)
        newcomer = users[-1]
        self.provisioning = DemoProvisioning(
            lambda: self.addresses, newcomer, self.passwords[newcomer], self.crm.token
        )
        self.crm.further_routes += self.provisioning.routes()
        self.thread = LoopThread("demo-world")
        self._callers: Callers | None = None
        self._sip_port = 0

    def __enter__(self) -> DemoWorld:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        began = time.monotonic()
        self.thread.run(self.crm.start())
        self.thread.run(self.system.start())
        self._sip_port = self.system.address[1]
        self.journal.note("started", took_ms=round((time.monotonic() - began) * 1000, 1))

    def stop(self) -> None:
        """End everything; a world is started once and stopped once."""
        if self._callers is not None:
            self.thread.run(self._callers.stop())
        self.thread.run(self.system.stop())
        self.thread.run(self.crm.stop())
        self.thread.stop()

    @property
    def addresses(self) -> Addresses:
        return Addresses("127.0.0.1", self._sip_port, self.crm.base_url)

    def stop_telephone_system(self) -> None:
        """As if the server's power failed: calls and registrations are gone."""
        self.thread.run(self.system.stop())

    def start_telephone_system(self) -> None:
        """The server comes back at its old address, remembering nobody."""
        self.system = TelephoneSystem(self.passwords, self.journal)
        self.thread.run(self.system.start(port=self._sip_port))

    def ring(
        self,
        number: str = "+442079460018",
        *,
        name: str = "",
        user: str = AGENT,
        dnis: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        source: Source | None = None,
    ) -> RemoteCall:
        """Call an agent's phone; an empty number is anonymous. `LookupError` if it is away."""
        party = Party(number, name, source, anonymous=not number)
        call = self.thread.run(self.system.ring(user, party, dnis=dnis, headers=headers))
        if call is None:
            raise LookupError(f"{user} is not registered")
        return RemoteCall(self, call, party)

    def answering(self, number: str) -> RemoteCall:
        """The line of ours that a phone has called under this number, while the call lives."""

        def found() -> tuple[Call, Party]:
            for call, party in self.system.parties.items():
                if party.number == number:
                    return call, party
            raise LookupError(f"nobody is on a call at {number}")

        call, party = self.thread.call(found)
        return RemoteCall(self, call, party)

    def last_recording(self, number: str) -> Samples | None:
        """What the party with this number heard in its last call, None if there was none."""
        return self.thread.call(lambda: self.system.last_recording(number))

    def send_callers(self, rhythm: Rhythm, *, user: str = AGENT, limit: int = 0) -> None:
        """Let customers call again and again."""

        def begin() -> None:
            self._callers = Callers(self.system, user, lambda: len(self.crm.records.calls), rhythm, limit)
            self._callers.start()

        self.thread.call(begin)
