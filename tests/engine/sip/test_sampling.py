"""What the counters of a stream say about the interval since the last reading."""

from __future__ import annotations

from softphone.domain.audio import MediaQuality
from softphone.domain.ids import CallId
from softphone.engine.sip.quality import RtpCounters, believed_ms, measure, reported_loss

CALL = CallId("c")
S = 5.0


def interval(before: RtpCounters, now: RtpCounters, s: float = S) -> MediaQuality:
    return measure(CALL, "PCMA", before, now, s)


def test_packets_that_were_lost_on_the_way_are_not_missing_at_the_other_side() -> None:
    quality = interval(RtpCounters(), RtpCounters(rx_packets=225, rx_lost=25, holes_ms=500.0))
    assert (quality.rx_loss_percent, quality.never_sent_percent) == (10.0, 0.0)


def test_holes_that_the_network_did_not_make_are_the_other_sides_and_are_heard_as_loss() -> None:
    quality = interval(RtpCounters(), RtpCounters(rx_packets=200, holes_ms=1000.0))
    assert (quality.rx_loss_percent, quality.never_sent_percent) == (0.0, 20.0)
    assert quality.mos < 3.3


def test_a_caller_whose_telephone_leaves_out_silence_has_no_gaps() -> None:
    quality = interval(RtpCounters(), RtpCounters(rx_packets=210, silent_ms=800.0))
    assert quality.never_sent_percent == 0.0
    assert quality.mos > 4.2


def test_what_comes_too_late_is_as_lost_as_what_never_comes() -> None:
    quality = interval(RtpCounters(), RtpCounters(rx_packets=250, late_ms=1000.0, holes_ms=600.0))
    assert (quality.rx_loss_percent, quality.never_sent_percent) == (20.0, 0.0)
    assert quality.mos < 3.3


def test_silence_on_the_wire_is_one_way_audio_and_no_good_line() -> None:
    start = RtpCounters(rx_packets=100)
    quality = interval(start, RtpCounters(rx_packets=100, tx_packets=250, silent_ms=5000.0))
    assert quality.nothing_arrives
    assert quality.mos == 1.0


def test_a_stream_of_what_cannot_be_played_is_one_way_audio_too() -> None:
    quality = interval(RtpCounters(), RtpCounters(rx_packets=250, silent_ms=5000.0))
    assert quality.nothing_arrives
    assert quality.mos == 1.0


def test_comfort_noise_instead_of_sound_is_a_pause_of_the_caller() -> None:
    assert not interval(RtpCounters(), RtpCounters(rx_packets=25, silent_ms=5000.0)).nothing_arrives


def test_packets_of_30_40_and_60_ms_are_as_good_as_those_of_20() -> None:
    for ms in (10, 20, 30, 40, 60):
        quality = interval(RtpCounters(), RtpCounters(rx_packets=5000 // ms))
        assert (quality.never_sent_percent, quality.nothing_arrives) == (0.0, False)
        assert quality.mos > 4.2


def test_a_moment_is_too_short_to_tell() -> None:
    quality = interval(RtpCounters(), RtpCounters(rx_packets=3, holes_ms=400.0, silent_ms=500.0), 0.5)
    assert (quality.never_sent_percent, quality.nothing_arrives) == (0.0, False)


def test_a_line_on_which_only_we_are_lost_is_no_good_line() -> None:
    quality = interval(RtpCounters(), RtpCounters(rx_packets=250, tx_packets=250, tx_lost=50))
    assert quality.tx_loss_percent == 20.0
    assert quality.mos < 3.3


def test_a_report_of_duplicates_or_of_more_than_was_sent_is_no_loss() -> None:
    assert reported_loss(7, sent=250) == 7
    assert reported_loss(0xFFFFFD, sent=250) == 0  # -3: RFC 3550, section 6.4.1
    assert reported_loss(1_000_000, sent=250) == 0


def test_a_time_that_cannot_be_is_not_told() -> None:
    assert believed_ms(35.0) == 35.0
    assert believed_ms(536_870.0) == 0.0  # 2^32 - 1 units of a clock of 8000 Hz
