"""The dialog of one subscription (RFC 3261 section 12, RFC 6665): its identifiers and its requests."""

from __future__ import annotations

import secrets
from dataclasses import field

from softphone.domain.facts import dataclass
from softphone.engine.edge.account import EdgeAccount, Flow, host_in_uri
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.messages.uri import NameAddr
from softphone.engine.edge.types import Package

_ACCEPT = {
    Package.DIALOG: "application/dialog-info+xml",
    Package.MESSAGE_SUMMARY: "application/simple-message-summary",
    Package.PRESENCE: "application/pidf+xml",
}


@dataclass(slots=True)
class NotifierDialog:
    """What is kept of a dialog with a notifier; `target` is whom we subscribe to."""

    account: EdgeAccount
    package: Package
    target: str
    call_id: str = field(default_factory=lambda: secrets.token_hex(12))
    local_tag: str = field(default_factory=lambda: secrets.token_hex(5))
    remote_tag: str = ""
    remote_target: str = ""
    routes: list[str] = field(default_factory=list)
    cseq: int = 0
    answered: bool = False
    """Whether the routes are those of a 2xx, which beat those of a NOTIFY that overtook it."""

    @property
    def established(self) -> bool:
        """Whether the notifier has answered."""
        return bool(self.remote_tag)

    def learn(self, message: Request | Response) -> None:
        """Tag, target and routes of the notifier, from its 2xx or its first NOTIFY, whichever comes first."""
        answered = isinstance(message, Response)
        contact = message.headers.split("Contact")
        if contact:
            self.remote_target = NameAddr.parse(contact[0]).uri
        if not self.established or (answered and not self.answered):
            self.answered = answered
            self.remote_tag = (message.to if answered else message.from_).tag or ""
            routes = message.headers.split("Record-Route")
            self.routes = routes[::-1] if answered else routes

    def subscribe(self, flow: Flow, expires_s: int) -> Request:
        """The next SUBSCRIBE; its Via is put in when it is sent."""
        route = self.account.route
        self.cseq += 1
        request = Request(method="SUBSCRIBE", uri=self.remote_target or self.target)
        add = request.headers.add
        add("Via", "")
        add("Max-Forwards", "70")
        add("From", f"<sip:{route.user}@{host_in_uri(route.domain)}>;tag={self.local_tag}")
        add("To", f"<{self.target}>{f';tag={self.remote_tag}' if self.remote_tag else ''}")
        add("Call-ID", self.call_id)
        add("CSeq", f"{self.cseq} SUBSCRIBE")
        for value in self.routes:
            add("Route", value)
        add("Contact", f"<{self.account.contact(flow, route.user)}>")
        add("Event", self.package.value)
        add("Accept", _ACCEPT[self.package])
        add("Expires", str(expires_s))
        return request
