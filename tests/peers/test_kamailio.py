"""Kamailio as a peer: digest, a call through its Record-Route, asserted identity, presence, transports."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect

from tests import tones
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import SipPhone
from tests.peers.sip_wire import SipMessage, StreamWire
from tests.peers.waiting import wait_for

OPTIONS = SipMessage(
    f"OPTIONS sip:{DOMAIN} SIP/2.0",
    [
        ("Via", "SIP/2.0/TLS client.invalid;rport;branch=z9hG4bKprobe"),
        ("From", "<sip:probe@kam.test>;tag=1"),
        ("To", "<sip:kam.test>"),
        ("Call-ID", "probe"),
        ("CSeq", "1 OPTIONS"),
        ("Max-Forwards", "70"),
    ],
)


@pytest.fixture
def phones(kamailio: Kamailio) -> Iterator[list[SipPhone]]:
    """8001 and 8002, registered."""
    server = (kamailio.host, kamailio.sip_port)
    both = [SipPhone(server, user, kamailio.passwords[user], domain=DOMAIN) for user in ("8001", "8002")]
    assert [phone.register() for phone in both] == [200, 200]
    yield both
    for phone in both:
        phone.register(expires_s=0)
        phone.close()


def test_a_call_goes_through_with_the_identity_that_the_proxy_asserts(phones: list[SipPhone]) -> None:
    calling = phones[0].call("8002", ("P-Asserted-Identity", "<sip:boss@kam.test>"), hum_hz=440)
    called = phones[1].wait_incoming()
    assert called.invite.all("P-Asserted-Identity") == [f"<sip:8001@{DOMAIN}>"]
    assert called.invite.get("Record-Route")
    called.answer(hum_hz=880)
    calling.wait_established()
    wait_for(lambda: calling.media.heard_dbfs(880) > tones.HEARD_DBFS, "the called one at the caller")
    wait_for(lambda: called.media.heard_dbfs(440) > tones.HEARD_DBFS, "the caller at the called one")
    calling.hang_up()
    called.wait_ended()


def test_nobody_registers_with_a_wrong_password(kamailio: Kamailio) -> None:
    phone = SipPhone((kamailio.host, kamailio.sip_port), "8001", "wrong", domain=DOMAIN)
    assert phone.register() == 401
    phone.close()


def test_published_presence_reaches_the_one_who_subscribed(phones: list[SipPhone]) -> None:
    watcher, watched = phones
    uri = f"sip:8002@{DOMAIN}"
    accepted = watcher.transact(
        "SUBSCRIBE",
        uri,
        [
            *watcher.identity(uri),
            ("CSeq", "1 SUBSCRIBE"),
            watcher.contact,
            ("Event", "presence"),
            ("Accept", "application/pidf+xml"),
            ("Expires", "60"),
        ],
    )
    assert accepted.status in (200, 202)
    state = (
        '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:8002@kam.test">'
        '<tuple id="t1"><status><basic>open</basic></status><note>lunch</note></tuple></presence>'
    )
    headers = [*watched.identity(uri), ("CSeq", "1 PUBLISH"), ("Event", "presence"), ("Expires", "60")]
    headers.append(("Content-Type", "application/pidf+xml"))
    assert watched.transact("PUBLISH", uri, headers, state.encode()).status == 200
    wait_for(lambda: [m for m in watcher.messages if b"lunch" in m.body], "the NOTIFY with the new state")


def test_tls_shows_a_certificate_of_the_company_for_the_domain(kamailio: Kamailio) -> None:
    trust = ssl.create_default_context(cafile=str(kamailio.authority.certificate))
    wire = StreamWire.connect((kamailio.host, kamailio.tls_port), tls=trust, name=DOMAIN)
    wire.send(OPTIONS)
    assert wire.receive().status == 200
    wire.close()


def test_websocket_carries_sip(kamailio: Kamailio) -> None:
    address = f"ws://{kamailio.host}:{kamailio.ws_port}/"
    with connect(address, subprotocols=["sip"], proxy=None) as socket:  # type: ignore[list-item]  # a plain str works
        socket.send(bytes(OPTIONS).replace(b"SIP/2.0/TLS", b"SIP/2.0/WS").decode())
        answer = socket.recv(timeout=5)
    assert (answer if isinstance(answer, bytes) else answer.encode()).startswith(b"SIP/2.0 200")
