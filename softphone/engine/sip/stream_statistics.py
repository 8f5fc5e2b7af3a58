"""What PJSIP counts about one stream, as our totals. Thread: the sip thread."""

from __future__ import annotations

from typing import Any

from softphone.engine.sip.quality import RtpCounters, believed_ms, reported_loss

_BYTES_PER_MS = 8
"""Of all our codecs: 64 kbit/s."""
_PACKET_MS = 20
_TICK_MS = 20
"""The bridge asks for sound this often (`Endpoint`)."""


def counters_of(stat: Any) -> RtpCounters:
    """Translate a `StreamStat`.

    The jitter buffer counts frames, which are shorter than packets (10 ms of A-law), and each tick that found
    it empty. It throws away what comes late and what comes twice; only the first was missed. The packets that
    RTCP calls discarded are among the lost ones already.
    """
    rtcp, buffer = stat.rtcp, stat.jbuf
    frame_ms = buffer.frameSize / _BYTES_PER_MS
    return RtpCounters(
        rx_packets=int(rtcp.rxStat.pkt),
        rx_lost=int(rtcp.rxStat.loss),
        tx_packets=int(rtcp.txStat.pkt),
        tx_lost=reported_loss(int(rtcp.txStat.loss), int(rtcp.txStat.pkt)),
        rx_jitter_ms=rtcp.rxStat.jitterUsec.last / 1000,
        tx_jitter_ms=believed_ms(rtcp.txStat.jitterUsec.last / 1000),
        round_trip_ms=believed_ms(rtcp.rttUsec.last / 1000),
        buffer_ms=float(buffer.avgDelayMsec),
        late_ms=max(0.0, buffer.discard * frame_ms - rtcp.rxStat.dup * _PACKET_MS),
        holes_ms=buffer.lost * frame_ms,
        silent_ms=float(buffer.empty * _TICK_MS),
    )
