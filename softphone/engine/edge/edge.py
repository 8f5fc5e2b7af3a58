"""The edge's front door: one object, usable from any thread, that runs the border on a thread of its own.

Life: `Edge(config, on_event)`, `start()` -> local port, `set_local_peer(port)` once PJSIP has bound its UDP
transport, `open_account(route)` -> proxy URI for PJSIP's account, …, `stop()`. PJSIP's part: the account's
only proxy is the URI that `open_account` returned, Contact and Via rewriting and outbound (RFC 5626) off, no
other network transport. Events arrive on the edge's thread: hand them over and return.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace

from softphone.domain.ids import AccountId
from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.border import Border
from softphone.engine.edge.flows.dialer import Dialer
from softphone.engine.edge.flows.finding import Finder
from softphone.engine.edge.flows.keeper import FlowKeeper
from softphone.engine.edge.guard import guarded, survive
from softphone.engine.edge.messages.uri import SipUri
from softphone.engine.edge.trace import Trace
from softphone.engine.edge.types import (
    LOOPBACK,
    AccountRoute,
    Counters,
    EdgeConfig,
    EdgeEvent,
    MessageEnded,
    Package,
)

_START_WITHIN_S = 5.0
_STOP_WITHIN_S = 3.0
_SWEEP_S = 5.0
_AFTER_FAULT_S = 1.0
_WIND_UP_S = 1.0
_LINGER_S = 0.02  # asyncio closes sockets in later turns of its loop


class Edge:
    """A border element for several accounts. Public methods: any thread."""

    def __init__(
        self, config: EdgeConfig, on_event: Callable[[EdgeEvent], None], finder: Finder | None = None
    ) -> None:
        self._config = config
        self._counters = Counters()
        self._post = guarded(self._counters, "on_event", on_event)
        self.trace = Trace(config.trace_bytes)
        self._border = Border(config, self._counters, self.trace, self._to_local, self._post)
        self._from_local = guarded(self._counters, "from_local", self._border.from_local)
        self._from_far = guarded(self._counters, "from_far", self._border.from_far)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="edge", daemon=True)
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._socket: asyncio.DatagramTransport | None = None
        self._keepers: dict[AccountId, tuple[EdgeAccount, FlowKeeper, asyncio.Task[None]]] = {}
        self._finder = finder or Finder()
        self._dialer = Dialer(config.limits)

    # --- any thread --------------------------------------------------------------------------------------

    def start(self) -> int:
        """Bind the loopback leg; returns its UDP port. Raises OSError when it cannot."""
        self._thread.start()
        if not self._started.wait(_START_WITHIN_S):
            raise TimeoutError("the edge did not start")
        if self._failure is not None:
            raise self._failure
        return self._border.local.edge_port

    def set_local_peer(self, port: int) -> None:
        """PJSIP's loopback UDP port: nobody else is listened to on the local leg."""
        self._call(lambda: setattr(self._border.local, "peer_port", port))

    def open_account(self, route: AccountRoute) -> str:
        """Begin to connect an account, replacing one of the same id; returns the proxy URI for PJSIP."""
        account = EdgeAccount.open(route, self._config.key)
        self._call(lambda: self._open(account))
        return self._border.local.proxy_uri(account.name)

    def close_account(self, account_id: AccountId) -> None:
        """Close the flow. Let PJSIP un-register before."""
        self._call(lambda: self._close(account_id))

    def reconnect(self, account_id: AccountId) -> None:
        """Try at once instead of waiting for the back-off."""
        self._call(lambda: self._hurry(account_id))

    def subscribe(self, account_id: AccountId, package: Package, target: str) -> str:
        """Watch `target` (a sip: URI) for as long as the account is open; returns the subscription's id.

        For waiting messages the target is the account's own AOR. It begins when the account is registered,
        survives lost flows, and reports by `SubscriptionChanged`, `DialogsChanged`, `MessagesWaiting`.
        Raises SipSyntaxError when the target is no SIP URI.
        """
        SipUri.parse(target)
        subscription_id = secrets.token_hex(8)
        self._call(lambda: self._subscribe(subscription_id, account_id, package, target))
        return subscription_id

    def unsubscribe(self, subscription_id: str) -> None:
        """Watch no longer."""
        self._call(lambda: self._border.subscriber.unsubscribe(subscription_id))

    def publish(self, account_id: AccountId, target: str, body: bytes) -> None:
        """Keep `body` published as the presence of `target`, the account's own AOR, while it is
        registered."""
        self._call(lambda: self._publish(account_id, target, body))

    def withdraw(self, account_id: AccountId) -> None:
        """Publish nothing any more."""
        self._call(lambda: self._border.publisher.withdraw(account_id))

    def ask_for_help(
        self, message_id: str, account_id: AccountId, target: str, reason: str, over: bool
    ) -> None:
        """Send a MESSAGE to `target` (a sip: URI); `MessageEnded` follows."""
        self._call(lambda: self._ask_for_help(message_id, account_id, target, reason, over))

    def tell_of_record(self, message_id: str, account_id: AccountId, target: str, text: str) -> None:
        """Send a MESSAGE about a stuck record to `target` (a sip: URI); `MessageEnded` follows."""
        self._call(lambda: self._tell_of_record(message_id, account_id, target, text))

    def lead_tag(self, account_id: AccountId, call_id: str) -> str:
        """Our tag in the dialog with a lead whom we let in; empty when there is none."""
        found = self._keepers.get(account_id)
        return found[0].leads.get(call_id, "") if found is not None else ""

    def counters(self) -> Counters:
        """A copy of the figures so far."""
        return replace(self._counters)

    @property
    def seal(self) -> str:
        """What `Arrival.seal` must be in every request that PJSIP gets."""
        return self._border.seal

    def stop(self) -> None:
        """Close all flows and end the thread; waits at most 3 s."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_WITHIN_S)

    def _call(self, work: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(guarded(self._counters, "command", work))

    # --- edge thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._bind())
        except OSError as error:
            self._failure = error
        self._started.set()
        if self._failure is None:
            sweeper = self._loop.create_task(self._sweep())
            self._loop.run_forever()
            sweeper.cancel()
            self._loop.run_until_complete(self._wind_up())
        self._loop.close()

    async def _bind(self) -> None:
        edge = self

        class LocalSocket(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                edge._from_local(data, addr[:2])

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(LocalSocket, local_addr=(LOOPBACK, 0))
        self._socket = transport
        self._border.local.edge_port = transport.get_extra_info("sockname")[1]

    def _to_local(self, data: bytes) -> None:
        if self._socket is not None and self._border.local.peer_port:
            self._socket.sendto(data, (LOOPBACK, self._border.local.peer_port))

    def _open(self, account: EdgeAccount) -> None:
        self._close(account.route.account_id)
        self._border.accounts[account.name] = account
        keeper = FlowKeeper(account, self._border, self._finder, self._dialer, self._post, self._deliver)
        task = self._loop.create_task(self._keep(keeper))
        self._keepers[account.route.account_id] = (account, keeper, task)

    async def _keep(self, keeper: FlowKeeper) -> None:
        while True:
            await survive(self._counters, "keeper", keeper.run())
            await asyncio.sleep(_AFTER_FAULT_S)

    def _deliver(self, account: EdgeAccount, flow: Flow, data: bytes) -> bool:
        return bool(self._from_far(account, flow, data))

    def _close(self, account_id: AccountId) -> None:
        found = self._keepers.pop(account_id, None)
        if found is not None:
            account, _, task = found
            task.cancel()
            self._border.forget(account)

    def _subscribe(self, subscription_id: str, account_id: AccountId, package: Package, target: str) -> None:
        if account_id in self._keepers:
            account = self._keepers[account_id][0]
            self._border.subscriber.subscribe(subscription_id, account, package, target)

    def _publish(self, account_id: AccountId, target: str, body: bytes) -> None:
        if account_id in self._keepers:
            self._border.publisher.publish(self._keepers[account_id][0], target, body)

    def _ask_for_help(
        self, message_id: str, account_id: AccountId, target: str, reason: str, over: bool
    ) -> None:
        if account_id in self._keepers:
            account = self._keepers[account_id][0]
            self._border.help.send(message_id, account, target, reason, over)
        else:
            self._post(MessageEnded(message_id, 480))

    def _tell_of_record(self, message_id: str, account_id: AccountId, target: str, text: str) -> None:
        if account_id in self._keepers:
            self._border.records.send(message_id, self._keepers[account_id][0], target, text)
        else:
            self._post(MessageEnded(message_id, 480))

    def _hurry(self, account_id: AccountId) -> None:
        if account_id in self._keepers:
            self._keepers[account_id][1].hurry()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._border.sweep()

    async def _wind_up(self) -> None:
        """End every task, also those of accounts just closed: a task left behind is a flow left open."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_WIND_UP_S)
        if self._socket is not None:
            self._socket.close()
        await asyncio.sleep(_LINGER_S)
