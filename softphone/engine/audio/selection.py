"""Which device serves a role: the preferred one, else the fallback, else the system's default."""

from __future__ import annotations

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioTroubleKind
from softphone.domain.device_names import find_device
from softphone.domain.facts import dataclass

_NOTHING = "null"
"""Chosen for one role: this role stays silent."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The device of one role, None if there is none or silence was chosen."""

    role: AudioRole
    device: AudioDevice | None = None
    trouble: AudioTroubleKind = AudioTroubleKind.NONE
    wanted: str = ""


def select(role: AudioRole, choice: AudioChoice, devices: tuple[AudioDevice, ...]) -> Selection:
    """Return the best of `devices` for `role`."""
    wanted = preference(role, choice)
    if wanted[0] == _NOTHING:
        return Selection(role)
    usable = [device for device in devices if _can(role, device)]
    for name in filter(None, wanted):
        device = find_device(name, usable)
        if device is not None:
            trouble = _missing_if(name != wanted[0] and bool(wanted[0]))
            return Selection(role, device, trouble, wanted[0])
    default = next((device for device in usable if _is_default(role, device)), None)
    device_or_none = default or next(iter(usable), None)
    if device_or_none is None:
        return Selection(role, None, AudioTroubleKind.NO_DEVICE, wanted[0])
    return Selection(role, device_or_none, _missing_if(bool(wanted[0])), wanted[0])


def preference(role: AudioRole, choice: AudioChoice) -> tuple[str, str]:
    """Return the preferred and the fallback name of a role."""
    if role is AudioRole.MICROPHONE:
        return choice.microphone, choice.microphone_fallback
    if role is AudioRole.SPEAKER:
        return choice.speaker, choice.speaker_fallback
    return choice.ringer, choice.ringer_fallback


def _can(role: AudioRole, device: AudioDevice) -> bool:
    return device.inputs > 0 if role is AudioRole.MICROPHONE else device.outputs > 0


def _is_default(role: AudioRole, device: AudioDevice) -> bool:
    return device.default_input if role is AudioRole.MICROPHONE else device.default_output


def _missing_if(missing: bool) -> AudioTroubleKind:
    return AudioTroubleKind.PREFERRED_MISSING if missing else AudioTroubleKind.NONE
