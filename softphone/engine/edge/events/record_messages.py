"""Talk between an agent's and a lead's phone about a stuck record: MESSAGE (RFC 3428). Edge thread only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from softphone.domain.record_requests import TEXT_LIMIT
from softphone.domain.text import clean_line
from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.events.own_requests import OwnRequest
from softphone.engine.edge.guard import survive
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.rate import RequestRate
from softphone.engine.edge.types import Counters, EdgeEvent, MessageEnded, RecordMessageCame

HEADER = "X-Softphone-Record"
_VERSION = "1"
_PER_S, _BURST = 2.0, 20


class RecordMessages:
    """Sends ours, and takes those that come for us before PJSIP sees them. What they mean is the desk's."""

    def __init__(
        self,
        client: ClientTransactions,
        post: Callable[[EdgeEvent], None],
        counters: Counters,
        algorithms: tuple[str, ...],
        now: Callable[[], float],
    ) -> None:
        self._client = client
        self._post = post
        self._counters = counters
        self._algorithms = algorithms
        self._now = now
        self._rate = RequestRate(_PER_S, _BURST)
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, message_id: str, account: EdgeAccount, target: str, text: str) -> None:
        """`MessageEnded` follows."""
        headers = ((HEADER, _VERSION), ("Content-Type", "text/plain;charset=UTF-8"))
        request = OwnRequest(account, "MESSAGE", target, headers, text.encode())
        task = asyncio.ensure_future(survive(self._counters, "message", self._bring(message_id, request)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _bring(self, message_id: str, request: OwnRequest) -> None:
        response = await request.send(self._client, self._algorithms)
        self._post(MessageEnded(message_id, response.status if response is not None else 408))

    def take(self, request: Request, account: EdgeAccount) -> int | None:
        """The status to answer with; None: it is none of ours."""
        if request.method != "MESSAGE" or request.in_dialog or request.headers.get(HEADER) != _VERSION:
            return None
        if len(request.body) > TEXT_LIMIT or not self._rate.admit(self._now()):
            return 503
        text = clean_line(request.body.decode("utf-8", "replace"), TEXT_LIMIT)
        self._post(RecordMessageCame(account.route.account_id, request, text))
        return 200
