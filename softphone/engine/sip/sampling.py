"""Line quality of the calls, measured from RTP counters every few seconds. Thread: the sip thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from softphone.domain.call import CallState
from softphone.domain.errors import Refused
from softphone.domain.events import Event, MediaQualityMeasured
from softphone.domain.ids import CallId
from softphone.engine.sip.call import SipCall
from softphone.engine.sip.quality import RtpCounters, measure

INTERVAL_S = 5.0


class QualitySampler:
    """Remembers each call's counters from one reading to the next."""

    def __init__(self, publish: Callable[[Event], None]) -> None:
        self._publish = publish
        self._before: dict[CallId, RtpCounters] = {}

    def sample(self, calls: Iterable[SipCall]) -> None:
        """Read all calls with a stream and publish what changed since the last reading."""
        seen: dict[CallId, RtpCounters] = {}
        for call in calls:
            counters = _counters(call)
            if counters is not None:
                seen[call.id] = counters
                before = self._before.get(call.id, RtpCounters())
                if counters.rx_packets < before.rx_packets:
                    before = RtpCounters()  # a re-INVITE has begun a new stream
                quality = measure(call.id, call.media.facts.codec, before, counters)
                self._publish(MediaQualityMeasured(quality))
        self._before = seen


def _counters(call: SipCall) -> RtpCounters | None:
    if call.view.state is not CallState.ESTABLISHED or not call.media.flowing or call.leg is None:
        return None
    try:
        return call.leg.counters(call.media.index)
    except Refused:
        return None
