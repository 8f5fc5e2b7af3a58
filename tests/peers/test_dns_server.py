"""The name server of the tests: SRV records in their order, and names that do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.resolver
import pytest

from tests.peers.dns_server import DnsServer, Srv
from tests.peers.fixtures import peer_or_skip


@pytest.fixture
def resolver(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks a server which knows two SIP servers."""
    services = [
        Srv("_sip._udp.company.test", "second.company.test", 5062, priority=20),
        Srv("_sip._udp.company.test", "first.company.test", 5061, priority=10),
    ]
    hosts = {"first.company.test": "127.0.0.1", "second.company.test": "127.0.0.2"}
    server = peer_or_skip(
        pytestconfig, "dnsmasq", lambda: DnsServer(tmp_path / "dns", hosts=hosts, services=services)
    )
    asking = dns.resolver.Resolver(configure=False)
    asking.nameservers = [server.host]
    asking.port = server.port
    yield asking
    server.stop()


def test_services_are_found_with_their_priorities(resolver: dns.resolver.Resolver) -> None:
    answer = resolver.resolve("_sip._udp.company.test", "SRV")
    found = sorted((record.priority, str(record.target), record.port) for record in answer)
    assert found == [(10, "first.company.test.", 5061), (20, "second.company.test.", 5062)]
    assert [str(record) for record in resolver.resolve("second.company.test", "A")] == ["127.0.0.2"]


def test_an_unknown_name_does_not_exist(resolver: dns.resolver.Resolver) -> None:
    with pytest.raises(dns.resolver.NXDOMAIN):
        resolver.resolve("nowhere.test", "A")
