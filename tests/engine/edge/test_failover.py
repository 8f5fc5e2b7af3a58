"""A dead server is left for the next one and taken again when it has recovered: SRV records and backups, on
every transport."""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from softphone.domain.account import Transport
from softphone.engine.edge.flows.finding import Finder
from softphone.engine.edge.flows.srv import lookup_srv
from softphone.engine.edge.messages.message import Request, parse
from softphone.engine.edge.types import FlowLost, FlowOpened, FlowTrouble, TlsPolicy
from tests.engine.edge.far_peers import Peer, StreamPeer, UdpPeer, WebPeer
from tests.engine.edge.rig import Rig, rig
from tests.peers.certificates import Authority
from tests.peers.dns_server import DnsServer, Srv
from tests.peers.fixtures import peer_or_skip
from tests.peers.ports import free_port

SERVICES = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}
QUICK: dict[str, Any] = {"keep_alive_s": 1.0, "answer_within_s": 1.0, "primary_check_s": 0.3}
Make = Callable[[int], Peer]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(params=list(Transport), ids=str)
def transport(request: pytest.FixtureRequest) -> Transport:
    chosen: Transport = request.param
    return chosen


@pytest.fixture
def make(transport: Transport, authority: Authority) -> Make:
    """Makes a server of the transport at a port, 0 for any."""
    context = None
    if transport in (Transport.TLS, Transport.WSS):
        pair = authority.server("localhost", "127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
    if transport is Transport.UDP:
        return UdpPeer
    if transport in (Transport.WS, Transport.WSS):
        return lambda port: WebPeer(context, port=port)
    return lambda port: StreamPeer(context, port=port)


@pytest.fixture
def second(make: Make) -> Iterator[Peer]:
    made = make(0)
    yield made
    made.close()


def open_on_second(it: Rig, second: Peer, transport: Transport, authority: Authority, **route: Any) -> None:
    """Open the account while the first server is down; register at the second."""
    tls = TlsPolicy(ca_file=str(authority.certificate))
    began = time.monotonic()
    it.proxy = it.edge.open_account(
        replace(it.route(), server="localhost", transport=transport, tls=tls, **{**QUICK, **route})
    )
    it.phone.send(it.from_phone("REGISTER", "sip:pbx.example"))
    opened = it.event(FlowOpened, lambda e: e.remote_port == second.port)
    assert opened.backup
    if isinstance(second, UdpPeer):
        second.other = (opened.local_address, opened.local_port)
    second.send(second.request("REGISTER").response(200, to_tag="r"))
    it.phone.response(200)
    assert time.monotonic() - began < 10


def recover(it: Rig, make: Make, port: int, second: Peer) -> None:
    """Let the first server come back; the phone goes there."""
    it.server.close()
    it.server = first = make(port)
    answered, until = 0, time.monotonic() + 10
    while answered < 2 and time.monotonic() < until:
        for server in (first, second):
            try:
                first_line = server.receive_bytes(0.05)
            except TimeoutError:
                continue
            if first_line.startswith(b"OPTIONS "):
                server.send(_ok(first_line))
                answered += server is first
    assert it.event(FlowLost).trouble is FlowTrouble.PRIMARY_IS_BACK
    back = it.event(FlowOpened)
    assert (back.remote_port, back.backup) == (port, False)


def _ok(data: bytes) -> bytes:
    request = parse(data)
    assert isinstance(request, Request)
    return request.response(200, to_tag="ka").to_bytes()


def test_a_backup_of_the_settings_serves_until_the_primary_is_back(
    transport: Transport, make: Make, second: Peer, authority: Authority
) -> None:
    port = free_port()
    with rig(transport=transport) as it:
        open_on_second(it, second, transport, authority, port=port, backups=(f"localhost:{second.port}",))
        recover(it, make, port, second)


@pytest.mark.peer("dnsmasq")
@pytest.mark.parametrize("transport", list(SERVICES), ids=str, indirect=True)
def test_srv_records_name_the_next_server_and_the_first_is_taken_again(
    transport: Transport,
    make: Make,
    second: Peer,
    authority: Authority,
    pytestconfig: pytest.Config,
    tmp_path: Path,
) -> None:
    port, service = free_port(), f"{SERVICES[transport]}.localhost"
    records = (Srv(service, "127.0.0.1", port, 1), Srv(service, "127.0.0.1", second.port, 2))
    dns = peer_or_skip(
        pytestconfig, "dnsmasq", lambda: DnsServer(tmp_path / "dns", hosts={}, services=records)
    )
    finder = Finder(functools.partial(lookup_srv, name_servers=(dns.host,), port=dns.port))
    try:
        with rig(transport=transport, finder=finder) as it:
            open_on_second(it, second, transport, authority, port=None)
            recover(it, make, port, second)
    finally:
        dns.stop()
