"""Opening one flow to one address: what a flow tells its keeper, and how it fails."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Protocol

from softphone.domain.certificates import CertificateTrouble
from softphone.engine.edge.types import FlowTrouble

_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})


class FlowSink(Protocol):
    """Who a flow reports to; called on the edge's thread."""

    def received(self, data: bytes) -> None:
        """One whole message."""
        ...

    def heard(self) -> None:
        """Something came that only a living server sends (a pong)."""
        ...

    def suspect(self) -> None:
        """Something hints at a dead server (an ICMP error); ask it at once."""
        ...

    def lost(
        self,
        trouble: FlowTrouble,
        detail: str = "",
        certificate: CertificateTrouble = CertificateTrouble.NONE,
    ) -> None:
        """The flow is dead; reported once or more."""
        ...


class DialError(Exception):
    """A server could not be reached, or not safely."""

    def __init__(
        self,
        trouble: FlowTrouble,
        detail: str = "",
        certificate: CertificateTrouble = CertificateTrouble.NONE,
    ) -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble
        self.detail = detail
        self.certificate = certificate


def dial_error(error: OSError) -> DialError:
    """A socket's error in our words."""
    if isinstance(error, socket.gaierror):
        return DialError(FlowTrouble.UNKNOWN_HOST, str(error))
    if isinstance(error, ConnectionRefusedError):
        return DialError(FlowTrouble.CONNECTION_REFUSED, str(error))
    if isinstance(error, asyncio.TimeoutError):
        return DialError(FlowTrouble.NO_ANSWER, "no answer in time")
    if error.errno in _UNREACHABLE:
        return DialError(FlowTrouble.NETWORK_DOWN, str(error))
    return DialError(FlowTrouble.CONNECTION_CLOSED, str(error))


def route_address(remote: str, port: int) -> str | None:
    """The local address from which the system would send to `remote`, None without a route.

    Connecting a UDP socket sends nothing.
    """
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((remote, port))
            return str(probe.getsockname()[0])
        except OSError:
            return None
