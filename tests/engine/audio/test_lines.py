"""The lines between the two clocks: starting, running dry, catching up, channels."""

from __future__ import annotations

import numpy as np
import pytest

from softphone.engine.audio.lines import MicrophoneLine, SpeakerLine
from softphone.engine.audio.ports import Shape
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.engine.audio.clockwork import (
    Disturbance,
    SimulatedTime,
    Sine,
    capture,
    glitches,
    playback,
)

_CARD = Shape(48000, 1, 480)
_STALL = Disturbance(stalls=((30.0, 0.15),))


def _blocks(line: MicrophoneLine, time: SimulatedTime, sine: Sine, count: int) -> None:
    for _ in range(count):
        time.now += 0.01
        mono = sine.next(480).astype(np.int16)
        line.take(np.repeat(mono, line.shape.channels).data.cast("B"))


def test_a_microphone_line_is_silent_until_it_holds_enough() -> None:
    line = MicrophoneLine(_CARD, SimulatedTime())
    assert not line.read_frame().any()
    assert line.underruns == 0


def test_a_microphone_that_stops_fades_away_instead_of_clicking_and_starts_again() -> None:
    time = SimulatedTime()
    line, sine = MicrophoneLine(_CARD, time), Sine(48000)
    frames = []
    for _ in range(20):
        _blocks(line, time, sine, 2)
        frames.append(line.read_frame())
    assert np.abs(frames[-1]).max() > 7000
    while line.underruns == 0:
        frames.append(line.read_frame())
    steps = np.abs(np.diff(np.concatenate(frames[5:])))
    assert steps.max() < 2500
    _blocks(line, time, sine, 8)
    assert np.abs(line.read_frame()).max() > 7000


def test_a_stereo_microphone_is_heard_in_mono_at_its_own_level() -> None:
    time = SimulatedTime()
    line, sine = MicrophoneLine(Shape(48000, 2, 480), time), Sine(48000)
    for _ in range(10):
        _blocks(line, time, sine, 2)
        frame = line.read_frame()
    assert np.abs(frame).max() == pytest.approx(8000, rel=0.02)


def test_a_speaker_block_without_frames_is_silence() -> None:
    line = SpeakerLine(_CARD, SimulatedTime())
    block = memoryview(bytearray(b"\xff" * 960))
    line.give(block)
    assert bytes(block) == bytes(960)
    assert line.underruns == 0


def test_a_speaker_whose_device_takes_its_time_to_begin_plays_without_delay_then() -> None:
    time = SimulatedTime()
    line, sine = SpeakerLine(_CARD, time), Sine(16000)
    for tick in range(75):
        line.write_frame(sine.next(FRAME_SAMPLES))
        for _ in range(2):
            time.now += 0.01
            if tick >= 25:
                line.give(memoryview(bytearray(960)))
    assert line.delay_ms < 25
    assert (line.underruns, line.cuts) == (0, 0)


def test_what_a_card_that_stalled_has_held_up_is_left_out_in_the_next_silence() -> None:
    time = SimulatedTime()
    line, hum = SpeakerLine(_CARD, time), Sine(16000)

    def second(loudness: float) -> None:
        for _ in range(50):
            for _ in range(2):
                time.now += 0.01
                line.give(memoryview(bytearray(960)))
            line.write_frame(hum.next(FRAME_SAMPLES) * np.float32(loudness))

    second(1.0)
    line.write_frame(hum.next(FRAME_SAMPLES))  # the card has missed two of its turns
    second(1.0)
    assert line.cuts == 0
    assert line.delay_ms > line.drift.aim_ms + 10
    second(0.0)
    assert line.cuts >= 1
    assert line.delay_ms < line.drift.aim_ms + 12
    assert line.underruns == 0


