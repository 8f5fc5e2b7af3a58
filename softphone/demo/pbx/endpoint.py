"""SIP over UDP: transactions (RFC 3261 section 17) below the telephone system's lines."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import structlog

from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.message import (
    MessageRefusedError,
    Request,
    Response,
    answer_refused,
    parse,
)
from softphone.engine.edge.messages.syntax import SipSyntaxError

_log = structlog.get_logger(__name__)

Address = tuple[str, int]
_T1_S = 0.5
_T2_S = 4.0
_TIMEOUT_S = 32.0
_KEPT_S = 32.0
MAGIC_COOKIE = "z9hG4bK"


def new_branch() -> str:
    return MAGIC_COOKIE + secrets.token_hex(8)


def new_tag() -> str:
    return secrets.token_hex(6)


class ClientTransaction:
    """A request of ours until its final response; ACKs a refusal of an INVITE by itself."""

    def __init__(
        self, endpoint: Endpoint, request: Request, target: Address, on_response: Callable[[Response], None]
    ) -> None:
        self.request = request
        self.target = target
        self._endpoint = endpoint
        self._on_response = on_response
        self._timer: asyncio.TimerHandle | None = None
        self._interval_s = _T1_S
        self._waited_s = 0.0
        self.answered = False
        """A provisional or final response has come."""
        self.done = False
        self._transmit()

    def take(self, response: Response) -> None:
        self.answered = True
        invite = self.request.method == "INVITE"
        if response.is_final and invite and response.status >= 300:
            self._endpoint.send(self._ack(response), self.target)
        if self.done and not (invite and 200 <= response.status < 300):
            return
        if response.is_final:
            self.stop()
            asyncio.get_running_loop().call_later(_KEPT_S, self._endpoint.forget, self)
        elif invite and self._timer is not None:
            self._timer.cancel()
        self._on_response(response)

    def stop(self) -> None:
        self.done = True
        if self._timer is not None:
            self._timer.cancel()

    def _transmit(self) -> None:
        self._endpoint.send(self.request, self.target)
        self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._again)

    def _again(self) -> None:
        self._waited_s += self._interval_s
        if self._waited_s >= _TIMEOUT_S:
            self.stop()
            self._endpoint.forget(self)
            self._on_response(self.request.response(408))
            return
        longest = _TIMEOUT_S if self.request.method == "INVITE" else _T2_S
        self._interval_s = min(2 * self._interval_s, longest)
        self._transmit()

    def _ack(self, response: Response) -> Request:
        ack = Request(method="ACK", uri=self.request.uri)
        ack.headers.add("Via", self.request.headers.get("Via") or "")
        for route in self.request.headers.all("Route"):
            ack.headers.add("Route", route)
        ack.headers.add("Max-Forwards", "70")
        ack.headers.add("From", self.request.headers.get("From") or "")
        ack.headers.add("To", response.headers.get("To") or "")
        ack.headers.add("Call-ID", self.request.call_id)
        ack.headers.add("CSeq", f"{self.request.cseq[0]} ACK")
        return ack


class ServerTransaction:
    """A request to us: remembers its last response, repeats a final one to an INVITE until the ACK."""

    def __init__(self, endpoint: Endpoint, request: Request, source: Address) -> None:
        self.request = request
        self.source = source
        self._endpoint = endpoint
        self._last: Response | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def answered(self) -> bool:
        return self._last is not None and self._last.is_final

    def respond(self, response: Response) -> None:
        """Send a response; after a final one, further ones are dropped."""
        if self.answered:
            return
        self._last = response
        self._endpoint.send(response, self.source)
        if response.is_final:
            asyncio.get_running_loop().call_later(_KEPT_S, self._endpoint.forget_server, self)
            if self.request.method == "INVITE":
                self._repeat(_T1_S, 0.0)

    def refuse(self, status: int, reason: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        response = self.request.response(status, reason, to_tag=new_tag())
        for name, value in headers:
            response.headers.add(name, value)
        self.respond(response)

    def repeat_last(self) -> None:
        if self._last is not None:
            self._endpoint.send(self._last, self.source)

    def acknowledged(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _repeat(self, interval_s: float, waited_s: float) -> None:
        def again() -> None:
            if waited_s + interval_s < _TIMEOUT_S:
                self.repeat_last()
                self._repeat(min(2 * interval_s, _T2_S), waited_s + interval_s)

        self._timer = asyncio.get_running_loop().call_later(interval_s, again)


@dataclass(slots=True)
class Handlers:
    """Who takes what the transactions do not take themselves."""

    on_request: Callable[[Request, Address], None]
    """A new request. `Endpoint.open` makes a transaction of it."""
    on_ack: Callable[[Request, Address], None]
    """The ACK of a 2xx."""
    on_stray_response: Callable[[Response], None]
    """A response to a request that was forwarded."""


class Endpoint(asyncio.DatagramProtocol):
    """One UDP socket on loopback and the transactions on it."""

    def __init__(self) -> None:
        self.handlers: Handlers | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[tuple[str, str, str], ServerTransaction] = {}

    async def listen(self, host: str, port: int = 0) -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(host, port))

    @property
    def address(self) -> Address:
        assert self._transport is not None  # noqa: S101 - narrows: it listens before anything is sent
        host, port = self._transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    def close(self) -> None:
        for client in self._clients.values():
            client.stop()
        for server in self._servers.values():
            server.acknowledged()
        if self._transport is not None:
            self._transport.close()

    def via(self, branch: str = "") -> str:
        host, port = self.address
        return f"SIP/2.0/UDP {host}:{port};rport;branch={branch or new_branch()}"

    def send(self, message: Request | Response, target: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(message.to_bytes(), target)

    def request(
        self, request: Request, target: Address, on_response: Callable[[Response], None]
    ) -> ClientTransaction:
        """Send a request that has its Via; responses and, after 32 s, a 408 come to `on_response`."""
        transaction = ClientTransaction(self, request, target, on_response)
        self._clients[request.top_via.branch, request.method] = transaction
        return transaction

    def open(self, request: Request, source: Address) -> ServerTransaction:
        """Take a request as ours to answer."""
        transaction = ServerTransaction(self, request, source)
        self._servers[_server_key(request)] = transaction
        return transaction

    def invite_of(self, cancel: Request) -> ServerTransaction | None:
        """The INVITE that a CANCEL means (RFC 3261 section 9.2)."""
        branch, sent_by, _ = _server_key(cancel)
        return self._servers.get((branch, sent_by, "INVITE"))

    def forget(self, transaction: ClientTransaction) -> None:
        self._clients.pop((transaction.request.top_via.branch, transaction.request.method), None)

    def forget_server(self, transaction: ServerTransaction) -> None:
        self._servers.pop(_server_key(transaction.request), None)

    # --- asyncio ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # UDP
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        source = (str(addr[0]), int(addr[1]))
        if not data.strip(b"\r\n\0"):
            self._keep_alive(data, source)
            return
        try:
            message = parse(data)
            self._dispatch(message, source)
        except MessageRefusedError as refused:
            if answer := answer_refused(refused, new_tag()):
                self.send(answer, source)
        except SipSyntaxError as exc:
            _log.info("demo_message_dropped", problem=str(exc))

    def error_received(self, exc: Exception) -> None:
        """A phone's port is closed: its registration expires, its call times out."""

    def _keep_alive(self, data: bytes, source: Address) -> None:
        if data == b"\r\n\r\n" and self._transport is not None:
            self._transport.sendto(b"\r\n", source)

    def _dispatch(self, message: Request | Response, source: Address) -> None:
        if self.handlers is None:
            return
        if isinstance(message, Response):
            client = self._clients.get((message.top_via.branch, message.cseq[1]))
            if client is not None:
                client.take(message)
            else:
                self.handlers.on_stray_response(message)
            return
        _note_source(message, source)
        known = self._servers.get(_server_key(message))
        if message.method == "ACK":
            if known is not None:
                known.acknowledged()
            self.handlers.on_ack(message, source)
        elif known is not None:
            known.repeat_last()
        else:
            self.handlers.on_request(message, source)


def _server_key(request: Request) -> tuple[str, str, str]:
    via = request.top_via
    method = "INVITE" if request.method == "ACK" else request.method
    return via.branch, f"{via.host}:{via.port}", method


def _note_source(request: Request, source: Address) -> None:
    """Write where the request really came from into its Via (RFC 3261 18.2.1, RFC 3581)."""
    via = request.top_via
    if via.param("rport") is not None:
        via = via.with_param("rport", str(source[1]))
    if via.param("rport") is not None or via.host != source[0]:
        via = via.with_param("received", source[0])
    values = request.headers.split("Via")
    request.headers.replace("Via", [str(via), *values[1:]])
