"""Line quality of the calls, measured from RTP counters every few seconds. Thread: the sip thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from softphone.domain.call import CallState
from softphone.domain.errors import Refused
from softphone.domain.events import Event, MediaQualityMeasured
from softphone.domain.ids import CallId
from softphone.engine.sip.call import SipCall
from softphone.engine.sip.quality import RtpCounters, measure

INTERVAL_S = 5.0


class QualitySampler:
    """Remembers each call's counters from one reading to the next.

    `gaps` counts how often the sound card had nothing to play since its lines were opened.
    """

    def __init__(
        self,
        publish: Callable[[Event], None],
        gaps: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._publish = publish
        self._gaps = gaps
        self._clock = clock
        self._before: dict[CallId, tuple[float, RtpCounters]] = {}
        self._gaps_before = 0

    def sample(self, calls: Iterable[SipCall]) -> None:
        """Read all calls with a stream and publish what changed since the last reading."""
        now, gaps = self._clock(), self._gaps()
        fresh = gaps - self._gaps_before if gaps >= self._gaps_before else gaps
        seen: dict[CallId, tuple[float, RtpCounters]] = {}
        for call in calls:
            counters = _counters(call)
            if counters is None:
                continue
            seen[call.id] = now, counters
            at, before = self._before.get(call.id, (now, RtpCounters()))
            if counters.rx_packets < before.rx_packets or counters.tx_packets < before.tx_packets:
                at, before = now, RtpCounters()  # a re-INVITE has begun a new stream
            quality = measure(call.id, call.media.facts.codec, before, counters, now - at)
            self._publish(MediaQualityMeasured(replace(quality, sound_gaps=fresh)))
        self._before, self._gaps_before = seen, gaps


def _counters(call: SipCall) -> RtpCounters | None:
    if call.view.state is not CallState.ESTABLISHED or not call.media.flowing or call.leg is None:
        return None
    try:
        return call.leg.counters(call.media.index)
    except Refused:
        return None


def packets_received(call: SipCall) -> int | None:
    """How many packets of the other side have come on this stream, None while there is none."""
    counters = _counters(call)
    return counters.rx_packets if counters is not None else None