def test_what_was_not_fetched_from_the_microphone_is_left_out_in_the_next_silence() -> None:
    time = SimulatedTime()
    line, hum = MicrophoneLine(_CARD, time), Sine(48000)

    def second(loud: bool) -> None:
        for _ in range(50):
            if loud:
                _blocks(line, time, hum, 2)
            else:
                time.now += 0.02
                line.take(memoryview(bytes(1920)))
            line.read_frame()

    second(loud=True)
    _blocks(line, time, hum, 2)
    second(loud=True)
    assert line.cuts == 0
    second(loud=False)
    assert line.cuts >= 1
    assert line.delay_ms < line.drift.aim_ms + 12
    assert line.underruns == 0


def test_a_speaker_that_ran_dry_aims_higher_from_then_on() -> None:
    time = SimulatedTime()
    line, sine = SpeakerLine(_CARD, time), Sine(16000)
    block = memoryview(bytearray(960))
    line.give(block)
    line.write_frame(sine.next(FRAME_SAMPLES))
    aim = line.drift.aim_ms
    for _ in range(8):
        time.now += 0.01
        line.give(block)
    line.write_frame(sine.next(FRAME_SAMPLES))
    assert line.underruns == 1
    assert line.drift.aim_ms > aim


def test_after_a_pause_an_empty_ring_is_no_underrun() -> None:
    time = SimulatedTime()
    line, sine = SpeakerLine(_CARD, time), Sine(16000)
    line.give(memoryview(bytearray(960)))
    line.write_frame(sine.next(FRAME_SAMPLES))
    for _ in range(30):
        time.now += 0.01
        line.give(memoryview(bytearray(960)))
    line.write_frame(sine.next(FRAME_SAMPLES))
    assert line.underruns == 0


def test_what_was_said_while_muted_is_not_heard_after_unmuting() -> None:
    time = SimulatedTime()
    line, loud = MicrophoneLine(_CARD, time), Sine(48000)
    for _ in range(20):
        _blocks(line, time, loud, 2)
        line.read_frame()
    _blocks(line, time, loud, 200)
    silence = memoryview(bytes(960))
    frames = []
    for _ in range(20):
        for _ in range(2):
            time.now += 0.01
            line.take(silence)
        frames.append(line.read_frame())
    assert not np.concatenate(frames).any()
    assert line.underruns == 0


@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_a_stall_of_the_tick_costs_one_gap_and_the_delay_returns_to_normal(ppm: float) -> None:
    played = playback(90, ppm, _CARD, _STALL)
    assert 0 < glitches(played.sound[48000:], 48000) < 12
    assert played.slack_ms[-1] < 30
    captured = capture(90, ppm, _CARD, _STALL)
    assert glitches(captured.sound[16000:], 16000) < 12
    assert captured.slack_ms[-1] < 30


def test_short_stalls_of_the_tick_leave_the_microphone_whole() -> None:
    stalls = tuple((2.0 * number, 0.06) for number in range(1, 10))
    captured = capture(20, 50, _CARD, Disturbance(stalls=stalls))
    assert glitches(captured.sound[16000:], 16000) == 0
    assert captured.slack_ms[-1] < 25


def test_a_speaker_learns_from_a_tick_that_is_often_late() -> None:
    stalls = tuple((2.0 * number, 0.06) for number in range(1, 30))
    played = playback(60, 50, _CARD, Disturbance(stalls=stalls))
    assert glitches(played.sound[48000 * 20 :], 48000) == 0


def test_the_measure_of_glitches_sees_a_single_lost_block() -> None:
    sound = Sine(48000).next(48000)
    assert glitches(sound, 48000) == 0
    assert glitches(np.delete(sound, np.s_[20000:20100]), 48000) > 0


def test_too_much_waiting_audio_is_cut_out_20_ms_at_a_time() -> None:
    time = SimulatedTime()
    line, sine = MicrophoneLine(_CARD, time), Sine(48000)
    _blocks(line, time, sine, 8)
    line.read_frame()
    _blocks(line, time, sine, 7)
    for _ in range(60):
        _blocks(line, time, sine, 2)
        line.read_frame()
    assert line.cuts > 0
    assert line.ring.fill / 48 < line.drift.aim_ms + 60
