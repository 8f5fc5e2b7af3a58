"""Requests of the edge itself (keep-alive OPTIONS, subscriptions): client transactions, RFC 3261 17.1.2.

Edge thread only; each one is awaited.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.messages.message import Request, Response

BRANCH_PREFIX = "z9hG4bKek"
_T1_S = 0.5
_T2_S = 4.0


class ClientTransactions:
    """Sends non-INVITE requests, repeats them on UDP, hands back the final response."""

    def __init__(self, send: Callable[[Flow, EdgeAccount, Request], None]) -> None:
        self._send = send
        self._waiting: dict[str, asyncio.Future[Response]] = {}

    async def request(
        self, request: Request, account: EdgeAccount, flow: Flow, within_s: float
    ) -> Response | None:
        """The final response, or None when none came within the time."""
        branch = f"{BRANCH_PREFIX}o{secrets.token_hex(12)}"
        request.headers.replace("Via", [account.via(flow, branch)])
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Response] = loop.create_future()
        self._waiting[branch] = answer
        deadline, pause = loop.time() + within_s, _T1_S
        try:
            while True:
                self._send(flow, account, request)
                left = deadline - loop.time()
                done, _ = await asyncio.wait([answer], timeout=left if flow.reliable else min(pause, left))
                if done:
                    return answer.result()
                if loop.time() >= deadline - 0.001:
                    return None
                pause = min(2 * pause, _T2_S)
        finally:
            del self._waiting[branch]

    def take(self, response: Response) -> bool:
        """Whether a response belongs to one of these; a final one ends it."""
        answer = self._waiting.get(response.top_via.branch)
        if answer is None:
            return False
        if response.is_final and not answer.done():
            answer.set_result(response)
        return True
