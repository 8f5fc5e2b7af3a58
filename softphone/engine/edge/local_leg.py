"""Headers of the loopback leg between PJSIP and the edge.

PJSIP sends everything to `sip:NAME@127.0.0.1:PORT;lr`; NAME tells the account. Since the edge puts itself
with the same URI into Record-Route, requests inside dialogs carry it too. Requests towards PJSIP carry one
header `X-Edge` (see `Arrival`); one that comes from outside is removed.
"""

from __future__ import annotations

from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.messages.syntax import SipSyntaxError, param, parse_params, quote, unquote
from softphone.engine.edge.messages.uri import NameAddr, SipUri
from softphone.engine.edge.types import LOOPBACK

ARRIVAL_HEADER = "X-Edge"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the edge tells about a request it delivers, in the header `X-Edge`.

    `seal` equals `Edge.seal`: a request without it came from another program on this computer, refuse it.
    `read_ns` is `time.monotonic_ns()` when it was read from the network; `target` the user part that the
    server had put into the Request-URI (the number dialled, on some systems).
    """

    seal: str
    account_id: str
    read_ns: int
    target: str = ""

    @classmethod
    def parse(cls, value: str) -> Arrival:
        """Raises SipSyntaxError when the header is not ours."""
        params = parse_params(value)
        at = param(params, "at") or ""
        if not at.isdecimal():
            raise SipSyntaxError("not an arrival")
        seal, account = param(params, "seal") or "", unquote(param(params, "account") or "")
        return cls(seal, account, int(at), unquote(param(params, "target") or ""))

    def __str__(self) -> str:
        return (
            f"seal={self.seal};account={quote(self.account_id)};at={self.read_ns};target={quote(self.target)}"
        )


class LocalLeg:
    """Names on the loopback leg; ports are known after both sides have bound theirs."""

    def __init__(self) -> None:
        self.edge_port = 0
        self.peer_port = 0

    def proxy_uri(self, name: str) -> str:
        """The URI of the edge for one account: PJSIP's outbound proxy."""
        return f"sip:{name}@{LOOPBACK}:{self.edge_port};lr"

    def via(self, branch: str) -> str:
        """The edge's Via towards PJSIP."""
        return f"SIP/2.0/UDP {LOOPBACK}:{self.edge_port};rport;branch={branch}"

    def take_route(self, request: Request) -> str:
        """Remove the edge's own Route values and return the account name of the first, or nothing."""
        names: list[str] = []

        def keep(value: str) -> str | None:
            uri = self._edge_uri(value)
            if uri is None:
                return value
            names.append(uri.user or "")
            return None

        request.headers.rewrite("Route", keep)
        return names[0] if names else ""

    def drop_record_route(self, message: Request | Response) -> None:
        """Remove the edge's own Record-Route values: the far side must not see our inner addresses."""
        message.headers.rewrite("Record-Route", lambda value: None if self._edge_uri(value) else value)

    def is_peer_contact(self, uri: SipUri) -> bool:
        """Whether a contact names PJSIP's loopback address."""
        return uri.host == LOOPBACK and uri.port == self.peer_port

    def _edge_uri(self, value: str) -> SipUri | None:
        uri = NameAddr.parse(value).uri
        if not uri.lower().startswith("sip:"):
            return None
        parsed = SipUri.parse(uri)
        return parsed if parsed.host == LOOPBACK and parsed.port == self.edge_port else None
