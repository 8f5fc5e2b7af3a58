"""The same phone over every transport: UDP, TCP, TLS, WebSocket, secure WebSocket."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softphone.domain.account import Transport
from softphone.engine.edge.flows.framing import KeepAlive
from softphone.engine.edge.messages.uri import SipUri
from softphone.engine.edge.types import FlowFailed, FlowLost, FlowOpened, FlowTrouble, TlsPolicy
from tests.engine.edge.far_peers import Peer, StreamPeer, UdpPeer, WebPeer
from tests.engine.edge.rig import Rig, rig
from tests.peers.certificates import Authority
from tests.peers.waiting import wait_for


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def server_context(authority: Authority) -> ssl.SSLContext:
    pair = authority.server("localhost", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    return context


MAKE: dict[Transport, Callable[[Authority], Peer]] = {
    Transport.UDP: lambda _: UdpPeer(),
    Transport.TCP: lambda _: StreamPeer(),
    Transport.TLS: lambda authority: StreamPeer(server_context(authority)),
    Transport.WS: lambda _: WebPeer(),
    Transport.WSS: lambda authority: WebPeer(server_context(authority)),
}


@pytest.fixture(params=list(Transport), ids=str)
def connected(request: pytest.FixtureRequest, authority: Authority) -> Iterator[tuple[Rig, FlowOpened]]:
    transport: Transport = request.param
    with rig(server=MAKE[transport](authority), transport=transport) as made:
        yield made, made.open(tls=TlsPolicy(ca_file=str(authority.certificate)))
        assert made.edge.counters().faults == 0


Connected = tuple[Rig, FlowOpened]


def test_a_phone_registers_is_called_and_calls(connected: Connected) -> None:
    it, opened = connected
    contact = it.register()
    it.server.send(it.from_server("INVITE", contact, body="ünï".encode()))
    invite = it.phone.request("INVITE")
    assert invite.body == "ünï".encode()
    it.phone.send(invite.response(200, to_tag="me", record_route=True))
    assert it.server.response(200).headers.get("Record-Route") is None
    it.server.send(it.from_server("BYE", contact, cseq=2, to_tag="me", branch="z9hG4bKbye"))
    it.phone.send(it.phone.request("BYE").response(200))
    assert it.server.response(200).cseq == (2, "BYE")
    it.phone.send(it.from_phone("INVITE", body=b"\xff\0binary"))
    request = it.server.request("INVITE")
    assert request.body == b"\xff\0binary"
    assert request.top_via.transport == opened.transport.upper()
    it.server.send(request.response(486, to_tag="far"))
    it.phone.response(486)


def test_our_contact_names_the_transport(connected: Connected) -> None:
    it, opened = connected
    contact = SipUri.parse(it.register())
    named = {
        Transport.UDP: None,
        Transport.TCP: "tcp",
        Transport.TLS: "tls",
        Transport.WS: "ws",
        Transport.WSS: "ws",
    }
    assert contact.param("transport") == named[opened.transport]
    assert contact.host.endswith(".invalid") == (opened.transport in {Transport.WS, Transport.WSS})


def test_the_protection_is_told_truthfully(connected: Connected) -> None:
    _, opened = connected
    assert opened.security.encrypted == (opened.transport in {Transport.TLS, Transport.WSS})
    if opened.security.encrypted:
        assert opened.security.protocol == "TLSv1.3"
        assert len(opened.security.certificate_sha256) == 64
        assert "Test Company CA" in opened.security.issuer
    assert opened.local_address == "127.0.0.1"


@pytest.mark.parametrize("size", [3_900, 4_100, 20_000])
def test_large_messages_are_carried_or_refused_both_ways(connected: Connected, size: int) -> None:
    it, _ = connected
    contact = it.register()
    it.phone.send(it.from_phone("MESSAGE", body=b"x" * size))
    assert len(it.server.request("MESSAGE").body) == size
    it.server.send(it.from_server("MESSAGE", contact, body=b"x" * size))
    assert it.server.response(513).call_id == "in-1"
    it.server.send(it.from_server("MESSAGE", contact, body=b"x" * 2_000, branch="z9hG4bK2", cseq=2))
    assert len(it.phone.request("MESSAGE").body) == 2_000


def test_a_retransmission_of_pjsip_is_absorbed_where_the_far_leg_loses_nothing(connected: Connected) -> None:
    it, opened = connected
    request = it.from_phone("INVITE")
    it.phone.send(request)
    it.server.request("INVITE")
    it.phone.send(request)
    assert it.server.hears_nothing() == (opened.transport is not Transport.UDP)


# --- streams ---------------------------------------------------------------------------------------------


@pytest.fixture
def tcp() -> Iterator[tuple[Rig, StreamPeer]]:
    server = StreamPeer()
    with rig(server=server, transport=Transport.TCP) as made:
        made.open()
        yield made, server


def test_messages_split_and_joined_by_the_network_arrive_whole(tcp: tuple[Rig, StreamPeer]) -> None:
    it, server = tcp
    server.pongs = False  # two of our pongs that arrive together look like a ping: no answer into the pieces
    contact = it.register()
    stream = b"".join(
        it.from_server("MESSAGE", contact, branch=f"z9hG4bK{n}", cseq=n, body=b"x" * n).to_bytes()
        + b"\r\n\r\n"
        for n in range(1, 6)
    )
    for start in range(0, len(stream), 97):
        server.send(stream[start : start + 97])
    assert [len(it.phone.request("MESSAGE").body) for _ in range(5)] == [1, 2, 3, 4, 5]


def test_our_pong_answers_the_servers_ping(tcp: tuple[Rig, StreamPeer]) -> None:
    it, server = tcp
    it.register()
    server.send(b"\r\n\r\n")
    assert server.keep_alives.get(timeout=5) is KeepAlive.PONG


def test_a_stream_out_of_step_is_closed_and_opened_anew(tcp: tuple[Rig, StreamPeer]) -> None:
    it, server = tcp
    it.register()
    server.send(b"INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n\r\n")
    assert it.event(FlowLost).trouble is FlowTrouble.PROTOCOL
    assert it.event(FlowOpened).again
    wait_for(lambda: server.accepted == 2, "the server accepts the second connection")


def test_a_connection_that_the_server_drops_is_made_again(tcp: tuple[Rig, StreamPeer]) -> None:
    it, server = tcp
    it.register()
    server.hang_up()
    assert it.event(FlowLost).trouble is FlowTrouble.CONNECTION_CLOSED
    assert it.event(FlowOpened).again
    it.register()


def test_a_request_sent_while_there_is_no_flow_goes_out_on_the_next(tcp: tuple[Rig, StreamPeer]) -> None:
    it, server = tcp
    it.register()
    request = it.from_phone("MESSAGE")
    it.phone.send(request)
    server.request("MESSAGE")
    server.hang_up()  # before it answered
    it.event(FlowOpened)
    again = server.request("MESSAGE")
    assert again.call_id == request.call_id
    server.send(again.response(200, to_tag="x"))
    it.phone.response(200)


def test_without_any_server_what_waits_is_answered_503() -> None:
    server = StreamPeer()
    server.close()
    with rig(transport=Transport.TCP) as made:
        made.proxy = made.edge.open_account(
            type(made.route())("a", "7001", "b.example", "127.0.0.1", server.port, Transport.TCP)  # type: ignore[arg-type]  # a plain id will do
        )
        failed = made.event(FlowFailed)
        assert failed.trouble is FlowTrouble.CONNECTION_REFUSED
        assert 0.5 < failed.retry_in_s < 2
        made.phone.send(made.from_phone("REGISTER"))
        made.edge.reconnect(failed.account_id)
        made.phone.response(503)


def test_a_web_server_without_sip_is_refused() -> None:
    with rig(server=WebPeer(subprotocol="chat"), transport=Transport.WS) as made:
        made.edge.open_account(made.route())
        assert made.event(FlowFailed).trouble is FlowTrouble.WEB_SOCKET


def test_the_resource_of_a_web_socket_can_be_chosen() -> None:
    server = WebPeer()
    with rig(server=server, transport=Transport.WS) as made:
        made.open(ws_path="sip/phones")
        made.register()
        assert server.path == "/sip/phones"


def test_the_trust_store_of_the_system_decides_without_a_company_ca(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with rig(server=StreamPeer(server_context(authority)), transport=Transport.TLS) as made:
        made.edge.open_account(made.route())
        assert made.event(FlowFailed).trouble is FlowTrouble.CERTIFICATE
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with rig(server=StreamPeer(server_context(authority)), transport=Transport.TLS) as made:
        assert made.open().security.encrypted
