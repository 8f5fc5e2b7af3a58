"""MESSAGEs of our own (RFC 3428), outside of any dialog. Edge thread only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.events.own_requests import OwnRequest
from softphone.engine.edge.guard import survive
from softphone.engine.edge.types import Counters, EdgeEvent, MessageEnded

_TIMEOUT = 408
_TEXT = ("Content-Type", "text/plain;charset=UTF-8")


class OwnMessages:
    """Sends texts, each marked by a header for the phones that know it."""

    def __init__(
        self,
        client: ClientTransactions,
        post: Callable[[EdgeEvent], None],
        counters: Counters,
        algorithms: tuple[str, ...],
    ) -> None:
        self._client = client
        self._post = post
        self._counters = counters
        self._algorithms = algorithms
        self._sending: set[asyncio.Task[None]] = set()

    def send(
        self, message_id: str, account: EdgeAccount, target: str, mark: tuple[str, str], text: str
    ) -> None:
        """`MessageEnded` follows, with 408 when nobody answers."""
        request = OwnRequest(account, "MESSAGE", target, (mark, _TEXT), text.encode())
        task = asyncio.ensure_future(survive(self._counters, "message", self._bring(message_id, request)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _bring(self, message_id: str, request: OwnRequest) -> None:
        response = await request.send(self._client, self._algorithms)
        self._post(MessageEnded(message_id, response.status if response is not None else _TIMEOUT))
