"""Requests of the edge's own outside dialogs: MESSAGE (RFC 3428) and PUBLISH (RFC 3903), with digest.

Edge thread only.
"""

from __future__ import annotations

import secrets
from dataclasses import field

from softphone.domain.facts import dataclass
from softphone.engine.edge.account import EdgeAccount, host_in_uri
from softphone.engine.edge.challenges import ANSWERS, choose
from softphone.engine.edge.digest import answer
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.messages.message import Request, Response

_WITHIN_S = 8.0


@dataclass(slots=True)
class OwnRequest:
    """One request to `target`, sent again with credentials if the registrar's realm asks for them."""

    account: EdgeAccount
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    call_id: str = field(default_factory=lambda: secrets.token_hex(12))
    tag: str = field(default_factory=lambda: secrets.token_hex(5))
    cseq: int = 0

    async def send(self, client: ClientTransactions, algorithms: tuple[str, ...]) -> Response | None:
        """The final response; None when none came, or there is no way to the server."""
        flow = self.account.flow
        if flow is None:
            return None
        response = await client.request(self._request(), self.account, flow, _WITHIN_S)
        if response is None or response.status not in ANSWERS:
            return response
        challenge = choose(response, self.account, algorithms)
        credentials = self.account.route.credentials
        if challenge is None or credentials is None:
            return response
        again = self._request()
        given = answer(challenge, self.method, again.uri, credentials.username, credentials.password)
        again.headers.add(ANSWERS[response.status], str(given))
        return await client.request(again, self.account, flow, _WITHIN_S)

    def _request(self) -> Request:
        route = self.account.route
        self.cseq += 1
        request = Request(method=self.method, uri=self.target)
        add = request.headers.add
        add("Via", "")
        add("Max-Forwards", "70")
        add("From", f"<sip:{route.user}@{host_in_uri(route.domain)}>;tag={self.tag}")
        add("To", f"<{self.target}>")
        add("Call-ID", self.call_id)
        add("CSeq", f"{self.cseq} {self.method}")
        for name, value in self.headers:
            add(name, value)
        request.body = self.body
        return request
