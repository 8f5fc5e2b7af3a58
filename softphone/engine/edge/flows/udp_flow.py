"""A flow over UDP: a connected socket, so that the system itself drops what others send."""

from __future__ import annotations

import asyncio
from typing import cast

from softphone.domain.account import Transport
from softphone.engine.edge.account import host_in_uri
from softphone.engine.edge.flows.dialing import DialError, FlowSink, dial_error
from softphone.engine.edge.types import FlowSecurity, FlowTrouble


class UdpFlow(asyncio.DatagramProtocol):
    """One connected UDP socket."""

    transport = Transport.UDP
    reliable = False
    security = FlowSecurity()

    def __init__(self, sink: FlowSink) -> None:
        self._sink = sink
        self._socket: asyncio.DatagramTransport | None = None
        self.local = ("", 0)
        self.remote = ("", 0)

    @property
    def sent_by(self) -> str:
        """Our address as the server can answer it, unless a NAT is between."""
        return f"{host_in_uri(self.local[0])}:{self.local[1]}"

    @classmethod
    async def dial(cls, address: str, port: int, sink: FlowSink) -> UdpFlow:
        """Raises DialError when there is no route; nothing is sent yet."""
        loop = asyncio.get_running_loop()
        try:
            _, flow = await loop.create_datagram_endpoint(lambda: cls(sink), remote_addr=(address, port))
        except OSError as error:
            raise dial_error(error) from error
        if not flow.local[1]:
            raise DialError(FlowTrouble.NETWORK_DOWN, "no local address")
        return flow

    def send(self, data: bytes) -> None:
        if self._socket is not None and not self._socket.is_closing():
            self._socket.sendto(data)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # --- asyncio.DatagramProtocol ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast(asyncio.DatagramTransport, transport)  # asyncio's own class is no subclass
        self.local = transport.get_extra_info("sockname")[:2]
        self.remote = transport.get_extra_info("peername")[:2]

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - the socket is connected
        if not data.strip(b"\r\n\0"):
            self._sink.heard()
            return
        self._sink.received(data)

    def error_received(self, exc: Exception) -> None:
        # ICMP errors can be forged and a restarting server sends some: a reason to ask, not to give up.
        if isinstance(exc, ConnectionRefusedError):
            self._sink.suspect()
        elif isinstance(exc, OSError):
            error = dial_error(exc)
            self._sink.lost(error.trouble, error.detail)

    def connection_lost(self, exc: Exception | None) -> None:
        self._socket = None
        if exc is not None:
            self._sink.lost(FlowTrouble.CONNECTION_CLOSED, str(exc))
