"""Reads PortAudio's list: one entry per device, of one host API, without the plugins around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from softphone.domain.audio import AudioDevice
from softphone.domain.facts import dataclass
from softphone.domain.text import clean_line

JACK = "JACK Audio Connection Kit"
ALSA = "ALSA"
WASAPI = "Windows WASAPI"

_FIRST_HOST_APIS = (WASAPI, "Core Audio", JACK, "PulseAudio", ALSA)
"""Where several host APIs list the same devices, only the first of these that has any is shown."""
_ALSA_PLUGINS = (
    "dmix", "dsnoop", "surround", "front", "rear", "center_lfe", "side", "iec958", "spdif", "modem",
    "phoneline", "lavrate", "samplerate", "speexrate", "upmix", "vdownmix", "sysdefault",
)  # fmt: skip
_OUR_JACK_CLIENT = "PortAudio"
_USUAL_RATE = 48000

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A device with PortAudio's numbers for its two directions, -1 where it has none, and its own rates."""

    device: AudioDevice
    input_index: int = -1
    output_index: int = -1
    input_rate: int = _USUAL_RATE
    output_rate: int = _USUAL_RATE


def read_catalogue(hosts: Sequence[Entry], entries: Sequence[Entry]) -> dict[str, Listed]:
    """Return the devices by key from PortAudio's `query_hostapis` and `query_devices`.

    CoreAudio lists the two directions of one headset as two entries of the same name: they become one. Of two
    headsets of the same model only the first can be told by name.
    """
    chosen = _best_host(hosts)
    found: dict[str, Listed] = {}
    for index, entry in enumerate(entries):
        if entry["hostapi"] != chosen:
            continue
        listed = _listed(index, entry, hosts[chosen])
        if _is_plugin(listed.device):
            continue
        known = found.get(listed.device.key)
        found[listed.device.key] = listed if known is None else _merged(known, listed)
    return found


def _best_host(hosts: Sequence[Entry]) -> int:
    with_devices = {host["name"]: index for index, host in enumerate(hosts) if host["devices"]}
    for name in _FIRST_HOST_APIS:
        if name in with_devices:
            return with_devices[name]
    return next(iter(with_devices.values()), -1)


def _listed(index: int, entry: Entry, host: Entry) -> Listed:
    inputs, outputs = int(entry["max_input_channels"]), int(entry["max_output_channels"])
    rate = round(entry["default_samplerate"]) or _USUAL_RATE
    device = AudioDevice(
        name=clean_line(str(entry["name"])),
        host_api=str(host["name"]),
        inputs=inputs,
        outputs=outputs,
        default_input=host["default_input_device"] == index,
        default_output=host["default_output_device"] == index,
    )
    return Listed(device, index if inputs else -1, index if outputs else -1, rate, rate)


def _merged(known: Listed, other: Listed) -> Listed:
    merged = known
    if known.input_index < 0 <= other.input_index:
        device = replace(merged.device, inputs=other.device.inputs, default_input=other.device.default_input)
        merged = replace(merged, device=device, input_index=other.input_index, input_rate=other.input_rate)
    if known.output_index < 0 <= other.output_index:
        device = replace(
            merged.device, outputs=other.device.outputs, default_output=other.device.default_output
        )
        merged = replace(
            merged, device=device, output_index=other.output_index, output_rate=other.output_rate
        )
    return merged


def _is_plugin(device: AudioDevice) -> bool:
    if device.host_api == JACK:
        return device.name.startswith(_OUR_JACK_CLIENT)
    return device.host_api == ALSA and device.name.split(":")[0].startswith(_ALSA_PLUGINS)
