"""Finding servers: the configured host and its backups, as addresses in the order of trial (RFC 3263)."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket
from collections.abc import Awaitable, Callable

from softphone.domain.account import Transport
from softphone.domain.facts import dataclass
from softphone.engine.edge.flows.dialing import DialError
from softphone.engine.edge.flows.srv import Service, lookup_srv
from softphone.engine.edge.types import AccountRoute, FlowTrouble

DEFAULT_PORTS = {
    Transport.UDP: 5060,
    Transport.TCP: 5060,
    Transport.TLS: 5061,
    Transport.WS: 80,
    Transport.WSS: 443,
}
# RFC 7118 defines no SRV names for web sockets.
_SERVICES = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}
_MOST_TARGETS = 24


@dataclass(frozen=True, slots=True)
class Target:
    """One address to try. `server` is the configured host: what a certificate must be valid for (RFC 5922).

    `rank` is 0 for the best servers and grows with SRV priority and with each backup; targets of one rank
    are equals.
    """

    server: str
    address: str
    port: int
    rank: int


def parse_server(text: str, port: int | None = None) -> tuple[str, int | None]:
    """`host`, `host:port`, an IPv6 address with or without brackets; DialError when it is none of these."""
    text = text.strip()
    try:
        return str(ipaddress.ip_address(text.strip("[]"))), port
    except ValueError:
        host, colon, given = text.rpartition(":")
    if not colon:
        return text, port
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise DialError(FlowTrouble.BAD_CONFIGURATION, f"not a server: {text[:80]}")
    return host.strip("[]"), int(given)


class Finder:
    """Turns an account's servers into targets; remembers the last answers for when the DNS is down."""

    def __init__(self, lookup: Callable[[str], Awaitable[list[Service] | None]] = lookup_srv) -> None:
        self._lookup = lookup
        self._known: dict[tuple[str, int | None, Transport], list[Target]] = {}

    async def targets(self, route: AccountRoute) -> list[Target]:
        """All addresses in the order of trial; raises DialError when not one server is known."""
        found: list[Target] = []
        trouble: DialError | None = None
        for host, port in self._servers(route):
            try:
                part = await self._targets_of(host, port, route.transport)
            except DialError as error:
                trouble = trouble or error
                part = self._known.get((host, port, route.transport), [])
            base = found[-1].rank + 1 if found else 0
            self._known[host, port, route.transport] = part
            found += [Target(t.server, t.address, t.port, base + t.rank) for t in part]
        if not found:
            raise trouble or DialError(FlowTrouble.UNKNOWN_HOST, "no server")
        return found[:_MOST_TARGETS]

    @staticmethod
    def _servers(route: AccountRoute) -> list[tuple[str, int | None]]:
        return [parse_server(route.server, route.port), *(parse_server(text) for text in route.backups)]

    async def _targets_of(self, host: str, port: int | None, transport: Transport) -> list[Target]:
        if port is not None or _is_address(host) or transport not in _SERVICES:
            return await _addresses(host, host, port or DEFAULT_PORTS[transport], 0)
        services = await self._lookup(f"{_SERVICES[transport]}.{host}")
        if services is None:
            return await _addresses(host, host, DEFAULT_PORTS[transport], 0)
        if not services:
            raise DialError(FlowTrouble.UNKNOWN_HOST, f"{host[:80]} offers no SIP over {transport}")
        targets: list[Target] = []
        trouble: DialError | None = None
        for rank, service in ranked(services):
            try:
                targets += await _addresses(host, service.host, service.port, rank)
            except DialError as error:
                trouble = error
        if not targets:
            raise trouble or DialError(FlowTrouble.UNKNOWN_HOST, host[:80])
        return targets


def ranked(services: list[Service]) -> list[tuple[int, Service]]:
    """In the order of RFC 2782: by priority, within one by a draw that favours weight."""
    ordered: list[tuple[int, Service]] = []
    priorities = sorted({service.priority for service in services})
    for rank, priority in enumerate(priorities):
        left = [service for service in services if service.priority == priority]
        while left:
            drawn = random.choices(left, [service.weight + 0.1 for service in left])[0]  # noqa: S311
            left.remove(drawn)
            ordered.append((rank, drawn))
    return ordered


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _addresses(server: str, host: str, port: int, rank: int) -> list[Target]:
    # The system's resolver, because it knows hosts files, VPNs and search domains.
    loop = asyncio.get_running_loop()
    try:
        infos = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise DialError(FlowTrouble.UNKNOWN_HOST, f"{host[:80]}: {error}") from error
    return [Target(server, str(info[4][0]), port, rank) for info in infos]
