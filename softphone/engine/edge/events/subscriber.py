"""All subscriptions of the edge, and their place in the border. Edge thread only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from softphone.domain.ids import AccountId
from softphone.engine.edge.account import EdgeAccount
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.events.subscription import Subscription
from softphone.engine.edge.guard import survive
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.types import Counters, EdgeEvent, Package, SubscriptionChanged, SubscriptionState

MOST = 600


class Subscriber:
    """Starts, feeds and ends subscriptions."""

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
        self._endings: set[asyncio.Task[None]] = set()
        self._running: dict[str, tuple[AccountId, Subscription, asyncio.Task[None]]] = {}

    def subscribe(self, subscription_id: str, account: EdgeAccount, package: Package, target: str) -> None:
        """Begin; more than 600 are refused: two for each of 200 agents, and queues."""
        if len(self._running) >= MOST:
            account_id, refused = account.route.account_id, SubscriptionState.REFUSED
            self._post(
                SubscriptionChanged(
                    account_id, subscription_id, package, target, refused, reason="too many at once"
                )
            )
            return
        made = Subscription(
            subscription_id, package, target, account, self._client, self._post, self._algorithms
        )
        if account.may_be_called(asyncio.get_running_loop().time()):
            made.registered()
        task = asyncio.ensure_future(survive(self._counters, "subscription", made.run()))
        self._running[subscription_id] = (account.route.account_id, made, task)

    def unsubscribe(self, subscription_id: str) -> None:
        """End one, telling the server."""
        found = self._running.pop(subscription_id, None)
        if found is not None:
            _, subscription, task = found
            task.cancel()
            ending = asyncio.ensure_future(survive(self._counters, "unsubscribe", subscription.end()))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)

    def registered(self, account_id: AccountId) -> None:
        """An account was registered."""
        for subscription in self._of(account_id):
            subscription.registered()

    def flow_lost(self, account_id: AccountId) -> None:
        """An account's flow broke."""
        for subscription in self._of(account_id):
            subscription.flow_lost()

    def forget(self, account_id: AccountId) -> None:
        """An account was closed."""
        for key, (owner, _, task) in list(self._running.items()):
            if owner == account_id:
                task.cancel()
                del self._running[key]

    def take(self, request: Request, account_id: AccountId) -> int | None:
        """The status to answer a request with that belongs to a subscription; None: it is PJSIP's."""
        for subscription in self._of(account_id):
            if subscription.call_id == request.call_id:
                return subscription.notified(request)
        return None

    def _of(self, account_id: AccountId) -> list[Subscription]:
        return [made for owner, made, _ in self._running.values() if owner == account_id]
