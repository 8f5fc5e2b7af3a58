"""The devices behind the first choice: what serves while it is not connected, and what rings beside it."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioState
from softphone.domain.device_names import find_device
from softphone.domain.facts import dataclass
from softphone.ui.presenters.sound import DeviceOption, absent, fits
from softphone.ui.presenters.wording import Wording

_FALLBACK = {
    AudioRole.MICROPHONE: "microphone_fallback",
    AudioRole.SPEAKER: "speaker_fallback",
    AudioRole.RINGER: "ringer_fallback",
}


@dataclass(frozen=True, slots=True)
class FallbackView:
    """`offered` is false while the system's default serves the role: nothing stands behind that."""

    offered: bool
    options: tuple[DeviceOption, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class RingerOption:
    key: str
    label: str
    rings: bool


def present_fallback(
    wording: Wording, role: AudioRole, choice: AudioChoice, state: AudioState
) -> FallbackView:
    """Every fitting device but the preferred one; the system's default first."""
    preferred: str = getattr(choice, role.value)
    chosen: str = getattr(choice, _FALLBACK[role])
    usable = [d for d in state.devices if fits(d, role)]
    first = find_device(preferred, usable) if preferred else None
    fitting = [d for d in usable if d is not first]
    options = [DeviceOption("", wording.words.t("As the system has it"))]
    options += [DeviceOption(d.key, d.name) for d in fitting]
    found = find_device(chosen, fitting) if chosen else None
    by_name = found.key if found else chosen
    if by_name not in {option.key for option in options}:
        options.append(DeviceOption(by_name, absent(wording, by_name)))
    return FallbackView(bool(preferred) and preferred != "null", tuple(options), by_name)


def present_further_ringers(
    wording: Wording, choice: AudioChoice, state: AudioState
) -> tuple[RingerOption, ...]:
    """Everything else that can ring, and what shall although it is not connected now."""
    others = [d for d in state.devices if fits(d, AudioRole.RINGER) and d.key != state.ringer]
    further = {name: find_device(name, state.devices) for name in choice.also_ring_on}
    ringing = [device.key for device in further.values() if device is not None]
    found = [RingerOption(d.key, d.name, d.key in ringing) for d in others]
    missing = [name for name, device in further.items() if device is None]
    return (*found, *(RingerOption(name, absent(wording, name), True) for name in missing))


def with_fallback(choice: AudioChoice, role: AudioRole, key: str) -> AudioChoice:
    """The choice with another device behind the preferred one of a role."""
    return replace(choice, **{_FALLBACK[role]: key})  # type: ignore[arg-type]  # a field by its name


def with_further_ringer(
    choice: AudioChoice, key: str, rings: bool, devices: tuple[AudioDevice, ...]
) -> AudioChoice:
    """The choice with `key` ringing too, or no longer. `devices`: all; a twin keeps its choice."""
    others = tuple(name for name in choice.also_ring_on if _key_of(name, devices) != key)
    return replace(choice, also_ring_on=(*others, key) if rings else others)


def _key_of(name: str, devices: tuple[AudioDevice, ...]) -> str:
    """Of the device that was chosen as `name`; what is not connected keeps that name."""
    found = find_device(name, devices)
    return found.key if found else name
