"""Mutated SIP messages by seed, and a border to feed them to without sockets.

Everything that gets through must be well-formed, nothing may raise, hang or take memory, and a good call must
pass afterwards. The long run is `tests.engine.edge.long_mutations`.
"""

from __future__ import annotations

import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from softphone.domain.account import Transport
from softphone.domain.ids import AccountId
from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.border import Border
from softphone.engine.edge.messages.message import Request, parse
from softphone.engine.edge.trace import Trace
from softphone.engine.edge.types import (
    LOOPBACK,
    AccountRoute,
    Counters,
    EdgeConfig,
    EdgeEvent,
    FlowSecurity,
)

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    b"a=fmtp:101 0-16\r\na=sendrecv\r\n"
)
METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "NOTIFY", "REFER", "MESSAGE", "INFO", "UPDATE",
           "SUBSCRIBE", "PRACK", "PUBLISH", "REGISTER", "FOO")  # fmt: skip
NASTY = (
    b"", b"\0", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b'"', b"<", b">", b";", b",", b":", b"@",
    b"%", b"%00", b"%ff", b"\xff\xfe", b"\xc0\x80", b"\xe2\x80\xae", b"\\", b'\\"', b"*", b"-1", b"0",
    b"4294967296", b"99999999999999999999", b"sip:", b"sips:a@b", b"tel:+1", b"[::1]", b"[", b"SIP/2.0",
    b"SIP/9.9", b";lr;lr;lr", b"a" * 300, b"(" * 200, b"<" * 200, b";x" * 500, b"=", b"=\"", b"\x7f",
    b"\x1b[2J",
)  # fmt: skip
LINES = (
    b"Via: SIP/2.0/UDP x;branch=z9hG4bK", b"Route: <sip:127.0.0.1;lr>", b"Record-Route: <sip:evil;lr>",
    b"Contact: *", b"Contact: <sip:a@127.0.0.1>;expires=0", b"Content-Length: 0", b"l: 99999",
    b"CSeq: 1 BYE", b"Require: nothing, nobody", b"Proxy-Require: x", b"Replaces: a;to-tag=b;from-tag=c",
    b"X-Edge: seal=1;at=1", b"Session-Expires: 1;refresher=uas", b"Min-SE: 999999999999",
    b"Content-Type: multipart/mixed;boundary=\"", b"Content-Encoding: gzip",
    b"Authorization: Digest " + b"a=b," * 50, b"Event: dialog", b"RAck: 1 1 INVITE",
    b"Refer-To: <sip:a@b?Replaces=x>", b"Max-Forwards: 0", b"Expires: 4294967295", b"To: <sip:x@y>;tag=z",
    b" continued", b"\tcontinued", b":", b"NoColon", b"f: <sip:a@b>;tag=1",
    b"Supported: 100rel,timer,replaces",
)  # fmt: skip
_NUMBER = re.compile(rb"\d+")
_WORD = re.compile(rb"[A-Za-z]+|[;:,<>@\"=]")


def seed_message(dice: random.Random, uri: str, number: int) -> bytes:
    """A good request of any method, in or out of a dialog."""
    method = dice.choice(METHODS) if dice.random() > 0.4 else "INVITE"
    return good_message(dice, uri, method, f"mutant-{number}", number, dialog=dice.random() < 0.3)


def good_message(
    dice: random.Random, uri: str, method: str, call: str, number: int, *, dialog: bool = False
) -> bytes:
    """A good request of this method; `call` and `number` make it unique."""
    body = SDP if method in {"INVITE", "UPDATE", "ACK"} else dice.choice((b"", b"Signal=1\r\n", b"hello"))
    request = Request(method=method, uri=uri, body=body)
    add = request.headers.add
    add("Via", f"SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK{call}-{number};rport")
    add("Via", "SIP/2.0/TLS far.example;branch=z9hG4bKfar;received=192.0.2.1")
    add("Max-Forwards", "70")
    add("From", f'"A \\"Customer\\"" <sip:+4930{number}@pbx.example;user=phone>;tag=f{number}')
    add("To", "<sip:7001@pbx.example>" + (";tag=local" if dialog else ""))
    add("Call-ID", f"{call}@pbx.example")
    add("CSeq", f"{number % 1000 + 1} {method}")
    add("Contact", '<sip:pbx@192.0.2.1:5060;transport=udp>;+sip.instance="<urn:uuid:1>"')
    add("Record-Route", "<sip:192.0.2.1;lr>")
    add("Supported", "replaces, timer, 100rel")
    add("X-CRM-ID", f"{number}")
    if body:
        add("Content-Type", "application/sdp" if body == SDP else "text/plain")
    return request.to_bytes()


