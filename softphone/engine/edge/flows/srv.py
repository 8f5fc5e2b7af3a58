"""SRV records (RFC 2782) through dnspython: the system's own resolver interface knows no SRV."""

from __future__ import annotations

from collections.abc import Sequence

from softphone.domain.facts import dataclass

_WITHIN_S = 3.0
_MOST = 16


@dataclass(frozen=True, slots=True)
class Service:
    """One SRV record."""

    host: str
    port: int
    priority: int
    weight: int


async def lookup_srv(name: str, name_servers: Sequence[str] = (), port: int = 53) -> list[Service] | None:
    """The services under `name`; None when there are no such records or the DNS does not tell.

    An empty list means that the domain offers this service nowhere (a single record with target `.`).
    `name_servers` replace the system's, for tests.
    """
    # Imported here: it costs 100 ms, and accounts with a port or an address never need it.
    import dns.asyncresolver
    import dns.exception
    import dns.resolver

    try:
        resolver = dns.asyncresolver.Resolver(configure=not name_servers)
        if name_servers:
            resolver.nameservers = list(name_servers)
            resolver.port = port
        answer = await resolver.resolve(name, "SRV", lifetime=_WITHIN_S, search=False)
    except (dns.exception.DNSException, OSError, UnicodeError):
        return None
    records = list(answer)[:_MOST]
    if len(records) == 1 and str(records[0].target) == ".":
        return []
    return [Service(str(r.target).rstrip("."), int(r.port), int(r.priority), int(r.weight)) for r in records]
