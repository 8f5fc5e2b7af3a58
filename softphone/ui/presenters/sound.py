"""Sound devices by role, as a list to choose from, and what serves at the moment."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioState
from softphone.domain.device_names import find_device
from softphone.domain.facts import dataclass
from softphone.ui.presenters.wording import Wording
from softphone.ui.words import mark

ROLE = {
    AudioRole.MICROPHONE: mark("Microphone"),
    AudioRole.SPEAKER: mark("Headset or speaker"),
    AudioRole.RINGER: mark("Ringing"),
}
QUIETEST_DB, LOUDEST_DB = -20, 20
SILENCE_DBFS = -60.0
"""Below this a level meter shows nothing."""


@dataclass(frozen=True, slots=True)
class DeviceOption:
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class RoleView:
    role: AudioRole
    label: str
    options: tuple[DeviceOption, ...]
    chosen: str
    in_use: str
    gain_db: float


def present_roles(wording: Wording, choice: AudioChoice, state: AudioState) -> tuple[RoleView, ...]:
    return tuple(_role(wording, role, choice, state) for role in AudioRole)


def with_device(choice: AudioChoice, role: AudioRole, key: str) -> AudioChoice:
    """The choice with another device for one role."""
    return replace(choice, **{role.value: key})  # type: ignore[arg-type]  # a field by its name


def meter(level_dbfs: float) -> float:
    """Share of the meter to fill, 0 to 1."""
    return min(1.0, max(0.0, 1 - level_dbfs / SILENCE_DBFS))


def _role(wording: Wording, role: AudioRole, choice: AudioChoice, state: AudioState) -> RoleView:
    t = wording.words.t
    chosen: str = getattr(choice, role.value)
    serving: str = getattr(state, role.value)
    fitting = [d for d in state.devices if fits(d, role)]
    options = [DeviceOption("", t("As the system has it"))]
    options += [DeviceOption(d.key, d.name) for d in fitting]
    found = find_device(chosen, fitting) if chosen else None
    if chosen and found is None:
        options.append(DeviceOption(chosen, absent(wording, chosen)))
    names = {d.key: d.name for d in state.devices}
    in_use = t("In use: {device}", device=names.get(serving, serving)) if serving else t("No device in use")
    return RoleView(
        role,
        t(ROLE[role]),
        tuple(options),
        found.key if found else chosen,
        in_use,
        getattr(choice, f"{role.value}_gain_db"),
    )


def fits(device: AudioDevice, role: AudioRole) -> bool:
    """Whether a device has what the role needs."""
    return bool(device.inputs if role is AudioRole.MICROPHONE else device.outputs)


def absent(wording: Wording, key: str) -> str:
    """What a chosen device is called that is not in the list."""
    t = wording.words.t
    if key == "null":
        return t("No sound")
    if key.startswith("file:"):
        return t("Sound files")
    return t("{device} (not connected)", device=key.split(": ", 1)[-1])
