"""Line quality from counters."""

from __future__ import annotations

import math

import pytest
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


def rated(delay_ms: float, loss_percent: float, robustness: float) -> float:
    """The whole of G.107 (06/2015) with its default values, written down from the recommendation: R0, Is of
    sections 7.2 and 7.3 (94.77 and 1.41), Idte and Idd of 7.4, Ie,eff of 7.5 with Ie 0, MOS of annex B."""
    base, simultaneous, telr = 94.7688, 1.4136, 65.0
    echo_path = telr - 40 * math.log10((1 + delay_ms / 10) / (1 + delay_ms / 150))
    echo_path += 6 * math.exp(-0.3 * delay_ms**2)
    half = (base - (80 + 2.5 * (echo_path - 14))) / 2
    echo = (half + math.sqrt(half**2 + 100) - 1) * (1 - math.exp(-delay_ms))
    tired = 0.0
    if delay_ms > 100:
        x = math.log2(delay_ms / 100)
        tired = 25 * ((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
    equipment = 95 * loss_percent / (loss_percent + robustness)
    r = max(0.0, base - simultaneous - echo - tired - equipment)
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def test_a_perfect_line_is_rated_93_and_so_4_41() -> None:
    assert mean_opinion("PCMA", 0.0, 0.0) == 4.41


@pytest.mark.parametrize("loss", [0.0, 1.0, 3.0, 5.0, 10.0, 20.0])
@pytest.mark.parametrize("delay_ms", [0.0, 60.0, 100.0, 150.0, 250.0, 400.0])
def test_the_short_formula_is_the_e_model(loss: float, delay_ms: float) -> None:
    """Delay by the usual straight lines instead of G.107's curves, which are a quarter milder at 400 ms."""
    near = 0.15 if delay_ms <= 250 else 0.25
    assert mean_opinion("PCMU", loss, delay_ms) == pytest.approx(rated(delay_ms, loss, 25.1), abs=near)


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
