"""PortAudio's errors in our words, and a computer without PortAudio."""

from __future__ import annotations

import sys

import pytest

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.lines import MicrophoneLine
from softphone.engine.audio.portaudio import PortAudioHost, refusal_of
from softphone.engine.audio.ports import DeviceRefused, Refusal, Shape
from tests.engine.audio.clockwork import SimulatedTime

_JABRA = AudioDevice("Jabra", "ALSA", 1, 2)


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
