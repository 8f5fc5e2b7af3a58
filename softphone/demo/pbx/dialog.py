"""What both sides of a call agree on once it exists (RFC 3261 section 12), seen from here."""

from __future__ import annotations

from dataclasses import field

from softphone.demo.pbx.endpoint import Address, Endpoint, new_branch
from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.messages.uri import NameAddr


@dataclass(slots=True)
class Dialog:
    """`local` and `remote` are whole From and To values with their tags; `flow` is where requests go."""

    call_id: str
    local: str
    remote: str
    target: str
    flow: Address
    routes: list[str] = field(default_factory=list)
    local_cseq: int = 1
    remote_cseq: int = 0

    @classmethod
    def of_answer(cls, invite: Request, answer: Response, flow: Address) -> Dialog:
        """The caller's view, from the response to our INVITE."""
        return cls(
            call_id=invite.call_id,
            local=invite.headers.get("From") or "",
            remote=answer.headers.get("To") or "",
            target=contact_of(answer) or invite.uri,
            flow=flow,
            routes=answer.headers.split("Record-Route")[::-1],
            local_cseq=invite.cseq[0],
        )

    @classmethod
    def of_invite(cls, invite: Request, local_tag: str, flow: Address) -> Dialog:
        """The callee's view, from an INVITE to us."""
        return cls(
            call_id=invite.call_id,
            local=f"{invite.headers.get('To') or ''};tag={local_tag}",
            remote=invite.headers.get("From") or "",
            target=contact_of(invite) or invite.from_.uri,
            flow=flow,
            routes=invite.headers.split("Record-Route"),
            remote_cseq=invite.cseq[0],
        )

    @property
    def local_tag(self) -> str:
        return NameAddr.parse(self.local).tag or ""

    @property
    def remote_tag(self) -> str:
        return NameAddr.parse(self.remote).tag or ""

    def request(self, method: str, endpoint: Endpoint, *, cseq: int | None = None) -> Request:
        """A request within the dialog; `cseq` is given for an ACK, else it grows."""
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        request = Request(method=method, uri=self.target)
        request.headers.add("Via", endpoint.via(new_branch()))
        for route in self.routes:
            request.headers.add("Route", route)
        request.headers.add("Max-Forwards", "70")
        request.headers.add("From", self.local)
        request.headers.add("To", self.remote)
        request.headers.add("Call-ID", self.call_id)
        request.headers.add("CSeq", f"{cseq} {method}")
        return request


def contact_of(message: Request | Response) -> str:
    """The URI of the first Contact, empty when there is none."""
    values = message.headers.split("Contact")
    return NameAddr.parse(values[0]).uri if values and values[0] not in ("", "*") else ""
