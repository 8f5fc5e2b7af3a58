"""Calls of an engine whose desk is gone: they go on, but not for ever with nobody at the other end.

A far side that vanished without a BYE (no power, no network) is noticed by nothing in SIP before a session
timer, if there is one (RFC 4028). With a desk the agent hears that and hangs up. Thread: the sip thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

import structlog

from softphone.domain.call import CallState, CallView
from softphone.domain.errors import Refused
from softphone.domain.ids import CallId

_log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
SILENT_S = 300.0
"""Not one packet for so long: longer than any silence suppression that still sends comfort noise."""

HELD_S = 1_800.0
"""On hold nothing need be sent; who waits so long for a desk that is gone waits in vain."""


class LoneCall(Protocol):
    """What is needed of a call."""

    @property
    def id(self) -> CallId: ...
    @property
    def view(self) -> CallView: ...
    def hang_up(self, sip_code: int = 0) -> None: ...


C = TypeVar("C", bound=LoneCall)


class LeftAlone(Generic[C]):
    """`received` tells how many packets of a call have come so far, None while it has no stream."""

    def __init__(
        self, received: Callable[[C], int | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._received = received
        self._clock = clock
        self._heard: dict[CallId, tuple[float, int]] = {}

    def look(self, calls: Iterable[C], alone: bool) -> None:
        """Hang up what has been silent for too long; with a desk nothing is ever ended here."""
        now, before = self._clock(), self._heard
        self._heard = {}
        for call in calls if alone else ():
            if call.view.state is not CallState.ESTABLISHED:
                continue
            packets = self._received(call) or 0
            since, heard = before.get(call.id, (now, packets))
            since = since if packets == heard else now
            self._heard[call.id] = since, packets
            if now - since >= _patience_s(call.view):
                self._give_up(call, now - since)

    def _give_up(self, call: C, silent_s: float) -> None:
        _log.warning("lone_call_given_up", call=call.id, silent_s=round(silent_s))
        try:
            call.hang_up()
        except Refused as exc:
            _log.warning("hang_up_failed", call=call.id, detail=exc.detail)


def _patience_s(view: CallView) -> float:
    return HELD_S if view.local_hold or view.remote_hold else SILENT_S
