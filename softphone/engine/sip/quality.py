"""Line quality from RTP statistics: loss over the interval and a MOS by the E-model (ITU-T G.107).

What counts is what was not heard: a packet that comes too late is as lost as one that never came, and sound
in a payload that was not agreed on is none. Pure rules. Thread: any.
"""

from __future__ import annotations

from softphone.domain.audio import MediaQuality
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId

_R_BEST = 93.2
_BPL = {"PCMU": 25.1, "PCMA": 25.1, "G722": 14.0}
"""Robustness against random loss with concealment (G.113 appendix I; G.722 estimated between its modes)."""
_BPL_DEFAULT = 16.0
_DELAY_KNEE_MS = 177.3
_WORST_MOS = 1.0
_SURE_AFTER_S = 2.0
"""Shorter intervals say nothing about what was never sent or came late."""
_OWN_DELAY_MS = 60.0
"""Packetisation and what our own buffers add, beyond what the network takes."""
_ALL_PERCENT = 98.0
_STEADY_PER_S = 15
"""Packets a second of whoever sends all the time, in packets of 60 ms at most; comfort noise comes seldom."""
_MOST_BELIEVED_MS = 10_000.0


@dataclass(frozen=True, slots=True)
class RtpCounters:
    """Running totals of one stream: `lost` of `packets + lost` never came; times in milliseconds.

    Sound that came too `late` to be played, short `holes` in what was played, and how long it was `silent`
    because there was nothing to play.
    """

    rx_packets: int = 0
    rx_lost: int = 0
    tx_packets: int = 0
    tx_lost: int = 0
    rx_jitter_ms: float = 0.0
    tx_jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    buffer_ms: float = 0.0
    late_ms: float = 0.0
    holes_ms: float = 0.0
    silent_ms: float = 0.0


def measure(
    call_id: CallId, codec: str, before: RtpCounters, now: RtpCounters, s: float = 0.0
) -> MediaQuality:
    """Return the quality of the interval of `s` seconds between two readings of the counters."""
    late = _share(now.late_ms - before.late_ms, s)
    rx_loss = min(100.0, _percent(now.rx_lost - before.rx_lost, now.rx_packets - before.rx_packets) + late)
    sent = now.tx_packets - before.tx_packets
    tx_lost = min(now.tx_lost - before.tx_lost, sent)
    # the other side counts lost ones among those that we sent
    tx_loss = _percent(tx_lost, sent - tx_lost)
    never_sent = max(0.0, _share(now.holes_ms - before.holes_ms, s) - rx_loss)
    nothing = _nothing_arrives(before, now, s)
    heard = mean_opinion(codec, rx_loss + never_sent, _delay_ms(now, now.rx_jitter_ms))
    understood = mean_opinion(codec, tx_loss, _delay_ms(now, now.tx_jitter_ms))
    return MediaQuality(
        call_id,
        rx_loss_percent=round(rx_loss, 2),
        tx_loss_percent=tx_loss,
        rx_jitter_ms=now.rx_jitter_ms,
        tx_jitter_ms=now.tx_jitter_ms,
        round_trip_ms=now.round_trip_ms,
        mos=_WORST_MOS if nothing else min(heard, understood),
        codec=codec,
        never_sent_percent=round(never_sent, 1),
        nothing_arrives=nothing,
    )


def _nothing_arrives(before: RtpCounters, now: RtpCounters, s: float) -> bool:
    """No packet at all, or a stream of them of which none could be played: another codec than agreed on.

    A few packets without sound are comfort noise (RFC 3389), which this PJSIP does not play.
    """
    came = now.rx_packets - before.rx_packets
    if s < _SURE_AFTER_S:
        return False
    unplayable = _share(now.silent_ms - before.silent_ms, s) >= _ALL_PERCENT and came >= s * _STEADY_PER_S
    return came <= 0 or unplayable


def reported_loss(raw: int, sent: int) -> int:
    """What a receiver report says that was lost, 0 if it cannot be so.

    The count has 24 bits and a sign (RFC 3550, section 6.4.1): duplicates make it negative.
    """
    lost = raw - (1 << 24) if raw & (1 << 23) else raw
    return lost if 0 <= lost <= sent else 0


def believed_ms(reported_ms: float) -> float:
    """A time that the other side has told, 0 if it cannot be so."""
    return reported_ms if 0 <= reported_ms <= _MOST_BELIEVED_MS else 0.0


def _delay_ms(now: RtpCounters, jitter_ms: float) -> float:
    return now.round_trip_ms / 2 + jitter_ms * 2 + now.buffer_ms + _OWN_DELAY_MS


def _share(ms: float, s: float) -> float:
    """Percent of an interval that is long enough to tell."""
    return min(100.0, max(0.0, ms) / (s * 10)) if s >= _SURE_AFTER_S else 0.0


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
