"""A flow over WebSocket or secure WebSocket (RFC 7118): one SIP message per frame, subprotocol `sip`."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.typing import Subprotocol

from softphone.domain.account import Transport
from softphone.engine.edge.account import host_in_uri
from softphone.engine.edge.flows.certificate import examine
from softphone.engine.edge.flows.dialing import DialError, FlowSink, dial_error
from softphone.engine.edge.flows.finding import Target
from softphone.engine.edge.flows.tls import tls_context, tls_error
from softphone.engine.edge.messages.gate import Limits
from softphone.engine.edge.types import AccountRoute, FlowSecurity, FlowTrouble

_CONNECT_WITHIN_S = 6.0
_MOST_UNSENT = 256
_SIP = Subprotocol("sip")


class WebSocketFlow:
    """One WebSocket connection with its reader and writer tasks."""

    reliable = True

    def __init__(self, transport: Transport, connection: ClientConnection, sink: FlowSink) -> None:
        self.transport = transport
        self.security = FlowSecurity()
        self.sent_by = f"{secrets.token_hex(6)}.invalid"
        local, remote = connection.local_address, connection.remote_address
        self.local: tuple[str, int] = local[:2]
        self.remote: tuple[str, int] = remote[:2]
        self._connection = connection
        self._sink = sink
        self._unsent: asyncio.Queue[bytes] = asyncio.Queue(_MOST_UNSENT)
        self._tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._write())]

    @classmethod
    async def dial(cls, route: AccountRoute, target: Target, sink: FlowSink, limits: Limits) -> WebSocketFlow:
        """Connect and judge; raises DialError."""
        secure = route.transport is Transport.WSS
        context = await tls_context(route.tls, web=True) if secure else None
        connection = await _connect(route, target, context, limits)
        try:
            if connection.subprotocol != _SIP:
                raise DialError(FlowTrouble.WEB_SOCKET, "the server does not speak SIP over WebSocket")
            tls = connection.transport.get_extra_info("ssl_object")
            security = examine(tls, target.server, route.tls, web=True) if secure else FlowSecurity()
        except DialError:
            await connection.close()
            raise
        flow = cls(route.transport, connection, sink)
        flow.security = security
        return flow

    def send(self, data: bytes) -> None:
        try:
            self._unsent.put_nowait(data)
        except asyncio.QueueFull:
            self._sink.lost(FlowTrouble.NO_ANSWER, "the server does not read")

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._connection.transport.abort()

    async def _read(self) -> None:
        try:
            async for frame in self._connection:
                data = frame.encode("utf-8", "surrogateescape") if isinstance(frame, str) else frame
                if data.strip(b"\r\n"):
                    self._sink.received(data)
                else:
                    self._sink.heard()
        except (ConnectionClosed, OSError) as error:
            self._sink.lost(FlowTrouble.CONNECTION_CLOSED, str(error))
            return
        self._sink.lost(FlowTrouble.CONNECTION_CLOSED, "closed by the server")

    async def _write(self) -> None:
        with suppress(ConnectionClosed, OSError):  # the reader reports it
            while True:
                data = await self._unsent.get()
                # Text frames must be UTF-8; RFC 7118 section 5 lets us send binary ones instead.
                try:
                    await self._connection.send(data.decode())
                except UnicodeDecodeError:
                    await self._connection.send(data)


async def _connect(
    route: AccountRoute, target: Target, context: ssl.SSLContext | None, limits: Limits
) -> ClientConnection:
    scheme = "wss" if context else "ws"
    path = route.ws_path if route.ws_path.startswith("/") else f"/{route.ws_path}"
    try:
        return await connect(
            f"{scheme}://{host_in_uri(target.server)}:{target.port}{path}",
            host=target.address,
            port=target.port,
            ssl=context,
            subprotocols=[_SIP],
            compression=None,
            open_timeout=_CONNECT_WITHIN_S,
            ping_interval=None,  # the keeper's OPTIONS prove more than that the web server lives
            close_timeout=1,
            max_size=limits.message,
            proxy=None,
        )
    except TimeoutError as error:
        raise DialError(FlowTrouble.NO_ANSWER, "no connection in time") from error
    except ssl.SSLError as error:
        raise tls_error(error) from error
    except (InvalidHandshake, InvalidURI) as error:
        raise DialError(FlowTrouble.WEB_SOCKET, str(error)) from error
    except OSError as error:
        raise dial_error(error) from error
