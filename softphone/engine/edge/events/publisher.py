"""Keeps an account's published state at the server (RFC 3903): first, changed, refreshed, withdrawn.

Edge thread only. A server that takes no such thing is left alone until the account is registered anew.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from softphone.domain.ids import AccountId
from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.events.own_requests import OwnRequest
from softphone.engine.edge.guard import survive
from softphone.engine.edge.messages.message import Response
from softphone.engine.edge.messages.syntax import bounded_int
from softphone.engine.edge.types import Counters

_EXPIRES_S = 600
_SETTLE_S = 0.2
_RETRY_S = 30.0
_NEVER = frozenset({403, 404, 405, 415, 416, 484, 489, 501})
_WITHDRAW_S = 1.0


class Publication:
    """One account's state; `run` until cancelled."""

    def __init__(
        self, account: EdgeAccount, target: str, client: ClientTransactions, algorithms: tuple[str, ...]
    ) -> None:
        self.account = account
        self._target = target
        self._client = client
        self._algorithms = algorithms
        self._body = b""
        self._etag = ""
        self._published = b""
        self._refused = False
        self._changed = asyncio.Event()
        self._registered = asyncio.Event()

    def publish(self, body: bytes) -> None:
        """This is the state from now on."""
        self._body = body
        self._changed.set()

    def registered(self) -> None:
        """The account is registered, perhaps at a server that has forgotten everything."""
        if not self._registered.is_set():
            self._etag, self._published, self._refused = "", b"", False
            self._registered.set()
            self._changed.set()

    def flow_lost(self) -> None:
        self._registered.clear()

    async def run(self) -> None:
        pause = None
        while True:
            await self._registered.wait()
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                pass
            else:
                await asyncio.sleep(_SETTLE_S)  # a call's end and its after-call work are one change
            self._changed.clear()
            pause = await self._bring() if self._body and not self._refused else None

    async def withdraw(self) -> None:
        """Take it back, if anything is there."""
        if self._etag:
            await asyncio.wait_for(self._send(b"", 0), _WITHDRAW_S)

    async def _bring(self) -> float:
        """Publish or refresh; returns the seconds until it must be done again."""
        body = self._body
        response = await self._send(b"" if body == self._published and self._etag else body, _EXPIRES_S)
        if response is not None and response.status == 412:  # it forgot: begin anew (section 4.1, step 5)
            self._etag = ""
            response = await self._send(body, _EXPIRES_S)
        if response is None:
            return _RETRY_S
        if not 200 <= response.status < 300:
            self._etag, self._refused = "", response.status in _NEVER
            return _RETRY_S
        self._etag = response.headers.get("SIP-ETag") or ""
        self._published = body
        granted_s = bounded_int(response.headers.get("Expires") or "", 86_400) or _EXPIRES_S
        return max(1.0, granted_s * random.uniform(0.6, 0.8))  # noqa: S311 - not all phones at once

    async def _send(self, body: bytes, expires_s: int) -> Response | None:
        headers = [("Event", "presence"), ("Expires", str(expires_s))]
        if self._etag:
            headers.append(("SIP-If-Match", self._etag))
        if body:
            headers.append(("Content-Type", "application/pidf+xml"))
        request = OwnRequest(self.account, "PUBLISH", self._target, tuple(headers), body)
        return await request.send(self._client, self._algorithms)


class Publisher:
    """The publications of all accounts, and their place in the border."""

    def __init__(
        self,
        client: ClientTransactions,
        counters: Counters,
        algorithms: tuple[str, ...],
        now: Callable[[], float],
    ) -> None:
        self._client = client
        self._counters = counters
        self._algorithms = algorithms
        self._now = now
        self._running: dict[AccountId, tuple[Publication, asyncio.Task[None]]] = {}
        self._endings: set[asyncio.Task[None]] = set()

    def publish(self, account: EdgeAccount, target: str, body: bytes) -> None:
        account_id = account.route.account_id
        if account_id not in self._running:
            made = Publication(account, target, self._client, self._algorithms)
            if account.may_be_called(self._now()):
                made.registered()
            task = asyncio.ensure_future(survive(self._counters, "publication", made.run()))
            self._running[account_id] = (made, task)
        self._running[account_id][0].publish(body)

    def registered(self, account_id: AccountId) -> None:
        if account_id in self._running:
            self._running[account_id][0].registered()

    def flow_lost(self, account_id: AccountId) -> None:
        if account_id in self._running:
            self._running[account_id][0].flow_lost()

    def withdraw(self, account_id: AccountId) -> None:
        """The agent signs out: nobody is to see them ready for ten minutes more."""
        found = self._running.pop(account_id, None)
        if found is not None:
            publication, task = found
            task.cancel()
            ending = asyncio.ensure_future(survive(self._counters, "withdrawal", publication.withdraw()))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)

    def forget(self, account_id: AccountId) -> None:
        found = self._running.pop(account_id, None)
        if found is not None:
            found[1].cancel()
