"""A media port onto which a stranger pours packets is left for another one. Thread: the sip thread.

PJSIP follows the other side to wherever ten packets in a row come from, because telephone systems behind NAT
need that (symmetric RTP). Whoever knows the port and sends faster than the telephone system, ten packets in
each gap of 20 ms, is heard in its place and hears the agent; without encryption nothing tells them apart. But
nobody sends so many in earnest, so the call moves to a port that the stranger does not know, by a re-INVITE.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

import structlog

from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId

LOOK_EVERY_S = 1.0
_MOST_PER_S = 250
"""Packets of 10 ms are 100; the rest is for what a stall of the network has held up."""
_LOOKS = 2
_AGAIN_AFTER_S = 10.0

_log = structlog.get_logger(__name__)


class Movable(Protocol):
    """A call, or a lead's leg: whoever listens in on that hears both, caller and agent."""

    @property
    def id(self) -> CallId: ...

    def refresh(self, new_address: bool) -> None: ...


_M = TypeVar("_M", bound=Movable)


@dataclass(slots=True)
class _Seen:
    at: float
    packets: int
    floods: int = 0
    left_at: float = float("-inf")


class Flooding(Generic[_M]):
    """`packets_received` counts a call's stream, None without one."""

    def __init__(
        self, packets_received: Callable[[_M], int | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._packets_received = packets_received
        self._clock = clock
        self._seen: dict[CallId, _Seen] = {}

    def look(self, calls: Iterable[_M]) -> None:
        """To be called about every `LOOK_EVERY_S`."""
        now, seen = self._clock(), {}
        for call in tuple(calls):
            packets = self._packets_received(call)
            if packets is None:
                continue
            entry = seen[call.id] = self._seen.get(call.id) or _Seen(now, packets)
            self._judge(call, entry, packets, now)
        self._seen = seen

    def _judge(self, call: _M, entry: _Seen, packets: int, now: float) -> None:
        flood = packets - entry.packets > _MOST_PER_S * max(LOOK_EVERY_S, now - entry.at)
        entry.floods = entry.floods + 1 if flood else 0
        entry.at, entry.packets = now, packets
        if entry.floods >= _LOOKS and now - entry.left_at >= _AGAIN_AFTER_S:
            _log.warning("media_port_flooded", call=call.id)
            entry.left_at, entry.floods = now, 0
            call.refresh(new_address=True)
