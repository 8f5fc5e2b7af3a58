"""The caller does not notice the kitchen: echo, noise and level, each switchable, on made-up speech."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.domain.audio import AudioChoice
from softphone.engine.audio.processing import Treatment, VoiceProcessor
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.engine.audio.voices import RATE, Sound, room, speech, vacuum

ECHO = Treatment(echo=True, noise=False, gain=False)
ECHO_AND_NOISE = Treatment(echo=True, noise=True, gain=False)
NOISE = Treatment(echo=False, noise=True, gain=False)
GAIN = Treatment(echo=False, noise=False, gain=True)


def _processed(treatment: Treatment | VoiceProcessor, near: Sound, far: Sound | None = None) -> Sound:
    processor = treatment if isinstance(treatment, VoiceProcessor) else VoiceProcessor(treatment)
    made = []
    near_samples = np.clip(near, -32768, 32767).astype(np.int16)
    far_samples = np.zeros_like(near_samples) if far is None else far.astype(np.int16)
    for at in range(0, len(near) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        frame = slice(at, at + FRAME_SAMPLES)
        made.append(processor.process(near_samples[frame], far_samples[frame]))
    return np.concatenate(made).astype(np.float64)


def _level_db(sound: Sound, start_s: float, end_s: float) -> float:
    part = sound[round(start_s * RATE) : round(end_s * RATE)]
    return float(20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-3))


def _loss_db(before: Sound, after: Sound, start_s: float, end_s: float) -> float:
    return _level_db(before, start_s, end_s) - _level_db(after, start_s, end_s)


@pytest.mark.parametrize("treatment", [ECHO_AND_NOISE, ECHO], ids=["noise suppressed", "noise let through"])
@pytest.mark.parametrize("delay_ms", [30, 60, 110, 200])
def test_the_callers_echo_is_gone_whatever_the_delay_of_the_card(
    delay_ms: float, treatment: Treatment
) -> None:
    """Settled: from the tenth second on, as `tests.bench.audio.treatment` measures it with people reading."""
    far = speech(20, seed=1)
    echo = room(far, delay_ms, loss_db=10)
    cleaned = _processed(treatment, echo, far)
    assert _loss_db(echo, cleaned, 0, 2) > 25
    assert _loss_db(echo, cleaned, 10, 20) > 45


def test_the_first_words_leave_no_echo_either_when_noise_suppression_was_switched_off() -> None:
    """It would have taken away what WebRTC's canceller leaves of them."""
    far = speech(3, seed=1)
    echo = room(far, 60, loss_db=10)
    before, after = VoiceProcessor(ECHO_AND_NOISE), VoiceProcessor(ECHO)
    before.treat(ECHO, at_once=True)
    heard = _processed(before, echo, far)
    assert _loss_db(echo, heard, 0, 2) > 30
    after.treat(ECHO_AND_NOISE, at_once=True)
    assert _loss_db(echo, _processed(after, echo, far), 0, 2) > 30


def test_the_agent_is_understood_while_the_caller_talks_too() -> None:
    far, near = speech(20, seed=1), speech(20, seed=77, pitch_hz=210) * 0.8
    near[: 10 * RATE] = 0
    cleaned = _processed(ECHO, room(far, 60, loss_db=10) + near, far)
    talk, heard = near[11 * RATE : 19 * RATE], cleaned[11 * RATE :]
    likeness = max(float(np.corrcoef(talk, heard[lag : lag + len(talk)])[0, 1]) for lag in range(320))
    assert likeness > 0.75


def test_a_vacuum_cleaner_is_much_softer_and_speech_is_not() -> None:
    noise, voice = vacuum(10, seed=3), speech(10, seed=9)
    assert _loss_db(noise, _processed(NOISE, noise), 3, 10) > 15
    assert abs(_loss_db(voice, _processed(NOISE, voice), 3, 10)) < 2


@pytest.mark.parametrize(("factor", "at_least_db"), [(0.05, 5), (0.2, 5), (1.0, -3), (3.0, -12)])
def test_a_soft_voice_is_lifted_and_a_loud_one_neither_clips_nor_shouts(
    factor: float, at_least_db: float
) -> None:
    voice = np.clip(speech(12, seed=9) * factor, -32768, 32767)
    lifted = _processed(GAIN, voice)
    assert _level_db(lifted, 6, 12) > _level_db(voice, 6, 12) + at_least_db
    assert np.abs(lifted).max() < 16_000


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_a_headset_without_echo_loses_no_word_while_both_talk(seed: int) -> None:
    far, near = speech(12, seed=seed), speech(12, seed=77 + seed, pitch_hz=210) * 0.8
    heard = _processed(ECHO, near, far)
    for start_s in range(2, 10):
        talk = near[start_s * RATE : (start_s + 1) * RATE]
        lags = range(0, 400, 4)
        best = max(float(np.corrcoef(talk, heard[start_s * RATE + lag :][: len(talk)])[0, 1]) for lag in lags)
        assert best > 0.9, f"second {start_s}"


def test_an_echo_that_appears_in_mid_call_is_found_and_cancelled() -> None:
    """The agent unplugs the headset and goes on with the loudspeaker."""
    far = speech(24, seed=2)
    echo = room(far, 60, loss_db=10)
    echo[: 10 * RATE] = 0
    cleaned = _processed(ECHO, echo, far)
    assert _loss_db(echo, cleaned, 12, 14) > 20
    assert _loss_db(echo, cleaned, 20, 24) > 35


def test_the_choice_switches_each_part_on_its_own() -> None:
    choice = AudioChoice(echo_cancelling=False, noise_suppression=True, automatic_gain=False)
    assert Treatment.of(choice) == NOISE
    off = Treatment.of(AudioChoice(echo_cancelling=False, noise_suppression=False, automatic_gain=False))
    assert not off.any
