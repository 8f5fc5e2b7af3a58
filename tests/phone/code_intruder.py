"""A colleague who is no lead dials the telephone system's supervision codes, in every way there is.

Whether somebody got in is not believed from an answer alone: Asterisk tells of each ChanSpy that begins, and
the lead's own attempt before shows that it does. Each attempt must be recorded: in the sealed log of the
intruder's own softphone, or, past it, in the telephone system's log.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from softphone.composition import Profile
from softphone.domain.account import Account
from softphone.domain.audio import AudioChoice
from softphone.domain.audit import AuditAction, AuditVerdict
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import CallEnded
from softphone.domain.ids import AccountId
from softphone.domain.settings import Settings
from softphone.domain.team_settings import TeamSettings
from softphone.store.audit_file import AuditFile
from softphone.system.folders import folders
from tests.e2e.headless import HeadlessDesk
from tests.peers.asterisk import Asterisk
from tests.peers.rtp_tone import RtpTone
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.peers.waiting import wait_for

AGENT, CUSTOMER, INTRUDER, LEAD = "7001", "7002", "7004", "7900"
CODES = ("*55", "*56", "*57", "*58", "*59")
OWN_DESK_SAID_NO, NO_NUMBER = 0, 400
SILENT = AudioChoice(microphone="null", speaker="null", ringer="null")
WRITTEN = (
    "{}",
    "{} ",
    "sip:{}@{host}",
    "tel:{}",
    "*{0}",
    "%2A{bare}",
    "{}#",
    "{}@{host}",
    "*55 {ext}",
    "＊{bare}",
    "callto:sip:{}@{host}",
    "(0){}",
)
"""How a code may be typed or clicked to get past the desk's own rule."""
_REJECTED = re.compile(
    "extension not found in context|Failed to authenticate|No matching endpoint|attempted blind transfer to"
)
Headers = list[tuple[str, str]]


