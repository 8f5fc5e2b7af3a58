"""An event loop in a thread of its own, used from another thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

_T = TypeVar("_T")
_WAIT_S = 10.0


class LoopThread:
    """Starts with its first use; `stop` ends it. Every call waits at most `_WAIT_S` seconds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._started: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do `work` on the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._running()[0]).result(_WAIT_S)

    def call(self, function: Callable[[], _T]) -> _T:
        """Call `function` on the loop's thread and return its result."""
        loop, thread = self._running()
        if threading.current_thread() is thread:
            return function()
        done: Future[_T] = Future()

        def carry_out() -> None:
            try:
                done.set_result(function())
            except BaseException as exc:  # noqa: BLE001 - handed to the thread that asked
                done.set_exception(exc)

        loop.call_soon_threadsafe(carry_out)
        return done.result(_WAIT_S)

    def stop(self) -> None:
        if self._started is not None:
            loop, thread = self._started
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_WAIT_S)

    def _running(self) -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
        if self._started is None:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
            thread.start()
            self._started = loop, thread
        return self._started


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
