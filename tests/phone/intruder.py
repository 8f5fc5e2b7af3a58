"""A colleague who is no lead tries to listen in, in every way that reaches an agent's phone.

`python -m tests.phone.intruder --count 1000` is the long run, three attempts of five at the agent's phone
through Kamailio and two at Asterisk's feature codes (`code_intruder`); the suite does short ones.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import os
import secrets
import socket
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from softphone.composition import Profile
from softphone.domain.account import Account
from softphone.domain.audio import AudioChoice
from softphone.domain.audit import AuditAction, AuditVerdict
from softphone.domain.call import CallState
from softphone.domain.ids import AccountId
from softphone.domain.settings import Settings
from softphone.domain.team_events import SupervisorArrived
from softphone.domain.team_settings import TeamSettings
from softphone.store.audit_file import AuditFile
from softphone.system.folders import folders
from tests.e2e.headless import HeadlessDesk
from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.rtp_tone import RtpTone
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.phone import code_intruder

AGENT, LEAD, CUSTOMER, INTRUDER = "8001", "8002", "8003", "8004"
SUPERVISE, AT_AGENT = "X-Softphone-Supervise", f"sip:{AGENT}@{DOMAIN}"
MODES = ("listen", "whisper", "barge", "take_over")
SILENT = AudioChoice(microphone="null", speaker="null", ringer="null")
Headers = list[tuple[str, str]]


@dataclass
class Outcome:
    """What became of all attempts."""

    statuses: Counter[int] = field(default_factory=Counter)
    tried: int = 0
    let_in: int = 0
    recorded: int = 0
    past_the_server: int = 0
    answers_past_the_server: int = 0
    log: AuditVerdict = field(default_factory=AuditVerdict)


class Intruder:
    """Each attempt returns the final status of a request that asks to supervise."""

    def __init__(self, phone: SipPhone, customer: PhoneCall, lead_said: Headers) -> None:
        self._phone = phone
        self._customer = customer
        self._lead_said = lead_said
        self._media = RtpTone()
        self._ways: list[Callable[[str], int]] = [
            lambda mode: self._invite([(SUPERVISE, mode)]),
            lambda mode: self._invite([(SUPERVISE, mode), *_identity("P-Asserted-Identity")]),
            lambda mode: self._invite([(SUPERVISE, mode), *_identity("Remote-Party-ID")]),
            lambda mode: self._invite([(SUPERVISE, mode), *_identity("P-Preferred-Identity")]),
            lambda mode: self._invite([(SUPERVISE, mode)], user=LEAD),
            lambda mode: self._invite([(SUPERVISE, mode)], extra=[("Privacy", "id")]),
            lambda mode: self._invite([("Join", self._join(known=True)), (SUPERVISE, mode)]),
            lambda _mode: self._invite([("Join", self._join(known=False))]),
            lambda mode: self._invite([(SUPERVISE, mode.upper()), (SUPERVISE, mode)]),
            lambda _mode: self._invite([(SUPERVISE, "everything")]),
            lambda _mode: self._replay(),
            self._inside_a_call,
        ]

    def attempts(self) -> Iterator[Callable[[], int]]:
        """All ways with all modes, again and again."""
        for mode in itertools.cycle(MODES):
            for way in self._ways:
                yield functools.partial(way, mode)

    def close(self) -> None:
        self._media.stop()

    def _invite(self, asks: Headers, *, user: str = INTRUDER, extra: Headers | None = None) -> int:
        own = [("From", f"<sip:{user}@{DOMAIN}>;tag={secrets.token_hex(6)}"), ("To", f"<{AT_AGENT}>")]
        headers = [*own, ("Call-ID", secrets.token_hex(12)), ("CSeq", "1 INVITE"), self._phone.contact]
        return self._send([*headers, *asks, *(extra or [])])

    def _replay(self) -> int:
        """What the lead's own phone once sent, with the intruder's credentials; the number in CSeq is
        another, for a phone takes the same one for a copy of what it has answered (482, RFC 3261 8.2.2.2)."""
        again = f"{secrets.randbelow(2**20)} INVITE"
        return self._send([(n, again if n == "CSeq" else v) for n, v in self._lead_said])

    def _send(self, headers: Headers) -> int:
        headers = [*headers, ("Content-Type", "application/sdp")]
        said = self._phone.description(self._media.port)
        return self._phone.transact("INVITE", AT_AGENT, headers, said).status

    def _join(self, *, known: bool) -> str:
        call_id = self._customer.call_id if known else secrets.token_hex(12)
        return f"{call_id};to-tag={secrets.token_hex(4)};from-tag={secrets.token_hex(4)}"

    def _inside_a_call(self, mode: str) -> int:
        """The customer's own phone asks in the customer's own call."""
        body = self._phone.description(self._customer.media.port)
        kind = ("Content-Type", "application/sdp")
        return self._customer.request("INVITE", (SUPERVISE, mode), kind, body=body)


def _identity(header: str) -> Headers:
    return [(header, f'"Team Lead" <sip:{LEAD}@{DOMAIN}>')]


class Scene:
    """An agent's desk in a call, a lead who once listened, and the intruder."""

    def __init__(self, kamailio: Kamailio, folder: Path) -> None:
        self._kamailio = kamailio
        team = TeamSettings(leads=(LEAD,))
        account = Account(AccountId("work"), kamailio.host, AGENT, port=kamailio.sip_port, domain=DOMAIN)
        settings = Settings(accounts=(account,), audio=SILENT, team=team)
        self.desk = HeadlessDesk(Profile(settings, {"account/work": kamailio.passwords[AGENT]}), folder)
        self.phones = {user: self._phone(user) for user in (LEAD, CUSTOMER, INTRUDER)}
        self._log = folders(folder).audit_log

    def __enter__(self) -> Scene:
        self.desk.__enter__()
        self.desk.registered()
        self.customer = self.phones[CUSTOMER].call(AGENT, hum_hz=440)
        call = self.desk.ringing()
        self.desk.desk.calling.answer(call.id)
        self.desk.until(lambda: self._state() is CallState.ESTABLISHED, "the customer is talking")
        return self

    def __exit__(self, *_: object) -> None:
        for phone in self.phones.values():
            phone.register(expires_s=0)
            phone.close()
        self.desk.__exit__(None, None, None)

    def lead_listens_once(self) -> Headers:
        """The right way in, so that what is refused later is not refused by accident."""
        call = self.phones[LEAD].call(AGENT, (SUPERVISE, "listen"))
        self.desk.until(lambda: call.established, "the lead listens")
        self.desk.until(lambda: self.desk.desk.team.being_supervised.supervisors, "the badge")
        said = [(n, v) for n, v in call.invite.headers if n not in ("Via", "Max-Forwards", "Content-Length")]
        call.hang_up()
        self.desk.until(lambda: not self.desk.desk.team.being_supervised.supervisors, "the lead left")
        return [(n, v) for n, v in said if n not in ("Proxy-Authorization", "Authorization", "Content-Type")]

    def intrude(self, count: int) -> Outcome:
        """So many attempts that reach the phone, and some past the server that must reach nothing."""
        said = self.lead_listens_once()
        before = len(self._refusals())
        intruder = Intruder(self.phones[INTRUDER], self.customer, said)
        outcome = Outcome()
        thread = threading.Thread(target=self._try, args=(intruder, count, outcome), daemon=True)
        thread.start()
        self.desk.until(lambda: not thread.is_alive(), "all attempts made", timeout_s=30 + count)
        self._go_past_the_server(outcome)
        self.desk.until(
            lambda: len(self._refusals()) - before >= outcome.statuses[403], "all recorded", timeout_s=30
        )
        intruder.close()
        leads = [e for e in self.desk.seen if isinstance(e, SupervisorArrived) and e.lead.user != LEAD]
        outcome.let_in = len(leads) + sum(n for code, n in outcome.statuses.items() if 200 <= code < 300)
        outcome.recorded = len(self._refusals()) - before
        outcome.log = self._audit().verdict()
        return outcome

    def _try(self, intruder: Intruder, count: int, outcome: Outcome) -> None:
        for attempt in intruder.attempts():
            if outcome.tried >= count:
                return
            status = attempt()
            while status == 486:  # the edge lets ten new calls a second through, whatever they are
                status = attempt()
            outcome.tried += 1
            outcome.statuses[status] += 1

    def _go_past_the_server(self, outcome: Outcome) -> None:
        """Straight to the phone's own socket, with everything forged."""
        ports = self._agent_ports()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.bind(("127.0.0.1", 0))
            wire.settimeout(0.3)
            own = f"127.0.0.1:{wire.getsockname()[1]}"
            for port, mode in itertools.product(ports, MODES):
                lines = [
                    f"INVITE {AT_AGENT} SIP/2.0",
                    f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{secrets.token_hex(6)}",
                    f"From: <sip:{LEAD}@{DOMAIN}>;tag=1", f"To: <{AT_AGENT}>", "Max-Forwards: 70",
                    f"Call-ID: {secrets.token_hex(8)}", "CSeq: 1 INVITE", f"Contact: <sip:{LEAD}@{own}>",
                    f"P-Asserted-Identity: <sip:{LEAD}@{DOMAIN}>", f"{SUPERVISE}: {mode}",
                    "Content-Length: 0",
                ]  # fmt: skip
                wire.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", port))
                outcome.past_the_server += 1
            try:
                while wire.recv(2_048):
                    outcome.answers_past_the_server += 1
            except (TimeoutError, ConnectionError):
                return

    def _agent_ports(self) -> set[int]:
        """The port that the agent's contact names: the last address that requests came from."""
        contact = self.customer.remote_contact
        return {int(contact.rpartition(":")[2].split(";")[0])} if ":" in contact else set()

    def _state(self) -> CallState | None:
        calls = self.desk.desk.calling.calls
        return calls[0].state if calls else None

    def _audit(self) -> AuditFile:
        return AuditFile(self._log, self.desk.desk.ports.secrets)

    def _refusals(self) -> list[str]:
        wanted = f'"{AuditAction.SUPERVISION_REFUSED.value}"'
        return [link.text for link in self._audit().links() if wanted in link.text]

    def _phone(self, user: str) -> SipPhone:
        server = (self._kamailio.host, self._kamailio.sip_port)
        phone = SipPhone(server, user, self._kamailio.passwords[user], domain=DOMAIN)
        assert phone.register() == 200
        return phone


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    count = parser.parse_args(arguments).count
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        outcome = _at_the_phone(count - count * 2 // 5, Path(name))
        print(outcome, flush=True)
        by_codes = _by_codes(count * 2 // 5, Path(name))
        print(by_codes)
    good = outcome.let_in == 0 and outcome.recorded >= outcome.tried and outcome.log.good
    return 0 if good and by_codes.good else 1


def _at_the_phone(count: int, folder: Path) -> Outcome:
    kamailio = Kamailio(folder / "kamailio")
    kamailio.start()
    try:
        with Scene(kamailio, folder / "desk") as scene:
            return scene.intrude(count)
    finally:
        kamailio.stop()


def _by_codes(count: int, folder: Path) -> code_intruder.Outcome:
    asterisk = Asterisk(folder / "asterisk")
    asterisk.start()
    try:
        with code_intruder.CodeScene(asterisk, folder / "intruder") as scene:
            return scene.intrude(count)
    finally:
        asterisk.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
