"""A stateless proxy with Record-Route between agents (RFC 3261 section 16.11)."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from softphone.demo.pbx.endpoint import MAGIC_COOKIE, Address, Endpoint
from softphone.demo.pbx.registrar import Binding
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.messages.syntax import SipSyntaxError, bounded_int
from softphone.engine.edge.messages.uri import NameAddr, SipUri


class Proxy:
    """Forwards what concerns two phones; keeps nothing between messages."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def to_phone(self, request: Request, binding: Binding, caller: str = "") -> None:
        """Forward a request for an agent (also the CANCEL and ACK that follow an INVITE) to the phone.

        `caller` has proved who they are by a password, and is asserted (RFC 3325).
        """
        forwarded = self._forwarded(request)
        forwarded.uri = binding.contact
        if caller:
            forwarded.headers.add("P-Asserted-Identity", f"<sip:{caller}@{self._endpoint.address[0]}>")
        if request.method == "INVITE" and not request.in_dialog:
            host, port = self._endpoint.address
            forwarded.headers.insert_first("Record-Route", f"<sip:{host}:{port};lr>")
        self._endpoint.send(forwarded, binding.flow)

    def is_for_us_to_route(self, request: Request) -> bool:
        """Whether the first Route is ours: the request belongs to a dialog between two phones."""
        return self._ours(request.headers.split("Route")[:1])

    def along_route(self, request: Request) -> None:
        """Forward a request within a dialog between two phones."""
        forwarded = self._forwarded(request)
        forwarded.headers.replace("Route", forwarded.headers.split("Route")[1:])
        routes = forwarded.headers.split("Route")
        target = NameAddr.parse(routes[0]).uri if routes else forwarded.uri
        if (address := _address(target)) is not None:
            self._endpoint.send(forwarded, address)

    def back(self, response: Response) -> None:
        """Forward a response to whom its next Via names."""
        with suppress(SipSyntaxError):
            response.pop_via()
            via = response.top_via
            host = via.param("received") or via.host
            port = bounded_int(via.param("rport") or "", 65_535) or via.port or 5060
            self._endpoint.send(response, (host, port))

    def hops_left(self, request: Request) -> bool:
        return int(request.headers.get("Max-Forwards") or 70) > 0

    def _forwarded(self, request: Request) -> Request:
        forwarded = request.copy()
        forwarded.headers.set("Max-Forwards", str(int(request.headers.get("Max-Forwards") or 70) - 1))
        # who somebody is, is said by us and by no phone
        forwarded.headers.remove("Proxy-Authorization", "P-Asserted-Identity", "Remote-Party-ID")
        # The same branch for the INVITE, its CANCEL and the ACK of its refusal (RFC 3261 section 16.11).
        seed = f"{request.top_via.branch} {request.call_id}".encode()
        branch = MAGIC_COOKIE + hashlib.sha256(seed).hexdigest()[:24]
        forwarded.headers.insert_first("Via", self._endpoint.via(branch))
        return forwarded

    def _ours(self, routes: list[str]) -> bool:
        return any(_address(NameAddr.parse(route).uri) == self._endpoint.address for route in routes)


def _address(uri: str) -> Address | None:
    try:
        parsed = SipUri.parse(uri)
    except SipSyntaxError:
        return None
    return parsed.host, parsed.port or 5060
