"""Keeping one account connected: find a server, open a flow, watch it, replace it when it dies.

Edge thread only; one task per account.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from softphone.domain.certificates import CertificateTrouble
from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.border import Border
from softphone.engine.edge.flows.dialing import DialError, route_address
from softphone.engine.edge.flows.finding import Finder, Target
from softphone.engine.edge.flows.probing import Deliver, Dial, Scout, answers
from softphone.engine.edge.flows.sleep import SleepWatch
from softphone.engine.edge.types import EdgeEvent, FlowFailed, FlowLost, FlowOpened, FlowTrouble

_log = structlog.get_logger(__name__)
_TICK_S = 0.25
_ADDRESS_CHECK_S = 1.0
_UNANSWERED_S = 2.0
_BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_NETWORK_DOWN_S = 1.0
# The most telling trouble of a round is reported: what somebody can act upon comes first.
_TELLING = (
    FlowTrouble.BAD_CONFIGURATION,
    FlowTrouble.CERTIFICATE,
    FlowTrouble.TLS,
    FlowTrouble.WEB_SOCKET,
    FlowTrouble.NETWORK_DOWN,
    FlowTrouble.CONNECTION_REFUSED,
    FlowTrouble.NO_ANSWER,
    FlowTrouble.CONNECTION_CLOSED,
    FlowTrouble.PROTOCOL,
    FlowTrouble.UNKNOWN_HOST,
    FlowTrouble.ADDRESS_CHANGED,
    FlowTrouble.PRIMARY_IS_BACK,
    FlowTrouble.WOKE_UP,
)


class _Watch:
    """The sink of one flow: remembers when it was heard and why it died."""

    def __init__(self, deliver: Callable[[Flow, bytes], bool]) -> None:
        self._deliver = deliver
        self.flow: Flow | None = None
        self.heard_at = time.monotonic()
        self.suspicions = 0
        self.dead: asyncio.Future[DialError] = asyncio.get_running_loop().create_future()

    def received(self, data: bytes) -> None:
        if self.flow is not None and self._deliver(self.flow, data):
            self.heard()

    def heard(self) -> None:
        self.heard_at = time.monotonic()
        self.suspicions = 0

    def suspect(self) -> None:
        # One ICMP error may be forged or a moment's restart; a second one after our question is an answer.
        self.suspicions += 1
        if self.suspicions > 1:
            self.lost(FlowTrouble.CONNECTION_REFUSED, "nobody listens at the server's port")

    def lost(
        self,
        trouble: FlowTrouble,
        detail: str = "",
        certificate: CertificateTrouble = CertificateTrouble.NONE,
    ) -> None:
        if not self.dead.done():
            self.dead.set_result(DialError(trouble, detail, certificate))


class FlowKeeper:
    """The life of an account's connection; `run` until cancelled."""

    def __init__(
        self,
        account: EdgeAccount,
        border: Border,
        finder: Finder,
        dial: Dial,
        post: Callable[[EdgeEvent], None],
        deliver: Deliver,
    ) -> None:
        self._account = account
        self._border = border
        self._finder = finder
        self._dial = dial
        self._post = post
        self._deliver = deliver
        self._scout = Scout(account, border.client, dial, deliver, lambda: border.is_idle(account))
        self._better: list[Target] = []
        self._choices = 1
        self._again = False
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Do not wait for the back-off: something changed."""
        self._hurry.set()

    async def run(self) -> None:
        """Connect, watch, reconnect, for ever; cancelling closes the flow.

        Servers that cannot even be dialled are gone through at once, then a pause; a UDP server is found dead
        only after its flow was announced, so every address gets one such try before the first pause.
        """
        failures, avoid = 0, None
        while True:
            try:
                target, watch = await self._connect(avoid)
            except DialError as error:
                await self._pause(error, failures)
                failures, avoid = failures + 1, None
                continue
            started = time.monotonic()
            trouble = await self._keep(target, watch)
            # A flow on which the server was never heard (UDP to a dead one) is a failure of that address.
            lived = watch.heard_at > started
            avoid = target if trouble is FlowTrouble.NO_ANSWER or not lived else None
            failures = 0 if lived else failures + 1
            if failures > self._choices:
                await self._wait(_back_off(failures - self._choices - 1))

    async def _connect(self, avoid: Target | None) -> tuple[Target, _Watch]:
        targets = await self._finder.targets(self._account.route)
        if avoid in targets and len(targets) > 1:
            # After a silent death the next server first; the dead one last.
            place = targets.index(avoid)
            targets = [*targets[place + 1 :], *targets[:place], avoid]
        self._choices = len(targets)
        troubles: list[DialError] = []
        for target in targets:
            watch = _Watch(lambda flow, data: self._deliver(self._account, flow, data))
            try:
                watch.flow = await self._dial(self._account.route, target, watch)
            except DialError as error:
                troubles.append(error)
                continue
            self._better = [other for other in targets if other.rank < target.rank]
            return target, watch
        raise min(troubles, key=lambda error: _TELLING.index(error.trouble))

    async def _pause(self, error: DialError, failures: int) -> None:
        pause = _NETWORK_DOWN_S if error.trouble is FlowTrouble.NETWORK_DOWN else _back_off(failures)
        account_id = self._account.route.account_id
        self._post(FlowFailed(account_id, error.trouble, error.certificate, error.detail[:300], pause))
        self._border.no_way_out(self._account)
        await self._wait(pause)

    async def _wait(self, pause_s: float) -> None:
        self._hurry.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), pause_s)

    async def _keep(self, target: Target, watch: _Watch) -> FlowTrouble:
        flow = watch.flow
        if flow is None:
            raise RuntimeError("a watch without its flow")
        self._announce(target, flow)
        scouting = asyncio.ensure_future(self._watch_for_better(watch))
        try:
            end = await self._watch(flow, watch)
        finally:
            scouting.cancel()
            self._border.flow_lost(self._account)
            flow.close()
        _log.info("edge_flow_lost", account=self._account.route.account_id, trouble=end.trouble.value)
        account_id = self._account.route.account_id
        self._post(FlowLost(account_id, end.trouble, end.detail[:300], end.certificate))
        return end.trouble

    def _announce(self, target: Target, flow: Flow) -> None:
        _log.info(
            "edge_flow_opened",
            account=self._account.route.account_id,
            transport=flow.transport.value,
            backup=target.rank > 0,
        )
        self._border.flow_opened(self._account, flow)
        self._post(
            FlowOpened(
                self._account.route.account_id,
                flow.transport,
                target.server,
                flow.remote[0],
                flow.remote[1],
                flow.local[0],
                flow.local[1],
                flow.security,
                backup=target.rank > 0,
                again=self._again,
            )
        )
        self._again = True

    async def _watch_for_better(self, watch: _Watch) -> None:
        if self._better:
            await self._scout.wait_for_better(self._better)
            watch.lost(FlowTrouble.PRIMARY_IS_BACK)

    async def _watch(self, flow: Flow, watch: _Watch) -> DialError:
        address_checked = time.monotonic()
        sleep = SleepWatch()
        while True:
            done, _ = await asyncio.wait([watch.dead], timeout=_TICK_S)
            if done:
                return watch.dead.result()
            if sleep.has_slept():
                return DialError(FlowTrouble.WOKE_UP)
            now = time.monotonic()
            if now - address_checked >= _ADDRESS_CHECK_S:
                address_checked = now
                moved = _moved(flow)
                if moved is not None:
                    return moved
            if self._is_silent(watch, now) and not await self._answers(flow, watch):
                if watch.dead.done():
                    return watch.dead.result()
                return DialError(FlowTrouble.NO_ANSWER, "the server does not answer")

    def _is_silent(self, watch: _Watch, now: float) -> bool:
        if watch.suspicions or now - watch.heard_at > self._account.route.keep_alive_s:
            return True
        asked = self._border.awaits_answer(self._account.route.account_id)
        return asked is not None and asked > watch.heard_at and now - asked > _UNANSWERED_S

    async def _answers(self, flow: Flow, watch: _Watch) -> bool:
        question = asyncio.ensure_future(answers(self._border.client, self._account, flow))
        watch.dead.add_done_callback(lambda _: question.cancel())
        await asyncio.wait([question])
        if question.cancelled() or not question.result():
            return False
        watch.heard()
        return True


def _back_off(failures: int) -> float:
    return _BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311


def _moved(flow: Flow) -> DialError | None:
    address = route_address(*flow.remote)
    if address is None:
        return DialError(FlowTrouble.NETWORK_DOWN, "no route to the server")
    if address != flow.local[0]:
        return DialError(FlowTrouble.ADDRESS_CHANGED, f"{flow.local[0]} became {address}")
    return None
