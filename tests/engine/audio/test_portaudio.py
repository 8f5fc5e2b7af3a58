"""PortAudio's errors in our words, and a computer without PortAudio."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from softphone.domain.audio import AudioDevice
from softphone.engine.audio import portaudio, portaudio_library
from softphone.engine.audio.catalogue import JACK
from softphone.engine.audio.lines import MicrophoneLine
from softphone.engine.audio.portaudio import PortAudioHost, refusal_of
from softphone.engine.audio.ports import DeviceRefused, Refusal, Shape
from softphone.engine.audio.watch import NativeWatch
from tests.engine.audio.clockwork import SimulatedTime

_JABRA = AudioDevice("Jabra", "ALSA", 1, 2)
_POLY = AudioDevice("Poly", "ALSA", 1, 2)
_SHAPE = Shape(48000, 1, 480)


class Stream:
    """One of sounddevice's streams; keeps its callback as that does."""

    def __init__(self, **settings: object) -> None:
        self.callback = settings["callback"]
        self.active = False

    def start(self) -> None:
        self.active = True

    def abort(self, ignore_errors: bool) -> None:
        assert ignore_errors
        self.active = False

    def close(self, ignore_errors: bool) -> None:
        assert ignore_errors


def _sound(*devices: AudioDevice) -> SimpleNamespace:
    """The module sounddevice with these devices of one host API."""
    api = devices[0].host_api
    hosts = ({"name": api, "devices": devices, "default_input_device": 0, "default_output_device": 0},)
    entries = [
        {
            "name": device.name, "hostapi": 0, "default_samplerate": 48000.0,
            "max_input_channels": device.inputs, "max_output_channels": device.outputs,
        }
        for device in devices
    ]  # fmt: skip
    return SimpleNamespace(
        _initialized=0, _initialize=lambda: None, _terminate=lambda: None, PortAudioError=OSError,
        query_hostapis=lambda: hosts, query_devices=lambda: entries, RawInputStream=Stream,
    )  # fmt: skip


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[PortAudioHost]:
    monkeypatch.setitem(sys.modules, "sounddevice", _sound(_JABRA))
    opened = PortAudioHost()
    assert [device.name for device in opened.devices()] == ["Jabra"]
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("code", "host", "reason"),
    [
        (-9985, (), Refusal.BUSY),
        (-9996, (), Refusal.GONE),
        (-9998, (), Refusal.SHAPE),
        (-9997, (), Refusal.SHAPE),
        (-9999, (8, -2147024891, "Access is denied."), Refusal.DENIED),
        (-9999, (2, 0x80070005, "Zugriff verweigert 0x80070005"), Refusal.DENIED),
        (-9999, (2, 1, "something else"), Refusal.OTHER),
    ],
)
def test_each_error_of_portaudio_is_told_as_what_the_agent_can_do_something_about(
    code: int, host: tuple[object, ...], reason: Refusal
) -> None:
    error = Exception("Error opening RawInputStream", code, *([host] if host else []))
    assert refusal_of(error).reason is reason


def test_a_text_from_the_driver_is_one_bounded_line() -> None:
    refusal = refusal_of(Exception("bad\nnews\x1b[0m" + "!" * 1000, -9999))
    assert "\n" not in refusal.detail
    assert len(refusal.detail) <= 200


def test_a_computer_without_the_library_has_no_devices_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    host = PortAudioHost()
    assert host.devices() == ()
    with pytest.raises(DeviceRefused) as refused:
        host.open_input(_JABRA, Shape(48000, 1, 480), MicrophoneLine(Shape(48000, 1, 480), SimulatedTime()))
    assert refused.value.reason is Refusal.GONE
    host.close()


def test_a_closed_stream_holds_neither_its_line_nor_its_buffers(host: PortAudioHost) -> None:
    line = MicrophoneLine(_SHAPE, SimulatedTime())
    stream = host.open_input(host.devices()[0], _SHAPE, line)
    assert stream.running
    known = weakref.ref(line)
    stream.close()
    del line, stream
    gc.collect()
    assert known() is None


def test_a_device_that_has_gone_is_out_of_reach_until_the_next_look(host: PortAudioHost) -> None:
    (jabra,) = host.devices()
    assert host.reaches(jabra)
    assert not host.reaches(AudioDevice("Poly", "ALSA", 1, 2))
    host.note_gone(jabra)
    assert not host.reaches(jabra)
    host.look_again()
    assert host.reaches(jabra)


def test_at_a_jack_server_what_was_listed_once_is_reached_whenever_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its ports are looked up by name when a stream is opened; of a new direction PortAudio knows nothing."""
    monkeypatch.setattr(portaudio_library, "_has_jack", lambda _sound: False)
    headset = AudioDevice("Headset", JACK, 1, 0)
    monkeypatch.setitem(sys.modules, "sounddevice", _sound(AudioDevice("system", JACK, 1, 2), headset))
    host = PortAudioHost()
    host.devices()
    host.note_gone(headset)
    assert host.reaches(headset)
    assert host.reaches(AudioDevice("system", JACK, 1, 0))
    assert not host.reaches(AudioDevice("Headset", JACK, 1, 2))
    assert not host.reaches(AudioDevice("Novelty", JACK, 1, 2))
    host.note_jack_died()
    assert not host.reaches(headset)


class Watching(NativeWatch):
    """Says what the test says."""

    def __init__(self, *seen: AudioDevice) -> None:
        super().__init__(lambda: "")
        self.found = seen
        self.left = 0

    def seen(self) -> tuple[AudioDevice, ...]:
        return self.found

    def departures(self, key: str) -> int:
        return self.left


def test_a_device_of_alsa_keeps_the_direction_that_we_have_open_ourselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ALSA hides each open direction from others: the other one alone is listed, if that is free."""
    monkeypatch.setitem(sys.modules, "sounddevice", _sound(_JABRA))
    watch = Watching(_JABRA)
    host = PortAudioHost(watch)
    (jabra,) = host.devices()
    stream = host.open_input(jabra, _SHAPE, MicrophoneLine(_SHAPE, SimulatedTime()))
    watch.found = (replace(jabra, inputs=0), _POLY)
    assert host.preview() == (jabra, _POLY)
    watch.found = (_POLY,)
    assert host.preview() == (_POLY, jabra)
    stream.close()
    assert host.preview() == (_POLY,)
    host.close()


def test_a_device_that_wobbles_while_it_is_opened_is_opened_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its ports were joined before it left, and are not joined again."""
    watch = Watching()

    class Wobbling(Stream):
        def start(self) -> None:
            super().start()
            watch.left += 1

    sound = _sound(AudioDevice("Headset", JACK, 1, 1))
    sound.RawInputStream = Wobbling
    monkeypatch.setitem(sys.modules, "sounddevice", sound)
    monkeypatch.setattr(portaudio, "jack_is_safe", lambda _sound: True)
    monkeypatch.setattr(portaudio, "fresh_portaudio", lambda _died: sound)
    host = PortAudioHost(watch)
    (headset,) = host.devices()
    stream = host.open_input(headset, _SHAPE, MicrophoneLine(_SHAPE, SimulatedTime()))
    assert not stream.running
    stream.close()
