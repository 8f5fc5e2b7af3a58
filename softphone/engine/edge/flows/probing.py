"""Asking a server whether it lives: OPTIONS outside any dialog, every answer counts.

CRLF pings would be cheaper, but many servers (Asterisk among them) never answer them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from softphone.domain.certificates import CertificateTrouble
from softphone.engine.edge.account import EdgeAccount, Flow, host_in_uri
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.flows.dialing import DialError, FlowSink
from softphone.engine.edge.flows.finding import Target
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.types import AccountRoute, FlowTrouble

Dial = Callable[[AccountRoute, Target, FlowSink], Awaitable[Flow]]
Deliver = Callable[[EdgeAccount, Flow, bytes], bool]


async def answers(client: ClientTransactions, account: EdgeAccount, flow: Flow) -> bool:
    """Whether anything answers OPTIONS on the flow within the account's time."""
    request = options(account, flow)
    return await client.request(request, account, flow, account.route.answer_within_s) is not None


def options(account: EdgeAccount, flow: Flow) -> Request:
    """The question."""
    route = account.route
    request = Request(method="OPTIONS", uri=f"sip:{host_in_uri(route.domain)}")
    add = request.headers.add
    add("Via", "")
    add("Max-Forwards", "70")
    add("From", f"<sip:{route.user}@{host_in_uri(route.domain)}>;tag={secrets.token_hex(5)}")
    add("To", f"<sip:{host_in_uri(route.domain)}>")
    add("Call-ID", secrets.token_hex(12))
    add("CSeq", "1 OPTIONS")
    add("Contact", f"<{account.contact(flow, route.user)}>")
    add("Accept", "application/sdp")
    return request


class _ProbeSink:
    """The sink of a flow that only asks."""

    def __init__(self, account: EdgeAccount, deliver: Deliver) -> None:
        self._account = account
        self._deliver = deliver
        self.flow: Flow | None = None

    def received(self, data: bytes) -> None:
        if self.flow is not None:
            self._deliver(self._account, self.flow, data)

    def heard(self) -> None:
        """A pong proves less than an answer; it is not enough here."""

    def suspect(self) -> None:
        """The missing answer tells the same."""

    def lost(
        self,
        trouble: FlowTrouble,
        detail: str = "",
        certificate: CertificateTrouble = CertificateTrouble.NONE,
    ) -> None:
        """The missing answer tells the same."""


class Scout:
    """Waits until a better server than the current one answers."""

    def __init__(
        self,
        account: EdgeAccount,
        client: ClientTransactions,
        dial: Dial,
        deliver: Deliver,
        is_idle: Callable[[], bool],
    ) -> None:
        self._account = account
        self._is_idle = is_idle
        self._client = client
        self._dial = dial
        self._deliver = deliver

    async def wait_for_better(self, better: list[Target]) -> None:
        """Return when one of `better` has answered twice in a row and nothing would be disturbed."""
        healthy = 0
        while True:
            await asyncio.sleep(self._account.route.primary_check_s)
            healthy = healthy + 1 if await self._any_answers(better) else 0
            if healthy >= 2 and self._is_idle():
                return

    async def _any_answers(self, targets: list[Target]) -> bool:
        for target in targets:
            sink = _ProbeSink(self._account, self._deliver)
            try:
                sink.flow = flow = await self._dial(self._account.route, target, sink)
            except DialError:
                continue
            try:
                if await answers(self._client, self._account, flow):
                    return True
            finally:
                flow.close()
        return False
