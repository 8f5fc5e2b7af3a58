"""Gain without clicks, meters that forget nothing in between, microphones that are dead or too loud."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.engine.audio.levels import SILENCE_DBFS, Fader, PeakMeter, dbfs, factor
from softphone.engine.audio.microphone_watch import MicrophoneWatch


def _frame(value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.full(320, value, np.float32)


def _is_silent(watch: MicrophoneWatch) -> bool:
    return watch.silent


@pytest.mark.parametrize(
    ("gain_db", "expected"), [(0, 1.0), (20, 10.0), (90, 10.0), (-20, 0.1), (-60, 0.0), (-500, 0.0)]
)
def test_gain_is_bounded_and_60_db_down_is_silence(gain_db: float, expected: float) -> None:
    assert factor(gain_db) == pytest.approx(expected)


def test_gain_that_is_no_number_is_silence() -> None:
    assert factor(float("nan")) == 0.0


def test_a_new_gain_takes_a_whole_frame_to_arrive() -> None:
    fader, frame = Fader(), _frame(10000)
    fader.aim(-60)
    fader.apply(frame)
    assert np.abs(np.diff(frame)).max() < 40
    after = _frame(10000)
    fader.apply(after)
    assert not after.any()


def test_unity_gain_leaves_every_sample_as_it_is() -> None:
    frame = _frame(123)
    Fader().apply(frame)
    assert (frame == 123).all()


def test_the_meter_keeps_the_highest_peak_until_it_is_asked() -> None:
    meter = PeakMeter()
    for value in (100, -16384, 5):
        meter.feed(_frame(value))
    assert meter.take_dbfs() == pytest.approx(-6.02, abs=0.01)
    assert meter.take_dbfs() == SILENCE_DBFS


def test_full_scale_is_zero_dbfs() -> None:
    assert dbfs(32768) == 0.0


def test_a_microphone_is_called_dead_after_three_seconds_of_zeros_and_not_before() -> None:
    watch = MicrophoneWatch()
    for _ in range(149):
        watch.feed(_frame(0))
    assert not _is_silent(watch)
    for _ in range(2):
        watch.feed(_frame(1))
    assert _is_silent(watch)
    watch.feed(_frame(40))
    assert not _is_silent(watch)


def test_the_quiet_noise_of_a_working_microphone_is_not_silence() -> None:
    watch, noise = MicrophoneWatch(), np.random.default_rng(1)
    for _ in range(500):
        watch.feed(noise.normal(0, 3, 320).astype(np.float32))
    assert not watch.silent


def test_repeated_clipping_is_told_and_forgiven() -> None:
    watch = MicrophoneWatch()
    for _ in range(20):
        watch.feed(_frame(32767))
        watch.feed(_frame(20000))
    assert watch.clipped
    for _ in range(200):
        watch.feed(_frame(9000))
    assert not watch.clipped


def test_the_word_about_clipping_does_not_flicker_between_two_syllables() -> None:
    watch = MicrophoneWatch()
    for _ in range(15):
        watch.feed(_frame(32767))
    for _ in range(25):
        watch.feed(_frame(9000))
        assert watch.clipped


def test_a_single_bang_is_not_clipping() -> None:
    watch = MicrophoneWatch()
    for _ in range(5):
        watch.feed(_frame(32767))
    assert not watch.clipped
