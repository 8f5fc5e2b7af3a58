"""The one place where the edge survives its own bugs: whatever one message or task does, the rest go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

import structlog

from softphone.engine.edge.types import Counters

_log = structlog.get_logger(__name__)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def guarded(counters: Counters, where: str, handler: Callable[_P, _R]) -> Callable[_P, _R | None]:
    """The same handler, whose exceptions are logged and counted instead of raised (it returns None then)."""

    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        try:
            return handler(*args, **kwargs)
        except Exception:  # noqa: BLE001 - the callback guard
            counters.faults += 1
            _log.exception("edge_fault", where=where)
            return None

    return call


async def survive(counters: Counters, where: str, work: Awaitable[None]) -> None:
    """Await `work`; an exception that it did not expect is logged and counted."""
    try:
        await work
    except Exception:  # noqa: BLE001 - the background runner
        counters.faults += 1
        _log.exception("edge_fault", where=where)
