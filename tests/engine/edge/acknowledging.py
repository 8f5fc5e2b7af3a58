"""The ACK that a test's server owes for a refused INVITE."""

from __future__ import annotations

from contextlib import suppress

from softphone.engine.edge.messages.message import MessageRefusedError, Request, Response, parse
from tests.engine.edge.far_peers import UdpPeer


def acknowledge(server: UdpPeer, contact: str, data: bytes) -> None:
    """ACK a refused INVITE, else PJSIP repeats its refusals for half a minute."""
    with suppress(MessageRefusedError):
        response = parse(data)
        if isinstance(response, Response) and response.status >= 300 and response.cseq[1] == "INVITE":
            ack = Request(method="ACK", uri=contact)
            for name in ("Via", "From", "To", "Call-ID"):
                ack.headers.add(name, response.headers.get(name) or "")
            ack.headers.add("CSeq", f"{response.cseq[0]} ACK")
            server.send(ack)