def mutate(dice: random.Random, data: bytes) -> bytes:
    """One to four changes."""
    for _ in range(dice.randint(1, 4)):
        data = dice.choice(_CHANGES)(dice, data)
    return data[:70_000]


def _flip(dice: random.Random, data: bytes) -> bytes:
    place = dice.randrange(len(data) + 1)
    return data[:place] + bytes([dice.randrange(256)]) + data[place + 1 :]


def _insert(dice: random.Random, data: bytes) -> bytes:
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.choice(NASTY) + data[place:]


def _cut(dice: random.Random, data: bytes) -> bytes:
    place = dice.randrange(len(data) + 1)
    return data[:place] + data[place + dice.choice((1, 2, 10, 100)) :]


def _repeat(dice: random.Random, data: bytes) -> bytes:
    place = dice.randrange(len(data) + 1)
    return (
        data[:place] + data[place : place + dice.choice((1, 10, 60))] * dice.choice((2, 3, 50)) + data[place:]
    )


def _end(dice: random.Random, data: bytes) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _number(dice: random.Random, data: bytes) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    one = dice.choice(found)
    return data[: one.start()] + dice.choice(NASTY) + data[one.end() :]


def _word(dice: random.Random, data: bytes) -> bytes:
    found = list(_WORD.finditer(data))
    if not found:
        return data
    one = dice.choice(found)
    return data[: one.start()] + dice.choice(NASTY) + data[one.end() :]


def _lines(dice: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    place = dice.randrange(len(lines))
    kind = dice.randrange(5)
    if kind == 0:
        del lines[place]
    elif kind == 1:
        lines.insert(place, dice.choice(LINES))
    elif kind == 2:
        lines.insert(place, lines[dice.randrange(len(lines))])
    elif kind == 3:
        lines[place:place] = [dice.choice(LINES)] * dice.choice((20, 200))
    else:
        dice.shuffle(lines)
    return b"\r\n".join(lines)


_CHANGES = (_flip, _insert, _cut, _repeat, _end, _number, _word, _lines)


class BenchFlow:
    """A flow that counts what is sent."""

    transport = Transport.UDP
    reliable = False
    local = ("127.0.0.1", 40_001)
    remote = ("127.0.0.1", 5060)
    sent_by = "127.0.0.1:40001"
    security = FlowSecurity()

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Bench:
    """A border with one registered account and nothing real around it."""

    counters: Counters = field(default_factory=Counters)
    delivered: list[bytes] = field(default_factory=list)
    events: list[EdgeEvent] = field(default_factory=list)
    _due: deque[Callable[[], None]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        config = EdgeConfig(
            key=bytes(32),  # our contact is in the mutants, and they shall be the same in every run
            requests_per_s=10**9,
            invites_per_s=10**9,
            pending_invites=10**6,
            trace_bytes=100_000,
        )
        self.border = Border(
            config,
            self.counters,
            Trace(config.trace_bytes),
            self.delivered.append,
            self.events.append,
            lambda _delay_s, act: self._due.append(act),
        )
        self.border.local.edge_port, self.border.local.peer_port = 40_002, 40_003
        route = AccountRoute(AccountId("desk"), "7001", "pbx.example", "127.0.0.1")
        self.account = EdgeAccount.open(route, config.key)
        self.border.accounts[self.account.name] = self.account
        self.flow = BenchFlow()
        self.border.flow_opened(self.account, self.flow)
        self.account.registered(10**9, time.monotonic())
        self.contact = self.account.contact(self.flow, "7001", registrar=True)

    def say(self, data: bytes) -> list[bytes]:
        """Give what PJSIP says, and let all the time pass that it makes anybody wait; returns what the server
        got."""
        self.flow.sent.clear()
        self.border.from_local(data, (LOOPBACK, self.border.local.peer_port))
        while self._due:
            self._due.popleft()()
        return self.flow.sent

    def feed(self, data: bytes) -> list[bytes]:
        """Give a message from the server; returns what reached PJSIP."""
        self.delivered.clear()
        self.flow.sent.clear()
        self.border.from_far(self.account, self.flow, data)
        return self.delivered


def check_clean(data: bytes) -> None:
    """What PJSIP gets must leave no room for two readings."""
    head, end, body = data.partition(b"\r\n\r\n")
    assert end
    assert len(data) <= 3_900
    rest = head.replace(b"\r\n", b"")
    assert not any(byte < 32 and byte != 9 for byte in rest), head
    message = parse(data)
    assert message.headers.get("Content-Length") == str(len(body))
    assert len(message.headers.split("Via")) == 1
    assert len(message.headers.all("X-Edge")) == 1


def mutants(seed: int, count: int, uri: str) -> Iterator[bytes]:
    """Mutated messages; the same for the same seed."""
    dice = random.Random(seed)
    for number in range(count):
        yield mutate(dice, seed_message(dice, uri, number))
