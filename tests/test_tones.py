"""The measure that proves sound in all other tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import tones


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("level_dbfs", [-6.0, -20.0, -44.0])
def test_the_level_of_a_tone_is_measured_as_it_was_made(rate_hz: int, level_dbfs: float) -> None:
    samples = tones.tone(440, 0.5, rate_hz, level_dbfs=level_dbfs)
    assert tones.level_dbfs(samples, 440, rate_hz) == pytest.approx(level_dbfs, abs=0.2)


def test_a_neighbouring_loud_tone_is_not_taken_for_the_one_asked() -> None:
    samples = tones.tone(880, 0.5, 16_000, level_dbfs=-6) + tones.tone(440, 0.5, 16_000, level_dbfs=-40)
    assert tones.level_dbfs(samples, 440, 16_000) == pytest.approx(-40, abs=0.5)
    assert tones.level_dbfs(samples, 1_200, 16_000) < tones.UNHEARD_DBFS


def test_silence_and_nothing_at_all_are_reported_as_silence() -> None:
    assert tones.level_dbfs(tones.silence(0.5, 8_000), 440, 8_000) == tones.SILENCE_DBFS
    assert tones.level_dbfs(np.zeros(0), 440, 8_000) == tones.SILENCE_DBFS
    assert tones.rms_dbfs(np.zeros(0)) == tones.SILENCE_DBFS


def test_a_short_tone_in_long_silence_was_heard() -> None:
    samples = np.concatenate([tones.silence(2, 8_000), tones.tone(440, 0.3, 8_000), tones.silence(2, 8_000)])
    assert tones.loudest_dbfs(samples, 440, 8_000) > tones.HEARD_DBFS
    assert tones.loudest_dbfs(samples, 880, 8_000) < tones.UNHEARD_DBFS


def test_a_written_wave_file_reads_back_the_same_within_a_sample_step(tmp_path: Path) -> None:
    samples = tones.tone(1_000, 0.1, 16_000)
    read, rate_hz = tones.read_wav(tones.write_wav(tmp_path / "tone.wav", samples, 16_000))
    assert rate_hz == 16_000
    assert np.max(np.abs(read - samples)) < 2 / 32768


def test_the_power_of_a_sine_is_its_level() -> None:
    assert tones.rms_dbfs(tones.tone(440, 1.0, 16_000, level_dbfs=-20)) == pytest.approx(-20, abs=0.1)
