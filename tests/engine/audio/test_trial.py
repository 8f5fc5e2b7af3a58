"""Trying the devices out without a call, on a card of files, with real threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from softphone.domain.audio import AudioChoice, SoundTest, SoundTestPhase
from softphone.engine.audio import trial
from softphone.engine.audio.session import AudioSession
from tests import tones
from tests.peers.waiting import wait_for

_SAY = 440.0


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "RECORDED_S", 1.0)
    monkeypatch.setattr("softphone.engine.audio.session.RING_TEST_S", 0.8)


@pytest.fixture
def card(tmp_path: Path) -> AudioChoice:
    tones.write_wav(tmp_path / "mic.wav", tones.tone(_SAY, 2.0, 44100), 44100)
    return AudioChoice(
        microphone=f"file:{tmp_path / 'mic.wav'},{tmp_path / 'speaker.wav'}",
        echo_cancelling=False,
        noise_suppression=False,
        automatic_gain=False,
    )


@pytest.fixture
def session(card: AudioChoice) -> Iterator[AudioSession]:
    made = AudioSession(lambda _state: None)
    made.apply(card)
    yield made
    made.close()


def recorded(tmp_path: Path) -> tones.Samples:
    path = tmp_path / "speaker.wav"
    return tones.read_wav(path)[0] if tones.is_begun(path) else np.zeros(0)


def phases_until_over(session: AudioSession) -> list[SoundTestPhase]:
    """The phases of the running test, in order, each once."""
    seen: list[SoundTestPhase] = []

    def over() -> bool:
        phase = session.trial.phase
        if phase not in (*seen[-1:], SoundTestPhase.DONE):
            seen.append(phase)
        session.poll()
        return session.trial.phase is SoundTestPhase.OFF

    wait_for(over, "the end of the test", timeout_s=20)
    return seen


def test_the_agent_hears_themselves_a_moment_later_until_a_call_comes(
    session: AudioSession, tmp_path: Path
) -> None:
    assert session.start_trial(SoundTest.ECHO)
    wait_for(lambda: tones.loudest_dbfs(recorded(tmp_path), _SAY, 16000) > -25, "one's own voice")
    session.start_voice()
    wait_for(lambda: tones.level_dbfs(recorded(tmp_path)[-8000:], _SAY, 16000) < -60, "silence")
    assert not session.start_trial(SoundTest.ECHO)
    assert not any(thread.name == "audio-trial" for thread in threading.enumerate())


def test_what_is_recorded_is_played_back_and_how_loud_it_was_is_known(
    session: AudioSession, tmp_path: Path
) -> None:
    assert session.start_trial(SoundTest.RECORD)
    wait_for(lambda: session.trial.phase is SoundTestPhase.PLAYING, "the playing")
    assert session.trial.peak_dbfs == pytest.approx(-20, abs=1)
    wait_for(lambda: tones.loudest_dbfs(recorded(tmp_path), _SAY, 16000) > -25, "what was recorded")
    phases_until_over(session)


def test_noise_is_played_untreated_and_then_treated(session: AudioSession, tmp_path: Path) -> None:
    assert session.start_trial(SoundTest.NOISE)
    assert phases_until_over(session) == [
        SoundTestPhase.LISTENING,
        SoundTestPhase.PLAYING_UNTREATED,
        SoundTestPhase.PLAYING_TREATED,
    ]
    sound = recorded(tmp_path)
    loud = np.array(
        [tones.level_dbfs(part, _SAY, 16000) for part in np.array_split(sound, len(sound) // 1600)]
    )
    played = loud[loud > -60]
    assert played[:3].max() > -25
    assert played[-3:].max() < played.max() - 6  # a steady tone counts as noise


def test_listening_opens_the_microphone_and_plays_nothing(session: AudioSession, tmp_path: Path) -> None:
    assert session.start_trial(SoundTest.LISTEN)
    wait_for(lambda: session.levels()[0] > -25, "the microphone's level")
    session.stop_trial()
    assert tones.loudest_dbfs(recorded(tmp_path), _SAY, 16000) < tones.UNHEARD_DBFS


def test_the_ring_test_ends_by_itself(session: AudioSession, tmp_path: Path) -> None:
    assert session.start_trial(SoundTest.RING)
    wait_for(lambda: tones.loudest_dbfs(recorded(tmp_path), 659.26, 16000) > -40, "ringing")
    assert phases_until_over(session) in (
        [SoundTestPhase.RINGING],
        [SoundTestPhase.RINGING, SoundTestPhase.OFF],
    )


def test_a_call_that_rings_during_the_ring_test_goes_on_ringing(session: AudioSession) -> None:
    assert session.start_trial(SoundTest.RING)
    session.start_ringing()
    assert session.trial.phase is SoundTestPhase.OFF
    assert not session.start_trial(SoundTest.RING)
    session.stop_trial()
    assert session.is_ringing
    session.stop_ringing()
    assert not session.is_ringing


def test_stopping_when_nothing_runs_is_no_error(session: AudioSession) -> None:
    session.stop_trial()
    assert session.trial.test is None


def test_one_hears_oneself_quietly_where_side_tone_is_wanted(
    session: AudioSession, card: AudioChoice, tmp_path: Path
) -> None:
    session.apply(replace(card, side_tone=True))
    assert session.start_trial(SoundTest.LISTEN)
    wait_for(lambda: tones.loudest_dbfs(recorded(tmp_path), _SAY, 16000) > -36.5, "one's own voice")
    assert tones.loudest_dbfs(recorded(tmp_path), _SAY, 16000) < -33