@dataclass
class Outcome:
    """`statuses` by way: 0 is the own desk's refusal; 400 what it takes for no number."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    tried: int = 0
    let_in: int = 0
    spied_by_the_lead: int = 0
    by_desk: int = 0
    recorded_by_desk: int = 0
    never_left: int = 0
    past_desk: int = 0
    recorded_by_server: int = 0
    log: AuditVerdict = field(default_factory=AuditVerdict)

    @property
    def good(self) -> bool:
        """Nobody came in, though the lead could, and every attempt left its trace."""
        by_desk = self.recorded_by_desk >= self.by_desk + self.never_left
        traces = by_desk and self.recorded_by_server >= self.past_desk
        return self.let_in == 0 and self.spied_by_the_lead > 0 and traces and self.log.good


class CodeScene:
    """Agent and customer talk through Asterisk; the intruder has a telephone and a softphone."""

    def __init__(self, asterisk: Asterisk, folder: Path) -> None:
        self._asterisk = asterisk
        self._phones: list[SipPhone] = []
        self._media = RtpTone(1_000)
        account = Account(AccountId("work"), asterisk.host, INTRUDER, port=asterisk.sip_port)
        team = TeamSettings(way="asterisk", leads=(LEAD,))
        settings = Settings(accounts=(account,), audio=SILENT, team=team)
        password = asterisk.accounts[INTRUDER].password
        self._desk = HeadlessDesk(Profile(settings, {"account/work": password}), folder)
        self._log = folders(folder).audit_log

    def __enter__(self) -> CodeScene:
        self._desk.__enter__()
        self._desk.registered()
        agent, customer = self._phone(AGENT), self._phone(CUSTOMER)
        assert agent.register() == 200
        talk = customer.call(AGENT, hum_hz=440)
        agent.wait_incoming().answer(hum_hz=880)
        talk.wait_established()
        self._intruder = self._phone(INTRUDER)
        self._own_call = self._intruder.call("602")
        self._own_call.wait_established()
        return self

    def __exit__(self, *_: object) -> None:
        for phone in self._phones:
            phone.close()
        self._media.stop()
        self._desk.__exit__(None, None, None)

    def intrude(self, count: int) -> Outcome:
        outcome = Outcome()
        mark = self._asterisk.ami.mark()
        invite = self._lead_listens_once(mark)
        outcome.spied_by_the_lead = len(self._asterisk.ami.events_since(mark, "ChanSpyStart"))
        mark, lines, entries = self._asterisk.ami.mark(), self._rejections(), len(self._refusals())
        for name, attempt in itertools.islice(self._attempts(invite), count):
            status = attempt()
            outcome.tried += 1
            outcome.statuses[name, status] += 1
            outcome.by_desk += status == OWN_DESK_SAID_NO
            outcome.never_left += status == NO_NUMBER
            outcome.past_desk += status not in (OWN_DESK_SAID_NO, NO_NUMBER)
            outcome.let_in += 200 <= status < 300
        outcome.let_in += len(self._asterisk.ami.events_since(mark, "ChanSpyStart"))
        stayed = outcome.by_desk + outcome.never_left
        self._desk.until(lambda: len(self._refusals()) - entries >= stayed, "all recorded", 30)
        outcome.recorded_by_desk = len(self._refusals()) - entries
        outcome.recorded_by_server = self._rejections() - lines
        outcome.log = self._audit().verdict()
        return outcome

    # --- ways --------------------------------------------------------------------------------------------

    def _attempts(self, lead_said: Headers) -> Iterator[tuple[str, Callable[[], int]]]:
        """All ways with all codes, again and again."""
        lead = f"<sip:{LEAD}@{self._server}>"
        forged = (
            "P-Asserted-Identity",
            "P-Preferred-Identity",
            "Remote-Party-ID",
            "Diversion",
            "Referred-By",
        )
        for code in itertools.cycle(CODES):
            dialled = f"{code}{AGENT}"
            yield "plain", functools.partial(self._invite, dialled, [])
            for header in forged:
                yield header, functools.partial(self._invite, dialled, [(header, lead)])
            yield "From", functools.partial(self._invite, dialled, [], user=LEAD)
            yield "Privacy", functools.partial(self._invite, dialled, [("Privacy", "id")])
            yield "Join", functools.partial(self._invite, dialled, [("Join", self._dialog())])
            yield "Replaces", functools.partial(self._invite, dialled, [("Replaces", self._dialog())])
            yield "escaped", functools.partial(self._invite, f"%2A{dialled[1:]}", [])
            yield "replayed", functools.partial(self._replay, dialled, lead_said)
            yield "transfer", functools.partial(self._transfer, dialled)
            for written in WRITTEN:
                text = written.format(dialled, bare=dialled[1:], ext=AGENT, host=self._asterisk.host)
                yield "own softphone", functools.partial(self._dial, text)

    def _invite(self, dialled: str, extra: Headers, *, user: str = INTRUDER) -> int:
        target = f"sip:{dialled}@{self._server}"
        own = ("From", f"<sip:{user}@{self._server}>;tag={secrets.token_hex(6)}")
        headers = [own, ("To", f"<{target}>"), ("Call-ID", secrets.token_hex(12)), ("CSeq", "1 INVITE")]
        return self._send(target, [*headers, self._intruder.contact, *extra])

    def _replay(self, dialled: str, lead_said: Headers) -> int:
        """The lead's own words, with the intruder's credentials."""
        changed = {"CSeq": f"{secrets.randbelow(2**20)} INVITE", "Call-ID": secrets.token_hex(12)}
        headers = [(name, changed.get(name, value)) for name, value in lead_said]
        return self._send(f"sip:{dialled}@{self._server}", headers)

    def _send(self, target: str, headers: Headers) -> int:
        body = self._intruder.description(self._media.port)
        kind = ("Content-Type", "application/sdp")
        return self._intruder.transact("INVITE", target, [*headers, kind], body).status

    def _transfer(self, dialled: str) -> int:
        """Send a call of one's own to the code; 202 only says that it is being tried."""
        refer_to = ("Refer-To", f"<sip:{dialled}@{self._server}>")
        status = self._own_call.request("REFER", refer_to)
        return 100 if 200 <= status < 300 else status

    def _dial(self, text: str) -> int:
        """By the keypad, a link or the clipboard of an ordinary softphone."""
        calling, before = self._desk.desk.calling, len(self._desk.seen)
        try:
            call_id = calling.place_call(text, AccountId("work"))
        except Refused as refused:
            return OWN_DESK_SAID_NO if refused.thing == "not_a_lead" else NO_NUMBER
        except BadInput:
            return NO_NUMBER

        def over() -> bool:
            return any(isinstance(e, CallEnded) and e.call_id == call_id for e in self._desk.seen[before:])

        self._desk.until(over, "the telephone system's answer")
        call = calling.call(call_id)
        assert call is not None
        return call.sip_code if not call.live else 200

    def _dialog(self) -> str:
        return f"{secrets.token_hex(12)};to-tag={secrets.token_hex(4)};from-tag={secrets.token_hex(4)}"

    # --- looking -----------------------------------------------------------------------------------------

    def _lead_listens_once(self, mark: int) -> Headers:
        """The right way in, so that what is refused later is not refused by accident."""
        call: PhoneCall = self._phone(LEAD).call(f"*55{AGENT}")
        call.wait_established()
        wait_for(lambda: self._asterisk.ami.events_since(mark, "ChanSpyStart"), "the lead listens")
        said = [(n, v) for n, v in call.invite.headers if n not in ("Via", "Max-Forwards", "Content-Length")]
        call.hang_up()
        return [(n, v) for n, v in said if n not in ("Proxy-Authorization", "Authorization", "Content-Type")]

    def _rejections(self) -> int:
        text = self._asterisk.log.read_text(encoding="utf-8", errors="replace")
        return sum(bool(_REJECTED.search(line)) for line in text.splitlines())

    def _audit(self) -> AuditFile:
        return AuditFile(self._log, self._desk.desk.ports.secrets)

    def _refusals(self) -> list[str]:
        texts = [link.text for link in self._audit().links()]
        return [text for text in texts if json.loads(text)["action"] == AuditAction.SUPERVISION_REFUSED]

    @property
    def _server(self) -> str:
        return f"{self._asterisk.host}:{self._asterisk.sip_port}"

    def _phone(self, user: str) -> SipPhone:
        server = (self._asterisk.host, self._asterisk.sip_port)
        phone = SipPhone(server, user, self._asterisk.accounts[user].password)
        self._phones.append(phone)
        return phone
