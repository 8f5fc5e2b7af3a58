"""The SIP trace: bounded, without secrets, exportable."""

from __future__ import annotations

import struct

import pytest

from softphone.domain.account import Transport
from softphone.domain.ids import AccountId
from softphone.engine.edge.trace import Direction, Trace, TraceEntry, mask
from softphone.engine.edge.trace_export import as_pcap, as_text, steps
from softphone.engine.edge.types import FlowSecurity

REGISTER = (
    b"REGISTER sip:pbx.example SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1\r\n"
    b"Contact: <sip:7001@192.0.2.7;x-ek=0123456789abcdef>\r\n"
    b"i: id-1\r\n"
    b"CSeq: 2 REGISTER\r\n"
    b'authorization: Digest username="7001", realm="pbx", nonce="abc",\r\n'
    b'   response="0123456789", cnonce="def"\r\n'
    b"Content-Length: 0\r\n\r\n"
)
CHALLENGE = (
    b'SIP/2.0 401 Unauthorized\r\ni: id-1\r\nWWW-Authenticate: Digest realm="pbx", nonce="abc"\r\n\r\n'
)
OFFER = b"INVITE sip:x SIP/2.0\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0a2V5|2^20\r\n"


class StillFlow:
    """A flow that only has addresses."""

    transport = Transport.TLS
    reliable = True
    security = FlowSecurity()
    sent_by = ""

    def __init__(self, local: str = "192.0.2.7", remote: str = "198.51.100.1") -> None:
        self.local = (local, 40_000)
        self.remote = (remote, 5061)

    def send(self, data: bytes) -> None:
        """Nothing is sent here."""

    def close(self) -> None:
        """Nothing is open here."""


def recorded(*messages: tuple[Direction, bytes], flow: StillFlow | None = None) -> list[TraceEntry]:
    trace = Trace(100_000, clock=lambda: 1_700_000_000.25)
    for direction, data in messages:
        trace.record(direction, AccountId("desk"), flow or StillFlow(), data)
    return trace.entries()


@pytest.mark.parametrize(
    ("data", "secret"),
    [
        (REGISTER, b"0123456789abcdef"),
        (REGISTER, b"response"),
        (REGISTER, b"cnonce"),
        (CHALLENGE, b"abc"),
        (OFFER, b"c2VjcmV0"),
        (b"INFO sip:a:hunter2@b SIP/2.0\r\n\r\nSignal=4\r\nDuration=160\r\n", b"Signal=4"),
        (b"INFO sip:a:hunter2@b SIP/2.0\r\n\r\nSignal=4\r\nDuration=160\r\n", b"hunter2"),
        (REGISTER.replace(b"authorization:", b"Proxy-Authorization :"), b"response"),
    ],
)
def test_secrets_are_masked(data: bytes, secret: bytes) -> None:
    assert secret in data
    masked = mask(data)
    assert secret not in masked
    assert masked.split(b" ")[0] == data.split(b" ")[0]
    assert masked.endswith(data[-4:])


def test_the_oldest_messages_make_room() -> None:
    trace = Trace(1_000)
    for number in range(50):
        trace.record(Direction.SENT, AccountId("desk"), StillFlow(), b"%03d" % number + b"x" * 97)
    kept = [entry.data[:3] for entry in trace.entries()]
    assert kept == [b"%03d" % number for number in range(40, 50)]


def test_the_text_names_time_way_and_ends() -> None:
    text = as_text(recorded((Direction.SENT, REGISTER), (Direction.RECEIVED, CHALLENGE + b"\x1b[31m")))
    assert "2023-11-14T22:13:20.250+00:00 desk TLS 192.0.2.7:40000 -> 198.51.100.1:5061\nREGISTER" in text
    assert "192.0.2.7:40000 <- 198.51.100.1:5061\nSIP/2.0 401" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("local", "remote"), [("192.0.2.7", "198.51.100.1"), ("2001:db8::7", "2001:db8::1")])
def test_the_capture_holds_each_message_as_a_datagram(local: str, remote: str) -> None:
    flow = StillFlow(local, remote)
    data = as_pcap(recorded((Direction.SENT, CHALLENGE), (Direction.RECEIVED, OFFER), flow=flow))
    magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    assert (magic, link) == (0xA1B2C3D4, 101)
    place, ports = 24, []
    while place < len(data):
        seconds, micros, length, _ = struct.unpack("<IIII", data[place : place + 16])
        assert (seconds, micros) == (1_700_000_000, 250_000)
        packet = data[place + 16 : place + 16 + length]
        head = 20 if packet[0] == 0x45 else 40
        ports.append(struct.unpack("!HH", packet[head : head + 4]))
        place += 16 + length
    assert ports == [(40_000, 5061), (5061, 40_000)]
    assert b"SIP/2.0 401 Unauthorized" in data


def test_the_ladder_has_an_arrow_per_message() -> None:
    made = steps(recorded((Direction.SENT, REGISTER), (Direction.RECEIVED, CHALLENGE)))
    assert [(s.direction, s.label, s.call_id) for s in made] == [
        (Direction.SENT, "REGISTER", "id-1"),
        (Direction.RECEIVED, "401 Unauthorized", "id-1"),
    ]
