"""Echo cancelling, noise suppression and gain switched in mid-call: nobody hears that it was."""

from __future__ import annotations

import ctypes
from itertools import permutations
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from softphone.engine.audio.lines import MicrophoneLine
from softphone.engine.audio.processing import Treatment, VoiceProcessor
from softphone.engine.audio.terms import BRIDGE_HZ, FRAME_SAMPLES
from softphone.engine.audio.voice import FRAME_BYTES, VoicePath
from tests.engine.audio.voices import RATE, room, speech

NONE, NOISE = Treatment(False, False, False), Treatment(False, True, False)
ECHO, GAIN, ALL = Treatment(True, False, False), Treatment(False, False, True), Treatment(True, True, True)
HERTZ, LOUD = 300, 3000.0
BEFORE, AFTER = 100, 100


class Humming:
    """In place of a microphone's line: a steady tone."""

    def __init__(self) -> None:
        self._at = 0

    def read_frame(self) -> npt.NDArray[np.float32]:
        instants = (self._at + np.arange(FRAME_SAMPLES)) / BRIDGE_HZ
        self._at += FRAME_SAMPLES
        return (LOUD * np.sin(2 * np.pi * HERTZ * instants)).astype(np.float32)


def switched(first: Treatment, second: Treatment) -> npt.NDArray[np.float64]:
    """What the caller hears, from one to the other."""
    path, line = VoicePath(), cast("MicrophoneLine", Humming())
    buffer, heard = ctypes.create_string_buffer(FRAME_BYTES), []
    path.treat(first)
    for number in range(BEFORE + AFTER):
        if number == BEFORE:
            path.treat(second)
        path.capture(line, ctypes.addressof(buffer), FRAME_BYTES)
        heard.append(np.frombuffer(buffer.raw, np.int16).astype(float))
    return np.concatenate(heard)


def bends(sound: npt.NDArray[np.float64]) -> float:
    """The sharpest corner: a step is one, whatever its size."""
    return float(np.abs(np.diff(sound, 2)).max())


@pytest.mark.parametrize(("first", "second"), list(permutations((NONE, NOISE, ECHO, GAIN, ALL), 2)))
def test_switching_neither_clicks_nor_leaves_a_gap(first: Treatment, second: Treatment) -> None:
    heard = switched(first, second)
    at = BEFORE * FRAME_SAMPLES
    around = heard[at - FRAME_SAMPLES : at + 25 * FRAME_SAMPLES]
    loudest = np.abs(around).max()
    tone = 2 * np.pi * HERTZ / BRIDGE_HZ
    assert bends(around) < 1.5 * loudest * tone**2
    soft = np.abs(around.reshape(-1, 80)).max(axis=1).min()
    assert soft > 0.5 * min(np.abs(heard[at - 1600 : at]).max(), np.abs(heard[-1600:]).max())


@pytest.mark.parametrize("steps", list(permutations((NOISE, ECHO, GAIN, ALL))))
def test_whatever_was_on_before_frames_pass_as_they_are_when_all_is_off(steps: tuple[Treatment, ...]) -> None:
    processor, silence = VoiceProcessor(NONE), np.zeros(FRAME_SAMPLES, np.int16)
    for treatment in (*steps, NONE):
        processor.treat(treatment, at_once=True)
    processor.process(silence, silence)
    assert processor.idle
    assert not processor.hears_far


def test_an_echo_that_is_cancelled_stays_away_when_noise_and_gain_are_switched() -> None:
    far = speech(16, seed=2)
    echo = room(far, 60, loss_db=10)
    processor, made = VoiceProcessor(ECHO), []
    for number, at in enumerate(range(0, len(far) - FRAME_SAMPLES, FRAME_SAMPLES)):
        if number == 10 * 50:
            processor.treat(ALL)
        near = echo[at : at + FRAME_SAMPLES].astype(np.int16)
        made.append(processor.process(near, far[at : at + FRAME_SAMPLES].astype(np.int16)))
    left = np.concatenate(made).astype(float)
    span = slice(10 * RATE, 12 * RATE)
    softer_db = 10 * np.log10(np.mean(echo[span] ** 2) / max(1e-9, np.mean(left[span] ** 2)))
    assert softer_db > 25
