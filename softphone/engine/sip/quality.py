"""Line quality from RTP statistics: loss over the interval and a MOS by the E-model (ITU-T G.107).

Pure rules. Thread: any.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from softphone.domain.audio import MediaQuality
from softphone.domain.ids import CallId

_R_BEST = 93.2
_BPL = {"PCMU": 25.1, "PCMA": 25.1, "G722": 14.0}
"""Robustness against random loss with concealment (G.113 appendix I; G.722 estimated between its modes)."""
_BPL_DEFAULT = 16.0
_DELAY_KNEE_MS = 177.3
_FRAMES_PER_S = 50
"""Of 20 ms each: what all our codecs are asked for (`Endpoint`)."""
_SURE_AFTER_S = 2.0
"""Shorter intervals say nothing about what was never sent."""
_OWN_DELAY_MS = 60.0
"""Packetisation and what our own buffers add, beyond what the network takes."""


@dataclass(frozen=True, slots=True)
class RtpCounters:
    """Running totals of one stream: `lost` of `packets + lost` never came; times in milliseconds."""

    rx_packets: int = 0
    rx_lost: int = 0
    tx_packets: int = 0
    tx_lost: int = 0
    rx_jitter_ms: float = 0.0
    tx_jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    buffer_ms: float = 0.0


def measure(call_id: CallId, codec: str, before: RtpCounters, now: RtpCounters) -> MediaQuality:
    """Return the quality of the interval between two readings of the counters."""
    rx_loss = _percent(now.rx_lost - before.rx_lost, now.rx_packets - before.rx_packets)
    sent = now.tx_packets - before.tx_packets
    tx_lost = now.tx_lost - before.tx_lost
    # the other side counts lost ones among those that we sent
    tx_loss = _percent(tx_lost, sent - tx_lost)
    delay_ms = now.round_trip_ms / 2 + now.rx_jitter_ms * 2 + now.buffer_ms + _OWN_DELAY_MS
    return MediaQuality(
        call_id,
        rx_loss_percent=rx_loss,
        tx_loss_percent=tx_loss,
        rx_jitter_ms=now.rx_jitter_ms,
        tx_jitter_ms=now.tx_jitter_ms,
        round_trip_ms=now.round_trip_ms,
        mos=mean_opinion(codec, rx_loss, delay_ms),
        codec=codec,
    )


def with_missing(quality: MediaQuality, before: RtpCounters, now: RtpCounters, s: float) -> MediaQuality:
    """`quality` with what should have come in `s` seconds, was not lost on the way, and yet is not here."""
    if s < _SURE_AFTER_S:
        return quality
    came = now.rx_packets - before.rx_packets
    lost = max(0, now.rx_lost - before.rx_lost)
    missing = max(0.0, 1 - (came + lost) / (s * _FRAMES_PER_S))
    return replace(quality, never_sent_percent=round(100 * missing, 1), nothing_arrives=came <= 0)


def mean_opinion(codec: str, loss_percent: float, delay_ms: float) -> float:
    """Estimate what a listener would say from 1 to 4.5 (G.107 sections 7 and B)."""
    late = max(0.0, delay_ms - _DELAY_KNEE_MS)
    impairment_delay = 0.024 * delay_ms + 0.11 * late
    impairment_loss = 95.0 * loss_percent / (loss_percent + _BPL.get(codec.upper(), _BPL_DEFAULT))
    r = max(0.0, min(100.0, _R_BEST - impairment_delay - impairment_loss))
    mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6
    return round(max(1.0, min(4.5, mos)), 2)


def _percent(lost: int, arrived: int) -> float:
    total = lost + arrived
    if lost <= 0 or total <= 0:
        return 0.0
    return round(min(100.0, 100.0 * lost / total), 2)
