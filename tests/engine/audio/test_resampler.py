"""The resampler keeps tones pure, frequencies right, and asks for exactly what it uses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.engine.audio.resampler import Resampler
from softphone.engine.audio.wav import convert
from tests.engine.audio.clockwork import Sine

_RATES = [(16000, 48000), (48000, 16000), (16000, 44100), (44100, 16000), (16000, 8000), (16000, 16000)]


def _noise_db(sound: npt.NDArray[np.float32], hertz: float, rate: int) -> float:
    """Power of everything that is not the tone, relative to the tone."""
    turns = 2 * np.pi * hertz / rate * np.arange(len(sound))
    basis = np.stack([np.sin(turns), np.cos(turns)], axis=1)
    amplitudes = np.linalg.lstsq(basis, sound, rcond=None)[0]
    rest = sound - basis @ amplitudes
    return float(20 * np.log10(rest.std() / (np.hypot(*amplitudes) / np.sqrt(2))))


@pytest.mark.parametrize(("in_hz", "out_hz"), _RATES)
@pytest.mark.parametrize("correction", [1.0, 1.0002, 0.997])
def test_a_tone_stays_pure_and_is_shifted_by_the_correction_only(
    in_hz: int, out_hz: int, correction: float
) -> None:
    resampler, sine = Resampler(in_hz, out_hz), Sine(in_hz, 1000.0)
    made = np.concatenate([resampler.consume(sine.next(in_hz // 50), correction) for _ in range(100)])
    assert _noise_db(made[out_hz // 10 :], 1000.0 * correction, out_hz) < -60


def test_what_is_above_the_lower_rate_does_not_fold_back() -> None:
    resampler, sine = Resampler(48000, 16000), Sine(48000, 11000.0)
    made = np.concatenate([resampler.consume(sine.next(960), 1.0) for _ in range(50)])
    assert np.abs(made[1600:]).max() < 8000 * 10 ** (-50 / 20)


@settings(deadline=None)
@given(
    rates=st.sampled_from(_RATES),
    corrections=st.lists(st.floats(0.99, 1.01), min_size=1, max_size=40),
    outputs=st.integers(1, 400),
)
def test_it_makes_exactly_what_is_asked_from_exactly_what_it_says_it_needs(
    rates: tuple[int, int], corrections: list[float], outputs: int
) -> None:
    resampler = Resampler(*rates)
    for correction in corrections:
        need = resampler.needed(outputs, correction)
        assert len(resampler.produce(np.zeros(need, np.float32), outputs, correction)) == outputs


@settings(deadline=None)
@given(rates=st.sampled_from(_RATES), pieces=st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_feeding_piece_by_piece_gives_what_feeding_at_once_gives(
    rates: tuple[int, int], pieces: list[int]
) -> None:
    sine = Sine(rates[0])
    blocks = [sine.next(size) for size in pieces]
    whole = Resampler(*rates).consume(np.concatenate([*blocks, np.zeros(0, np.float32)]), 1.0)
    resampler = Resampler(*rates)
    bits = [resampler.consume(block, 1.0) for block in blocks]
    joined = np.concatenate([*bits, np.zeros(0, np.float32)])
    common = min(len(joined), len(whole))
    assert abs(len(joined) - len(whole)) <= 1  # a position that falls on the last sample but for rounding
    assert np.allclose(joined[:common], whole[:common], atol=200)  # one phase step of the table


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_a_converted_clip_keeps_its_length_in_time(rate: int) -> None:
    clip = Sine(rate).next(rate)
    assert len(convert(clip, rate, 16000)) == 16000
