"""A loudspeaker instead of a headset: the caller hears no echo, the agent is heard all the same."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.engine.audio.echo_canceller import EchoCanceller, webrtc
from softphone.engine.audio.echo_filter import EchoFilter, Samples
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.engine.audio.voices import RATE, Sound, room, speech


def frames(sound: Sound) -> list[Samples]:
    samples = np.clip(sound, -32768, 32767).astype(np.int16)
    return list(samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES))


def cleaned(canceller: EchoCanceller | EchoFilter, near: Sound, far: Sound) -> Sound:
    pairs = zip(frames(near), frames(far), strict=True)
    return np.concatenate([canceller.process(heard, loud) for heard, loud in pairs]).astype(np.float64)


def softer_db(before: Sound, after: Sound, start_s: float, end_s: float) -> float:
    part = slice(round(start_s * RATE), round(end_s * RATE))
    return float(10 * np.log10(np.mean(before[part] ** 2) / (np.mean(after[part] ** 2) + 1e-6)))


def likeness(said: Sound, heard: Sound, start_s: float, end_s: float) -> float:
    talk = said[round(start_s * RATE) : round(end_s * RATE)]
    after = heard[round(start_s * RATE) :]
    return max(float(np.corrcoef(talk, after[lag : lag + len(talk)])[0, 1]) for lag in range(0, 400, 4))


def through_webrtc(near: Sound, far: Sound) -> Sound:
    canceller = webrtc()
    pairs = zip(frames(near), frames(far), strict=True)
    return np.concatenate([canceller.process(heard, loud) for heard, loud in pairs]).astype(np.float64)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_words_of_an_agent_who_talks_at_the_same_time_come_through(seed: int) -> None:
    far, near = speech(16, seed=seed), speech(16, seed=77 + seed, pitch_hz=210) * 0.8
    near[: 8 * RATE] = 0
    heard = room(far, 60, loss_db=10, seed=seed) + near
    ours = likeness(near, cleaned(EchoCanceller(), heard, far), 9, 15)
    assert ours > 0.85
    assert ours > likeness(near, through_webrtc(heard, far), 9, 15)


def test_talking_at_the_same_time_from_the_first_word_on_confuses_nobody() -> None:
    far, near = speech(12, seed=4), speech(12, seed=80, pitch_hz=210) * 0.8
    echo = room(far, 60, loss_db=10, seed=4)
    echo_filter = EchoFilter()
    left = cleaned(echo_filter, echo + near, far) - near[: len(near) // FRAME_SAMPLES * FRAME_SAMPLES]
    assert softer_db(echo, left, 8, 12) > 6  # what it makes of the echo, while the agent never stops talking


def test_another_room_is_noticed_and_learnt() -> None:
    """The agent turns the loudspeaker, or opens a door: what was learnt is wrong now."""
    far = speech(24, seed=2)
    heard = room(far, 60, loss_db=10, seed=2)
    heard[10 * RATE :] = room(far, 90, loss_db=8, seed=9)[10 * RATE :]
    left = cleaned(EchoCanceller(), heard, far)
    assert softer_db(heard, left, 5, 10) > 35
    assert softer_db(heard, left, 12, 14) > 15
    assert softer_db(heard, left, 20, 24) > 35


def test_a_headset_is_nothing_to_learn_from() -> None:
    far, near = speech(8, seed=3), speech(8, seed=79, pitch_hz=210)
    echo_filter = EchoFilter()
    heard = cleaned(echo_filter, near, far)
    assert not echo_filter.converged
    assert (
        softer_db(heard - near[: len(heard)], near[: len(heard)], 2, 8) < -10
    )  # what it adds or takes is little


def test_without_an_echo_no_filter_runs() -> None:
    canceller = EchoCanceller()
    cleaned(canceller, speech(6, seed=79, pitch_hz=210), speech(6, seed=3))
    assert canceller._filter is None


def test_silence_teaches_nothing_and_breaks_nothing() -> None:
    silence = np.zeros(2 * RATE)
    echo_filter = EchoFilter()
    assert np.array_equal(cleaned(echo_filter, silence, silence), silence)
    assert not echo_filter.converged
