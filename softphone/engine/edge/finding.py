"""Finding servers: the configured host and its backups, as addresses in the order of trial."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

from softphone.domain.account import Transport
from softphone.engine.edge.dialing import DialError
from softphone.engine.edge.types import AccountRoute, FlowTrouble

DEFAULT_PORTS = {
    Transport.UDP: 5060,
    Transport.TCP: 5060,
    Transport.TLS: 5061,
    Transport.WS: 80,
    Transport.WSS: 443,
}


@dataclass(frozen=True, slots=True)
class Target:
    """One address to try. `server` is the configured host: what a certificate must be valid for."""

    server: str
    address: str
    port: int
    rank: int
    """0 for the configured server, 1, 2, … for its backups."""


def parse_server(text: str, port: int | None = None) -> tuple[str, int | None]:
    """`host`, `host:port`, an IPv6 address with or without brackets."""
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
    """Turns an account's servers into targets."""

    async def targets(self, route: AccountRoute) -> list[Target]:
        """All addresses in the order of trial; raises DialError when not one server is known."""
        found: list[Target] = []
        trouble: DialError | None = None
        servers = [parse_server(route.server, route.port), *(parse_server(text) for text in route.backups)]
        for rank, (host, port) in enumerate(servers):
            try:
                found += await self._resolve(host, port, route.transport, rank)
            except DialError as error:
                trouble = trouble or error
        if not found:
            raise trouble or DialError(FlowTrouble.UNKNOWN_HOST, "no server")
        return found

    async def _resolve(self, host: str, port: int | None, transport: Transport, rank: int) -> list[Target]:
        number = port or DEFAULT_PORTS[transport]
        loop = asyncio.get_running_loop()
        try:
            infos = await loop.getaddrinfo(host, number, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise DialError(FlowTrouble.UNKNOWN_HOST, f"{host[:80]}: {error}") from error
        return [Target(host, str(info[4][0]), number, rank) for info in infos]
