"""A flow over TCP or TLS."""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from softphone.domain.account import Transport
from softphone.engine.edge.account import host_in_uri
from softphone.engine.edge.flows.certificate import examine
from softphone.engine.edge.flows.dialing import DialError, FlowSink, dial_error
from softphone.engine.edge.flows.finding import Target
from softphone.engine.edge.flows.framing import KeepAlive, StreamError, StreamFramer
from softphone.engine.edge.flows.tls import tls_context, tls_error
from softphone.engine.edge.messages.gate import Limits
from softphone.engine.edge.types import FlowSecurity, FlowTrouble, TlsPolicy

_CONNECT_WITHIN_S = 4.0
_MOST_UNSENT = 512_000  # bytes; a server that reads this slowly is as good as dead


class StreamFlow(asyncio.Protocol):
    """One TCP connection, with or without TLS."""

    reliable = True

    def __init__(self, transport: Transport, sink: FlowSink, limits: Limits) -> None:
        self.transport = transport
        self.security = FlowSecurity()
        self.local = ("", 0)
        self.remote = ("", 0)
        self._sink = sink
        self._framer = StreamFramer(limits)
        self._stream: asyncio.Transport | None = None

    @property
    def sent_by(self) -> str:
        """Our end of the connection, which the server reuses."""
        return f"{host_in_uri(self.local[0])}:{self.local[1]}"

    @classmethod
    async def dial_tcp(cls, target: Target, sink: FlowSink, limits: Limits) -> StreamFlow:
        """Connect in clear; raises DialError."""
        return await cls._dial(cls(Transport.TCP, sink, limits), target, None)

    @classmethod
    async def dial_tls(cls, target: Target, policy: TlsPolicy, sink: FlowSink, limits: Limits) -> StreamFlow:
        """Connect by TLS and judge the certificate; raises DialError."""
        context = await tls_context(policy)
        flow = await cls._dial(cls(Transport.TLS, sink, limits), target, context)
        try:
            flow.security = examine(flow.tls, target.server, policy)
        except DialError:
            flow.close()
            raise
        return flow

    @classmethod
    async def _dial(cls, flow: StreamFlow, target: Target, context: ssl.SSLContext | None) -> StreamFlow:
        loop = asyncio.get_running_loop()
        name = target.server if context else None
        try:
            async with asyncio.timeout(_CONNECT_WITHIN_S):
                await loop.create_connection(
                    lambda: flow, target.address, target.port, ssl=context, server_hostname=name
                )
        except TimeoutError as error:
            raise DialError(FlowTrouble.NO_ANSWER, "no connection in time") from error
        except ssl.SSLError as error:
            raise tls_error(error) from error
        except ConnectionResetError as error:
            trouble = FlowTrouble.TLS if context else FlowTrouble.CONNECTION_CLOSED
            raise DialError(trouble, str(error)) from error
        except OSError as error:
            raise dial_error(error) from error
        return flow

    @property
    def tls(self) -> ssl.SSLObject:
        """The TLS of a connected TLS flow."""
        if self._stream is None:
            raise DialError(FlowTrouble.CONNECTION_CLOSED, "closed right after the handshake")
        return cast(ssl.SSLObject, self._stream.get_extra_info("ssl_object"))

    def send(self, data: bytes) -> None:
        if self._stream is None or self._stream.is_closing():
            return
        self._stream.write(data)
        if self._stream.get_write_buffer_size() > _MOST_UNSENT:
            self._sink.lost(FlowTrouble.NO_ANSWER, "the server does not read")

    def ping(self) -> None:
        """RFC 5626 section 4.4.1; many servers never answer it."""
        self.send(KeepAlive.PING.value)

    def close(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            if stream.get_write_buffer_size():
                stream.close()
            else:
                stream.abort()  # without TLS's closing handshake, which a dead server would never finish

    # --- asyncio.Protocol --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._stream = cast(asyncio.Transport, transport)
        self.local = transport.get_extra_info("sockname")[:2]
        self.remote = transport.get_extra_info("peername")[:2]

    def data_received(self, data: bytes) -> None:
        try:
            items, broken = self._framer.feed(data), None
        except StreamError as error:
            items, broken = error.args[1], error.args[0]
        for item in items:
            if item is KeepAlive.PING:
                self.send(KeepAlive.PONG.value)
            elif isinstance(item, bytes):
                self._sink.received(item)
            else:
                self._sink.heard()
        if broken is not None:
            self._sink.lost(FlowTrouble.PROTOCOL, broken)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stream = None
        if isinstance(exc, ssl.SSLError):
            error = tls_error(exc)
            self._sink.lost(error.trouble, error.detail, error.certificate)
        else:
            self._sink.lost(FlowTrouble.CONNECTION_CLOSED, str(exc or "closed by the server"))
