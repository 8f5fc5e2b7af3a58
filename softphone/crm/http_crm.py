"""The port `Crm` over HTTP: one worker thread with an event loop, one task per question."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from softphone.crm.fault import BadShapeError, CrmFault
from softphone.domain.customer import CrmTrouble, CustomerQuery, Lookup
from softphone.domain.delivery import Delivery, DeliveryResult
from softphone.domain.errors import BadInput
from softphone.domain.events import CustomerLookedUp, DeliveryAttempted, Event
from softphone.domain.ids import QueryId
from softphone.domain.settings import CrmConnection
from softphone.domain.text import mask_number

if TYPE_CHECKING:
    from softphone.crm.session import CrmSession

_log = structlog.get_logger(__name__)
_CLOSING_S = 3.0
_WARMING_S = 10.0


class HttpCrm:
    """Implements `usecases.ports.Crm` for all configured CRMs.

    `secret` reads a secret by its name in the key store (`crm/<connection>`) and may block; `post` takes an
    event from any thread (the pump). Commands may come from any one thread; everything else happens on the
    thread "crm". A slow question never delays another: each is a task of its own.
    """

    def __init__(
        self,
        connections: Iterable[CrmConnection],
        secret: Callable[[str], str | None],
        post: Callable[[Event], None],
    ) -> None:
        self._connections = {connection.name: connection for connection in connections}
        self._secret = secret
        self._post = post
        self._sessions: dict[str, CrmSession] = {}
        self._finds: dict[QueryId, asyncio.Task[None]] = {}
        self._deliveries: set[asyncio.Task[None]] = set()
        self._warming: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread and prepare every connection; the first command does it too."""
        self._running()

    def configure(self, connections: Iterable[CrmConnection]) -> None:
        """Use these connections from now on; questions under way finish on the old ones."""
        fresh = {connection.name: connection for connection in connections}
        self._running().call_soon_threadsafe(self._replace, fresh)

    def find(self, query: CustomerQuery) -> None:
        self._running().call_soon_threadsafe(self._begin_find, query)

    def cancel(self, query_id: QueryId) -> None:
        self._running().call_soon_threadsafe(self._cancel, query_id)

    def deliver(self, delivery: Delivery) -> None:
        self._running().call_soon_threadsafe(self._begin_delivery, delivery)

    def close(self) -> None:
        """Stop asking, let deliveries under way finish for a bounded time, end the thread."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(lambda: loop.create_task(self._finish(loop)))
        thread.join(_CLOSING_S + 2.0)
        _log.info("crm_closed", in_time=not thread.is_alive())
        self._loop = self._thread = None

    # --- on the thread "crm" ----------------------------------------------------------------------------

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            loop = asyncio.new_event_loop()
            self._loop = loop
            self._thread = threading.Thread(target=self._run, args=(loop,), name="crm", daemon=True)
            self._thread.start()
            loop.call_soon_threadsafe(self._prepare)
        return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    def _prepare(self) -> None:
        for name in self._connections:
            try:
                self._warm_up_soon(self._session(name))
            except CrmFault as fault:
                _log.warning("crm_not_usable", crm=name, trouble=fault.trouble.value, detail=fault.detail)

    def _warm_up_soon(self, session: CrmSession) -> None:
        task = asyncio.ensure_future(self._warm_up(session))
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)

    async def _warm_up(self, session: CrmSession) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_WARMING_S):
                await session.warm_up()

    def _replace(self, connections: dict[str, CrmConnection]) -> None:
        old, self._sessions, self._connections = self._sessions, {}, connections
        for session in old.values():
            self._keep(asyncio.ensure_future(self._close_when_idle(session)))
        self._prepare()

    async def _close_when_idle(self, session: CrmSession) -> None:
        running = [
            task for task in (*self._finds.values(), *self._deliveries) if task is not asyncio.current_task()
        ]
        if running:
            await asyncio.wait(running)
        await session.close()

    def _session(self, name: str) -> CrmSession:
        # Loaded here, on this thread: 0.1 s of HTTP that the window does not wait for, as `start` follows it.
        from softphone.crm.exchange import Exchange
        from softphone.crm.pack import load_pack
        from softphone.crm.session import CrmSession

        if name not in self._sessions:
            connection = self._connections.get(name)
            if connection is None:
                raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"no CRM is called {name!r}")
            try:
                pack = load_pack(connection.pack)
            except BadInput as exc:
                raise CrmFault(CrmTrouble.NOT_CONFIGURED, exc.detail) from exc
            self._sessions[name] = CrmSession(connection, pack, Exchange(connection.base_url), self._secret)
        return self._sessions[name]

    def _begin_find(self, query: CustomerQuery) -> None:
        task = asyncio.ensure_future(self._find(query))
        self._finds[query.id] = task
        task.add_done_callback(lambda _: self._finds.pop(query.id, None))

    def _cancel(self, query_id: QueryId) -> None:
        if task := self._finds.pop(query_id, None):
            task.cancel()

    def _begin_delivery(self, delivery: Delivery) -> None:
        self._keep(asyncio.ensure_future(self._deliver(delivery)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _find(self, query: CustomerQuery) -> None:
        began = time.monotonic()
        log = _log.bind(call=query.call_id, crm=query.crm, number=mask_number(query.number.raw))
        try:
            customers = await self._limited(query.crm, lambda session: session.find(query), log)
            lookup = Lookup.found(customers, _since_ms(began))
        except CrmFault as fault:
            lookup = Lookup.failed(fault.trouble, fault.detail, _since_ms(began))
        log.info(
            "crm_answered",
            state=lookup.state.value,
            trouble=lookup.trouble.value,
            matches=len(lookup.matches),
            took_ms=round(lookup.took_ms, 1),
        )
        self._post(CustomerLookedUp(query.id, query.call_id, lookup))

    async def _deliver(self, delivery: Delivery) -> None:
        log = _log.bind(call=delivery.log.call_id, crm=delivery.crm, delivery=delivery.id)
        try:
            remote_id = await self._limited(delivery.crm, lambda session: session.deliver(delivery), log)
            result = DeliveryResult(delivery.id, remote_id=remote_id)
        except CrmFault as fault:
            result = DeliveryResult(
                delivery.id, fault.trouble, fault.detail, retry_after_s=fault.retry_after_s
            )
        log.info("crm_delivery_attempted", trouble=result.trouble.value, attempt=delivery.attempts + 1)
        self._post(DeliveryAttempted(result))

    async def _limited(
        self,
        name: str,
        ask: Callable[[CrmSession], Coroutine[Any, Any, Any]],
        log: structlog.stdlib.BoundLogger,
    ) -> Any:
        """What `ask` answers within the connection's time limit; `CrmFault` for everything else.

        This is the background runner of STYLE.md 7: a bug in here must not leave a call "asking" for ever.
        """
        session = self._session(name)
        limit_s = self._connections[name].timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await ask(session)
        except TimeoutError as exc:
            raise CrmFault(CrmTrouble.TIMEOUT, f"no answer within {limit_s:g} s") from exc
        except BadShapeError as exc:
            raise CrmFault(CrmTrouble.BAD_ANSWER, str(exc)) from exc
        except CrmFault:
            raise
        except Exception as exc:
            log.exception("crm_adapter_failed")
            raise CrmFault(CrmTrouble.BAD_ANSWER, f"internal error: {type(exc).__name__}") from exc

    async def _finish(self, loop: asyncio.AbstractEventLoop) -> None:
        unwanted = {*self._finds.values(), *self._warming}
        if self._deliveries:
            _, late = await asyncio.wait(self._deliveries, timeout=_CLOSING_S)
            unwanted |= late
        for task in unwanted:
            task.cancel()
        await asyncio.gather(*unwanted, return_exceptions=True)
        for session in self._sessions.values():
            await session.close()
        loop.stop()


def _since_ms(began: float) -> float:
    return (time.monotonic() - began) * 1000
