"""Finding servers: SRV, addresses, backups."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from pathlib import Path

import pytest

from softphone.domain.account import Transport
from softphone.domain.ids import AccountId
from softphone.engine.edge.flows.dialing import DialError
from softphone.engine.edge.flows.finding import Finder, Target, parse_server, ranked
from softphone.engine.edge.flows.srv import Service, lookup_srv
from softphone.engine.edge.types import AccountRoute, FlowTrouble
from tests.peers.dns_server import DnsServer, Srv
from tests.peers.fixtures import peer_or_skip

Found = list[Service] | None


def route(
    server: str, port: int | None = None, transport: Transport = Transport.UDP, *backups: str
) -> AccountRoute:
    return AccountRoute(AccountId("a"), "7001", server, server, port, transport, backups)


def targets(finder: Finder, asked: AccountRoute) -> list[Target]:
    return asyncio.run(finder.targets(asked))


class Records:
    """SRV records in a dictionary; counts the questions."""

    def __init__(self, records: dict[str, Found]) -> None:
        self.records = records
        self.asked: list[str] = []

    async def __call__(self, name: str) -> Found:
        self.asked.append(name)
        return self.records.get(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pbx.example", ("pbx.example", None)),
        ("pbx.example:5070", ("pbx.example", 5070)),
        ("192.0.2.1:5070", ("192.0.2.1", 5070)),
        ("::1", ("::1", None)),
        ("[2001:db8::1]:5061", ("2001:db8::1", 5061)),
        (" [2001:DB8::1] ", ("2001:db8::1", None)),
    ],
)
def test_a_server_is_a_host_and_perhaps_a_port(text: str, expected: tuple[str, int | None]) -> None:
    assert parse_server(text) == expected


@pytest.mark.parametrize("text", ["pbx:0", "pbx:x", "pbx:70000"])
def test_a_server_with_a_bad_port_is_a_mistake_in_the_settings(text: str) -> None:
    with pytest.raises(DialError) as caught:
        parse_server(text)
    assert caught.value.trouble is FlowTrouble.BAD_CONFIGURATION


def test_a_port_or_an_address_asks_for_no_srv() -> None:
    records = Records({})
    finder = Finder(records)
    assert targets(finder, route("localhost", 5070))[0].port == 5070
    assert targets(finder, route("127.0.0.1")) == [Target("127.0.0.1", "127.0.0.1", 5060, 0)]
    assert targets(finder, route("127.0.0.1", None, Transport.TLS))[0].port == 5061
    assert targets(finder, route("localhost", None, Transport.WSS))[0].port == 443
    assert records.asked == []


@pytest.mark.parametrize(
    ("transport", "name"),
    [
        (Transport.UDP, "_sip._udp.localhost"),
        (Transport.TCP, "_sip._tcp.localhost"),
        (Transport.TLS, "_sips._tcp.localhost"),
    ],
)
def test_each_transport_has_its_service(transport: Transport, name: str) -> None:
    records = Records({name: [Service("127.0.0.3", 5099, 0, 0)]})
    found = targets(Finder(records), route("localhost", None, transport))
    assert found == [Target("localhost", "127.0.0.3", 5099, 0)]
    assert records.asked == [name]


def test_without_srv_the_host_itself_is_tried() -> None:
    assert targets(Finder(Records({})), route("localhost"))[0].address in {"127.0.0.1", "::1"}


def test_a_domain_that_refuses_the_service_is_unknown() -> None:
    with pytest.raises(DialError) as caught:
        targets(Finder(Records({"_sip._udp.localhost": []})), route("localhost"))
    assert caught.value.trouble is FlowTrouble.UNKNOWN_HOST


def test_backups_come_after_every_address_of_the_primary() -> None:
    records = Records(
        {"_sip._udp.localhost": [Service("127.0.0.4", 1, 20, 0), Service("127.0.0.3", 1, 10, 0)]}
    )
    found = targets(Finder(records), route("localhost", None, Transport.UDP, "127.0.0.5:7", "127.0.0.6"))
    assert [(t.address, t.port, t.rank) for t in found] == [
        ("127.0.0.3", 1, 0),
        ("127.0.0.4", 1, 1),
        ("127.0.0.5", 7, 2),
        ("127.0.0.6", 5060, 3),
    ]


def test_a_primary_that_cannot_be_resolved_does_not_hide_its_backup() -> None:
    found = targets(Finder(), route("nobody.invalid", 5060, Transport.UDP, "127.0.0.5"))
    assert [(t.address, t.rank) for t in found] == [("127.0.0.5", 0)]


def test_nothing_resolvable_is_an_unknown_host() -> None:
    with pytest.raises(DialError) as caught:
        targets(Finder(), route("nobody.invalid", 5060))
    assert caught.value.trouble is FlowTrouble.UNKNOWN_HOST


def test_the_last_answer_serves_while_the_dns_is_down() -> None:
    records = Records({"_sip._udp.pbx.invalid": [Service("127.0.0.3", 5, 0, 0)]})
    finder = Finder(records)
    known = targets(finder, route("pbx.invalid"))
    records.records = {}
    assert targets(finder, route("pbx.invalid")) == known


def test_weights_favour_but_do_not_exclude() -> None:
    services = [Service("heavy", 1, 0, 90), Service("light", 1, 0, 10), Service("later", 1, 5, 100)]
    firsts: Counter[str] = Counter()
    for _ in range(400):
        order = ranked(services)
        assert order[2] == (1, services[2])
        firsts[order[0][1].host] += 1
    assert firsts["heavy"] > 300
    assert firsts["light"] > 10


def test_srv_records_come_from_a_real_name_server(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    def start() -> DnsServer:
        return DnsServer(
            tmp_path,
            hosts={"one.pbx.test": "127.0.0.1"},
            services=[
                Srv("_sip._udp.pbx.test", "one.pbx.test", 5071, priority=1, weight=2),
                Srv("_sip._udp.pbx.test", "two.pbx.test", 5072, priority=3),
            ],
        )

    server = peer_or_skip(pytestconfig, "dnsmasq", start)
    try:
        ask = functools.partial(lookup_srv, name_servers=(server.host,), port=server.port)
        found = asyncio.run(ask("_sip._udp.pbx.test"))
        assert found is not None
        assert sorted(found, key=lambda s: s.port) == [
            Service("one.pbx.test", 5071, 1, 2),
            Service("two.pbx.test", 5072, 3, 0),
        ]
        assert asyncio.run(ask("_sip._tcp.pbx.test")) is None
    finally:
        server.stop()
