"""Two clocks drift apart for half an hour and nobody hears it."""

from __future__ import annotations

import pytest

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
