"""Line quality from counters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.ids import CallId
from softphone.engine.sip.quality import RtpCounters, mean_opinion, measure

CALL = CallId("c")


def test_a_clean_line_is_nearly_perfect() -> None:
    quality = measure(CALL, "PCMA", RtpCounters(), RtpCounters(rx_packets=250, tx_packets=250))
    assert quality.rx_loss_percent == 0
    assert 4.2 < quality.mos <= 4.5


def test_loss_is_that_of_the_interval_and_not_of_the_whole_call() -> None:
    before = RtpCounters(rx_packets=1000, rx_lost=500, tx_packets=1000)
    now = RtpCounters(rx_packets=1090, rx_lost=510, tx_packets=1100, tx_lost=5)
    quality = measure(CALL, "PCMA", before, now)
    assert quality.rx_loss_percent == 10.0
    assert quality.tx_loss_percent == 5.0


def test_ten_percent_loss_is_clearly_worse() -> None:
    assert mean_opinion("PCMA", 10.0, 80.0) < 3.5


def test_a_long_delay_is_worse_than_a_short_one() -> None:
    assert mean_opinion("PCMA", 0.0, 500.0) < mean_opinion("PCMA", 0.0, 100.0) - 0.5


@given(
    loss=st.floats(0, 100),
    more=st.floats(0, 100),
    delay_ms=st.floats(0, 5000),
    codec=st.sampled_from(["PCMA", "PCMU", "G722", "unknown"]),
)
def test_more_loss_never_sounds_better(loss: float, more: float, delay_ms: float, codec: str) -> None:
    low, high = sorted((loss, more))
    better, worse = mean_opinion(codec, low, delay_ms), mean_opinion(codec, high, delay_ms)
    assert 1.0 <= worse <= better <= 4.5
