"""The sound card that is loaded after registering."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
import time

import pytest

from softphone.domain.audio import AudioChoice, AudioState
from softphone.engine.audio.late import LOAD_AFTER_S, LateSound
from softphone.engine.audio.terms import FRAME_SAMPLES
from tests.peers.waiting import wait_for

SILENT = AudioChoice(microphone="null", speaker="null", ringer="null")


class Desk:
    """Polls a late sound card as the user agent does, in a time of its own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.told: list[AudioState] = []
        self.card = LateSound(self.told.append, lambda: self.now)

    def hears_of_devices(self) -> bool:
        self.card.poll()
        return bool(self.told)


def test_an_engine_that_is_to_register_has_not_loaded_any_sound() -> None:
    check = "import sys, softphone.engine.composition; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_sound_is_loaded_by_itself_a_moment_after_the_start_with_the_devices_last_chosen() -> None:
    desk = Desk()
    desk.card.apply(AudioChoice())
    desk.card.apply(SILENT)
    assert not any(desk.hears_of_devices() for _ in range(3))
    desk.now += LOAD_AFTER_S
    wait_for(desk.hears_of_devices, "the devices are told")
    assert desk.told[-1].microphone == "null"
    desk.card.close()


def test_a_ring_before_sound_is_loaded_rings_all_the_same() -> None:
    desk = Desk()
    desk.card.apply(SILENT)
    desk.card.start_ringing()
    wait_for(desk.hears_of_devices, "the ringer has its device")
    desk.card.stop_ringing()
    desk.card.close()


def test_frames_before_sound_is_loaded_are_silence() -> None:
    desk = Desk()
    frame = ctypes.create_string_buffer(b"\x55" * FRAME_SAMPLES * 2, FRAME_SAMPLES * 2)
    desk.card.playback_from(ctypes.addressof(frame), FRAME_SAMPLES * 2)
    desk.card.capture_into(ctypes.addressof(frame), FRAME_SAMPLES * 2)
    assert frame.raw == bytes(FRAME_SAMPLES * 2)
    desk.card.close()


def test_the_end_waits_for_what_still_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, closing, loaded = threading.Event(), threading.Event(), threading.Event()

    def load() -> None:
        begun.set()
        closing.wait()
        time.sleep(0.1)  # loading itself, not a wait for something
        loaded.set()

    monkeypatch.setattr("softphone.engine.audio.late._load", load)
    desk = Desk()
    desk.card.apply(SILENT)
    desk.now += LOAD_AFTER_S
    desk.card.poll()
    begun.wait()
    closing.set()
    desk.card.close()
    assert loaded.is_set()
