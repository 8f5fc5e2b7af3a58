"""Two clocks drift apart for half an hour and nobody hears it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.engine.audio.drift import DriftControl, Margins
from softphone.engine.audio.ports import Shape
from tests.engine.audio.clockwork import Disturbance, Outcome, capture, glitches, playback

_CARD = Shape(48000, 1, 480)
_OLD_CARD = Shape(44100, 2, 441)
_HALF_AN_HOUR = 1800.0


def _steady(outcome: Outcome, rate: int) -> None:
    assert glitches(outcome.sound[rate:], rate) == 0
    settled = outcome.slack_ms[60:]
    assert max(settled) < 30
    assert min(settled) > 8


@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_half_an_hour_of_capture_at_a_drifting_clock_has_no_glitch_and_a_bounded_delay(ppm: float) -> None:
    _steady(capture(_HALF_AN_HOUR, ppm, _CARD, Disturbance()), 16000)


@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_half_an_hour_of_playback_at_a_drifting_clock_has_no_glitch_and_a_bounded_delay(ppm: float) -> None:
    _steady(playback(_HALF_AN_HOUR, ppm, _CARD, Disturbance()), 48000)


@pytest.mark.parametrize("ppm", [-500.0, 0.0, 500.0])
def test_a_44100_hz_stereo_card_far_off_its_rate_is_served_without_a_glitch(ppm: float) -> None:
    _steady(capture(120.0, ppm, _OLD_CARD, Disturbance()), 16000)
    _steady(playback(120.0, ppm, _OLD_CARD, Disturbance()), 44100)


_TICK_MS = 20.0


@settings(deadline=None, max_examples=40)
@given(ppm=st.floats(-800, 800), slack_ms=st.floats(0, 80), noise=st.integers(0, 2**32 - 1))
def test_the_loop_settles_on_any_drift_from_any_start_and_never_corrects_audibly(
    ppm: float, slack_ms: float, noise: int
) -> None:
    control, chance = DriftControl(Margins(block_ms=10)), random.Random(noise)
    for _ in range(50 * 240):
        seen = slack_ms + chance.uniform(-3, 3)
        control.observe(seen, fill_ms=max(0.0, seen - 10))
        assert abs(control.correction_ppm) <= 3000
        slack_ms += _TICK_MS * (ppm - control.correction_ppm) * 1e-6
    assert abs(slack_ms - control.aim_ms) < 3
    assert abs(control.correction_ppm - ppm) < 600


@given(late=st.lists(st.floats(0, 1000), max_size=50))
def test_underruns_raise_the_aim_step_by_step_to_a_bound(late: list[float]) -> None:
    control = DriftControl(Margins(block_ms=10))
    before = control.aim_ms
    for late_ms in late:
        control.underran(late_ms)
        assert before <= control.aim_ms <= before + 15
        before = control.aim_ms
    assert control.aim_ms <= 10 + 80


def test_a_calm_line_comes_down_to_its_least_margin_and_not_below() -> None:
    control = DriftControl(Margins(block_ms=10, least_ms=4))
    for _ in range(50 * 600):
        control.observe(control.aim_ms, fill_ms=8)
    assert control.aim_ms == 14


def test_a_line_that_often_runs_low_keeps_its_margin() -> None:
    control = DriftControl(Margins(block_ms=10))
    aim = control.aim_ms
    for _ in range(50 * 600):
        control.observe(aim, fill_ms=2)
    assert control.aim_ms == aim


def test_audio_is_only_cut_when_too_much_has_waited_for_a_third_of_a_second() -> None:
    control = DriftControl(Margins(block_ms=10))
    much = control.aim_ms + 50
    assert not any(control.surplus_ms(much) for _ in range(14))
    assert not control.surplus_ms(control.aim_ms)
    assert [control.surplus_ms(much) for _ in range(15)].index(20.0) == 14


def test_a_little_that_waits_is_cut_out_only_where_it_is_quiet() -> None:
    control = DriftControl(Margins(block_ms=10))
    little = control.aim_ms + 17
    assert not any(control.surplus_ms(little) for _ in range(100))
    assert control.surplus_ms(little, quiet=True) == pytest.approx(17)
    control.left_out(17)
    assert not any(control.surplus_ms(control.aim_ms, quiet=True) for _ in range(100))


def test_a_stalls_excess_is_not_taken_for_drift_and_leaves_no_undershoot() -> None:
    control = DriftControl(Margins(block_ms=10))
    slack_ms, lowest = control.aim_ms + 35.0, float("inf")
    for _ in range(50 * 60):
        control.observe(slack_ms, fill_ms=2)
        slack_ms -= _TICK_MS * control.correction_ppm * 1e-6
        lowest = min(lowest, slack_ms - control.aim_ms)
    assert abs(slack_ms - control.aim_ms) < 1
    assert lowest > -1.5
