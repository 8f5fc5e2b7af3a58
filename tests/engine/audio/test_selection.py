"""Preferred, fallback, default: which device serves a role; and how PortAudio's list is read."""

from __future__ import annotations

from typing import Any

import pytest

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioTroubleKind
from softphone.engine.audio.catalogue import read_catalogue
from softphone.engine.audio.selection import select

_BUILT_IN = AudioDevice("Speakers", "WASAPI", 0, 2, False, True)
_MIC = AudioDevice("Array", "WASAPI", 2, 0, True, False)
_JABRA = AudioDevice("Jabra", "WASAPI", 1, 2)
_ALL = (_BUILT_IN, _MIC, _JABRA)


def test_the_default_serves_where_nothing_was_chosen() -> None:
    assert select(AudioRole.MICROPHONE, AudioChoice(), _ALL).device == _MIC
    assert select(AudioRole.SPEAKER, AudioChoice(), _ALL).device == _BUILT_IN
    assert select(AudioRole.RINGER, AudioChoice(), _ALL).device == _BUILT_IN


def test_a_device_is_found_by_its_key_or_by_its_name_alone() -> None:
    for name in ("WASAPI: Jabra", "Jabra"):
        assert select(AudioRole.SPEAKER, AudioChoice(speaker=name), _ALL).device == _JABRA


@pytest.mark.parametrize(
    ("chosen", "now"),
    [
        ("ALSA: Jabra: USB Audio (hw:1,0)", "Jabra: USB Audio (hw:2,0)"),
        ("Headset Earphone (Jabra Evolve 20)", "Headset Earphone (2- Jabra Evolve 20)"),
        ("Headset Earphone (3- Jabra Evolve 20)", "Headset Earphone (Jabra Evolve 20)"),
    ],
)
def test_a_headset_at_another_usb_port_is_still_the_chosen_one(chosen: str, now: str) -> None:
    moved = AudioDevice(now, "ALSA" if "hw:" in now else "Windows WASAPI", 1, 2)
    picked = select(AudioRole.SPEAKER, AudioChoice(speaker=chosen), (*_ALL, moved))
    assert (picked.device, picked.trouble) == (moved, AudioTroubleKind.NONE)


def test_of_two_headsets_of_one_model_the_chosen_one_serves_and_its_twin_only_without_it() -> None:
    first, second = (AudioDevice(f"Jabra: USB Audio (hw:{card},0)", "ALSA", 1, 2) for card in (1, 2))
    choice = AudioChoice(speaker=second.key)
    assert select(AudioRole.SPEAKER, choice, (first, second)).device == second
    assert select(AudioRole.SPEAKER, choice, (first,)).device == first


def test_another_socket_of_the_same_card_is_another_device() -> None:
    analog, digital = (
        AudioDevice(f"PCH: {kind} (hw:0,{at})", "ALSA", 0, 2) for kind, at in (("A", 0), ("A", 3))
    )
    picked = select(AudioRole.SPEAKER, AudioChoice(speaker=digital.key), (_BUILT_IN, analog))
    assert picked.device == _BUILT_IN


def test_a_device_that_cannot_play_the_role_is_not_taken_for_it() -> None:
    picked = select(AudioRole.SPEAKER, AudioChoice(speaker="Array"), _ALL)
    assert picked.device == _BUILT_IN
    assert picked.trouble is AudioTroubleKind.PREFERRED_MISSING


def test_without_a_default_any_usable_device_is_better_than_none() -> None:
    assert select(AudioRole.MICROPHONE, AudioChoice(), (_JABRA,)).device == _JABRA


def test_no_usable_device_is_said_so() -> None:
    assert select(AudioRole.MICROPHONE, AudioChoice(), (_BUILT_IN,)).trouble is AudioTroubleKind.NO_DEVICE


def _host(name: str, devices: list[int], default_input: int = -1, default_output: int = -1) -> dict[str, Any]:
    return {
        "name": name,
        "devices": devices,
        "default_input_device": default_input,
        "default_output_device": default_output,
    }


def _entry(name: str, host: int, inputs: int, outputs: int, rate: float = 48000.0) -> dict[str, Any]:
    return {
        "name": name,
        "hostapi": host,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": rate,
    }


def test_on_windows_each_device_is_listed_once_by_wasapi() -> None:
    hosts = [_host("MME", [0], 0, -1), _host("Windows WASAPI", [1, 2], 1, 2)]
    entries = [
        _entry("Jabra Evolve 20 MS (Cut off at", 0, 2, 0),
        _entry("Jabra Evolve 20 MS microphone", 1, 1, 0, 16000.0),
        _entry("Jabra Evolve 20 MS earphone", 1, 0, 2),
    ]
    found = read_catalogue(hosts, entries)
    assert [entry.device.host_api for entry in found.values()] == ["Windows WASAPI"] * 2
    microphone = found["Windows WASAPI: Jabra Evolve 20 MS microphone"]
    assert (microphone.input_index, microphone.output_index, microphone.input_rate) == (1, -1, 16000)
    assert microphone.device.default_input


def test_on_a_mac_the_two_directions_of_one_headset_are_one_device() -> None:
    hosts = [_host("Core Audio", [0, 1], 0, 1)]
    entries = [_entry("Jabra", 0, 1, 0, 16000.0), _entry("Jabra", 0, 0, 2, 48000.0)]
    (listed,) = read_catalogue(hosts, entries).values()
    assert (listed.device.inputs, listed.device.outputs) == (1, 2)
    assert (listed.input_index, listed.output_index) == (0, 1)
    assert (listed.input_rate, listed.output_rate) == (16000, 48000)
    assert listed.device.default_input
    assert listed.device.default_output


def test_alsa_plugins_and_our_own_jack_client_are_no_devices() -> None:
    alsa = [_host("ALSA", [0, 1, 2], 2, 2)]
    entries = [
        _entry("dmix", 0, 0, 2),
        _entry("Jabra: USB Audio (hw:1,0)", 0, 1, 2),
        _entry("default", 0, 32, 32),
    ]
    names = {listed.device.name for listed in read_catalogue(alsa, entries).values()}
    assert names == {"Jabra: USB Audio (hw:1,0)", "default"}
    jack = [_host("JACK Audio Connection Kit", [0, 1], 0, 0)]
    both = [_entry("system", 0, 1, 2), _entry("PortAudio-01", 0, 1, 1)]
    assert [listed.device.name for listed in read_catalogue(jack, both).values()] == ["system"]


def test_a_device_name_from_outside_is_one_harmless_line() -> None:
    (listed,) = read_catalogue(
        [_host("ALSA", [0], 0, 0)], [_entry("Bad\x1b[31m\u202eName\n", 0, 1, 1)]
    ).values()
    assert listed.device.name == "Bad [31mName"


def test_a_computer_without_any_sound_system_has_no_devices() -> None:
    assert read_catalogue([], []) == {}
