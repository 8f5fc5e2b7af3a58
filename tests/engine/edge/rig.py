"""An edge between two sockets that a test controls byte by byte: one plays PJSIP, one the server."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from softphone.domain.account import Transport
from softphone.domain.ids import AccountId
from softphone.engine.edge.edge import Edge
from softphone.engine.edge.flows.finding import Finder
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.uri import NameAddr
from softphone.engine.edge.types import AccountRoute, EdgeConfig, EdgeEvent, FlowOpened
from tests.engine.edge.far_peers import WITHIN_S, Peer, UdpPeer

T = TypeVar("T", bound=EdgeEvent)
ACCOUNT = AccountId("desk")


class Rig:
    """The edge, PJSIP's part (`phone`) and the server's (`server`)."""

    def __init__(
        self,
        config: EdgeConfig | None = None,
        server: Peer | None = None,
        transport: Transport = Transport.UDP,
        finder: Finder | None = None,
    ) -> None:
        self.transport = transport
        self.events: queue.Queue[EdgeEvent] = queue.Queue()
        self.edge = Edge(config or EdgeConfig(), self.events.put, finder)
        self.phone = UdpPeer()
        self.server = server or UdpPeer()
        self.proxy = ""
        self.sequence = 0
        self.edge_port = self.edge.start()
        self.phone.other = ("127.0.0.1", self.edge_port)
        self.edge.set_local_peer(self.phone.port)

    def route(self) -> AccountRoute:
        return AccountRoute(
            ACCOUNT, "7001", "pbx.example", "127.0.0.1", self.server.port, self.transport, keep_alive_s=60.0
        )

    def open(self, route: AccountRoute | None = None, **changes: object) -> FlowOpened:
        self.proxy = self.edge.open_account(replace(route or self.route(), **changes))  # type: ignore[arg-type]  # names are AccountRoute's
        opened = self.event(FlowOpened)
        if isinstance(self.server, UdpPeer):
            self.server.other = (opened.local_address, opened.local_port)
        return opened

    def event(self, kind: type[T], matches: Callable[[T], bool] = lambda _: True) -> T:
        """The next event of a kind; others before it are dropped."""
        while True:
            event = self.events.get(timeout=WITHIN_S * 3)
            if isinstance(event, kind) and matches(event):
                return event

    def from_phone(
        self, method: str, uri: str = "sip:600@pbx.example", *, to_tag: str = "", branch: str = "",
        call_id: str = "", cseq: int = 0, extra: tuple[tuple[str, str], ...] = (), body: bytes = b"",
    ) -> Request:  # fmt: skip
        """A request as PJSIP would send it."""
        self.sequence += 1
        contact = f"<sip:7001@127.0.0.1:{self.phone.port};ob>"
        request = Request(method=method, uri=uri, body=body)
        add = request.headers.add
        branch = branch or f"z9hG4bKPj{self.sequence}"
        add("Via", f"SIP/2.0/UDP 127.0.0.1:{self.phone.port};rport;branch={branch}")
        add("Max-Forwards", "70")
        add("From", "<sip:7001@pbx.example>;tag=local")
        add("To", f"<sip:600@pbx.example>{';tag=' + to_tag if to_tag else ''}")
        add("Contact", contact)
        add("Call-ID", call_id or f"call-{self.sequence}")
        add("CSeq", f"{cseq or self.sequence} {method}")
        add("Route", f"<{self.proxy}>")
        for name, value in extra:
            add(name, value)
        if body and "Content-Type" not in request.headers:
            add("Content-Type", "text/plain")
        return request

    def register(self, expires: int = 300) -> str:
        """A REGISTER with its 200; returns the far contact URI."""
        request = self.from_phone("REGISTER", "sip:pbx.example", extra=(("Expires", str(expires)),))
        self.phone.send(request)
        seen = self.server.request("REGISTER")
        contact = NameAddr.parse(seen.headers.get("Contact") or "").uri
        response = seen.response(200, to_tag="reg")
        if expires:
            response.headers.add("Contact", f"<{contact}>;expires={expires}")
        self.server.send(response)
        self.phone.response(200)
        return contact

    def from_server(
        self, method: str, uri: str, *, call_id: str = "in-1", cseq: int = 1, branch: str = "z9hG4bKfar1",
        to_tag: str = "", extra: tuple[tuple[str, str], ...] = (), body: bytes = b"",
    ) -> Request:  # fmt: skip
        """A request as the server would send it."""
        request = Request(method=method, uri=uri, body=body)
        add = request.headers.add
        add("Via", f"SIP/2.0/{self.transport.upper()} 127.0.0.1:{self.server.port};branch={branch};rport")
        add("Via", "SIP/2.0/TLS customer.example;branch=z9hG4bKfirst")
        add("Max-Forwards", "69")
        add("From", '"Customer" <sip:+4930123456@pbx.example>;tag=cust')
        add("To", f"<sip:7001@pbx.example>{';tag=' + to_tag if to_tag else ''}")
        add("Call-ID", call_id)
        add("CSeq", f"{cseq} {method}")
        add("Contact", "<sip:pbx@192.0.2.50:5060>")
        for name, value in extra:
            add(name, value)
        if body and "Content-Type" not in request.headers:
            add("Content-Type", "text/plain")
        return request

    def close(self) -> None:
        self.edge.stop()
        self.phone.close()
        self.server.close()


@contextmanager
def rig(
    config: EdgeConfig | None = None,
    server: Peer | None = None,
    transport: Transport = Transport.UDP,
    finder: Finder | None = None,
) -> Iterator[Rig]:
    """A rig that is torn down."""
    made = Rig(config, server, transport, finder)
    try:
        yield made
    finally:
        made.close()
