"""What the counters of a stream say about the interval since the last reading."""

from __future__ import annotations

from softphone.domain.ids import CallId
from softphone.engine.sip.quality import RtpCounters, measure, with_missing

CALL = CallId("c")


def interval(before: RtpCounters, now: RtpCounters, s: float) -> tuple[float, bool]:
    quality = with_missing(measure(CALL, "PCMA", before, now), before, now, s)
    return quality.never_sent_percent, quality.nothing_arrives


def test_packets_that_were_lost_on_the_way_are_not_missing_at_the_other_side() -> None:
    assert interval(RtpCounters(), RtpCounters(rx_packets=225, rx_lost=25), 5.0) == (0.0, False)


def test_packets_that_nobody_sent_are_missing_at_the_other_side() -> None:
    assert interval(RtpCounters(), RtpCounters(rx_packets=200), 5.0) == (20.0, False)


def test_silence_on_the_wire_is_one_way_audio() -> None:
    start = RtpCounters(rx_packets=100)
    assert interval(start, RtpCounters(rx_packets=100, tx_packets=250), 5.0) == (100.0, True)


def test_a_moment_is_too_short_to_tell() -> None:
    assert interval(RtpCounters(), RtpCounters(rx_packets=3), 0.5) == (0.0, False)
