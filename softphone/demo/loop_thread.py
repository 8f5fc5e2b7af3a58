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
    """Starts at once; `stop` ends it. Every call waits at most `_WAIT_S` seconds."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do `work` on the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_WAIT_S)

    def call(self, function: Callable[[], _T]) -> _T:
        """Call `function` on the loop's thread and return its result."""
        if threading.current_thread() is self._thread:
            return function()
        done: Future[_T] = Future()

        def carry_out() -> None:
            try:
                done.set_result(function())
            except BaseException as exc:  # noqa: BLE001 - handed to the thread that asked
                done.set_exception(exc)

        self._loop.call_soon_threadsafe(carry_out)
        return done.result(_WAIT_S)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
