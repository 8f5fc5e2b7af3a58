"""The thread "crm": one event loop, one task per question, deliveries that are finished before it ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any

import structlog

_log = structlog.get_logger(__name__)
_CLOSING_S = 3.0


class Worker:
    """Commands may come from any one thread; tasks run on the worker's own. Starts with the first command."""

    def __init__(self, begin: Callable[[], None]) -> None:
        """`begin` is called on the new thread before anything else."""
        self._begin = begin
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._named: dict[Hashable, asyncio.Task[None]] = {}
        self._deliveries: set[asyncio.Task[None]] = set()
        self._idle_work: set[asyncio.Task[None]] = set()
        self._watches: set[asyncio.Task[None]] = set()
        self._closers: set[asyncio.Task[None]] = set()

    def call(self, act: Callable[[], None]) -> None:
        """Do it on the thread."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, args=(loop,), name="crm", daemon=True)
            self._thread.start()
            loop.call_soon_threadsafe(self._begin)
        loop.call_soon_threadsafe(act)

    def close(self, last: Callable[[], Awaitable[None]]) -> None:
        """Stop asking, let deliveries finish for a bounded time, do `last`, end the thread."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(lambda: loop.create_task(self._finish(loop, last)))
        thread.join(_CLOSING_S + 2.0)
        _log.info("crm_closed", in_time=not thread.is_alive())
        self._loop = self._thread = None

    # --- on the thread ----------------------------------------------------------------------------------

    def ask(self, name: Hashable, work: Coroutine[Any, Any, None]) -> None:
        """Run a question that `cancel(name)` ends, and closing too; one of the same name gives way."""
        self.cancel(name)
        task = asyncio.ensure_future(work)
        self._named[name] = task
        task.add_done_callback(lambda done: self._forget(name, done))

    def cancel(self, name: Hashable) -> None:
        """Nobody waits for it any more."""
        task = self._named.pop(name, None)
        if task is not None and task.cancel():
            # It still has its connection to close, and the loop must not end before that.
            self._idle_work.add(task)
            task.add_done_callback(self._idle_work.discard)

    def write(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what should be finished before closing."""
        _keep(self._deliveries, work)

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what nobody waits for."""
        _keep(self._idle_work, work)

    def watch(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what has no end of its own until the thread ends."""
        _keep(self._watches, work)

    def when_idle(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Close something as soon as what runs now has ended; the worker does not end before that."""
        _keep(self._closers, self._close(self._under_way(), close))

    async def _close(
        self, running: set[asyncio.Task[None]], close: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        if running:
            await asyncio.wait(running)
        await close()

    def _under_way(self) -> set[asyncio.Task[None]]:
        """What may have a connection open, a cancelled question and a warming up too: what they open after
        their session was closed is closed by nobody."""
        return {*self._named.values(), *self._deliveries, *self._idle_work}

    def _forget(self, name: Hashable, done: asyncio.Task[None]) -> None:
        if self._named.get(name) is done:
            del self._named[name]

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    async def _finish(self, loop: asyncio.AbstractEventLoop, last: Callable[[], Awaitable[None]]) -> None:
        unwanted = {*self._named.values(), *self._idle_work, *self._watches}
        if self._deliveries:
            _, late = await asyncio.wait(self._deliveries, timeout=_CLOSING_S)
            unwanted |= late
        for task in unwanted:
            if not task.cancelling():  # a second time would disturb it while it closes its connection
                task.cancel()
        await asyncio.gather(*unwanted, return_exceptions=True)
        if self._closers:
            await asyncio.wait(self._closers, timeout=_CLOSING_S)
        await last()
        loop.stop()


def _keep(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
