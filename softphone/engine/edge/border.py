"""The border: what passes between PJSIP on the loopback leg and the servers on the far legs.

Edge thread only. Every message comes in through `from_local` or `from_far`, is parsed by the gate, judged,
rewritten as text and sent on; what fails at any step is answered correctly or dropped, and counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from softphone.domain.ids import AccountId
from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.farewells import Later, on_the_running_loop
from softphone.engine.edge.ground import Ground
from softphone.engine.edge.inward import Inward
from softphone.engine.edge.messages.message import Request, parse
from softphone.engine.edge.outward import Outward
from softphone.engine.edge.trace import Trace
from softphone.engine.edge.types import LOOPBACK, Counters, EdgeConfig, EdgeEvent


class Border:
    """Both directions, and the life of accounts and flows. `to_local` sends bytes to PJSIP."""

    def __init__(
        self,
        config: EdgeConfig,
        counters: Counters,
        trace: Trace,
        to_local: Callable[[bytes], None],
        post: Callable[[EdgeEvent], None],
        later: Later = on_the_running_loop,
    ) -> None:
        self._ground = Ground(config, counters, trace, to_local, post)
        self._outward = Outward(self._ground, later)
        self.local = self._ground.local
        self.seal = self._ground.seal
        self.accounts = self._ground.accounts
        self.client = self._ground.client
        self.subscriber = self._ground.subscriber
        self.publisher = self._ground.publisher
        self.help = self._ground.help
        self.records = self._ground.records
        self.from_local = self._outward.from_local
        self.from_far = Inward(self._ground).from_far

    def flow_opened(self, account: EdgeAccount, flow: Flow) -> None:
        """Send what has waited for a way out, and again what has not been answered on the old one."""
        account.flow_changed(flow)
        waiting = list(account.waiting)
        account.waiting.clear()
        outstanding = self._ground.outgoing.outstanding(account.route.account_id)
        unanswered = [passage.raw for passage in outstanding if passage.raw]
        for raw in dict.fromkeys([*unanswered, *waiting]):
            self.from_local(raw, (LOOPBACK, self.local.peer_port))

    def flow_lost(self, account: EdgeAccount) -> None:
        """There is no way to a server any more."""
        account.flow_changed(None)
        self.subscriber.flow_lost(account.route.account_id)
        self.publisher.flow_lost(account.route.account_id)

    def no_way_out(self, account: EdgeAccount) -> None:
        """All servers failed: answer what waits, so that nobody waits for a timeout."""
        waiting = list(account.waiting)
        account.waiting.clear()
        for raw in waiting:
            request = parse(raw)
            if isinstance(request, Request):
                self._outward.answer(request, 503)

    def forget(self, account: EdgeAccount) -> None:
        """The account is closed."""
        self.subscriber.forget(account.route.account_id)
        self.publisher.forget(account.route.account_id)
        self.accounts.pop(account.name, None)
        self._ground.outgoing.forget(account.route.account_id)
        self._ground.incoming.forget(account.route.account_id)

    def sweep(self) -> None:
        """Forget what is over; every few seconds."""
        now = time.monotonic()
        self._ground.outgoing.sweep(now)
        self._ground.incoming.sweep(now)
        for account in self.accounts.values():
            account.sweep(now)

    def awaits_answer(self, account_id: AccountId) -> float | None:
        """When the oldest request was sent that met no response at all (monotonic), None without one."""
        outstanding = self._ground.outgoing.outstanding(account_id)
        return min((p.born for p in outstanding if not p.answered), default=None)

    def is_idle(self, account: EdgeAccount) -> bool:
        """Whether another flow would disturb neither a call nor a request that waits for its answer."""
        owner, ground = account.route.account_id, self._ground
        return not (account.calls or ground.outgoing.outstanding(owner) or ground.incoming.outstanding(owner))
