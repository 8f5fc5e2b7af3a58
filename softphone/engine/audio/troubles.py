"""Remembers which devices refused or vanished, and judges which trouble the agent should be told of."""

from __future__ import annotations

from collections.abc import Container, Mapping

from softphone.domain.audio import AudioDevice, AudioRole, AudioTroubleKind
from softphone.domain.device_names import find_device
from softphone.domain.facts import dataclass
from softphone.engine.audio.ports import DeviceRefused, Refusal
from softphone.engine.audio.selection import Selection

_RETRY_S = 3.0
_EARLY_DEATH_S = 1.0

_KINDS = {
    Refusal.GONE: AudioTroubleKind.DEVICE_VANISHED,
    Refusal.BUSY: AudioTroubleKind.DEVICE_BUSY,
    Refusal.DENIED: AudioTroubleKind.MICROPHONE_DENIED,
    Refusal.SHAPE: AudioTroubleKind.OTHER,
    Refusal.OTHER: AudioTroubleKind.OTHER,
}
_GRAVEST_FIRST = (
    AudioTroubleKind.MICROPHONE_DENIED, AudioTroubleKind.DEVICE_BUSY, AudioTroubleKind.DEVICE_VANISHED,
    AudioTroubleKind.OTHER, AudioTroubleKind.NO_DEVICE, AudioTroubleKind.PREFERRED_MISSING,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    kind: AudioTroubleKind = AudioTroubleKind.NONE
    role: AudioRole | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Refused:
    trouble: Trouble
    until: float


class Troubles:
    """What went wrong with devices since the choice was made; device thread only."""

    def __init__(self) -> None:
        self._refused: dict[tuple[AudioRole, str], _Refused] = {}
        self._lost: dict[AudioRole, tuple[str, Trouble]] = {}

    def forget(self) -> None:
        """The user chose anew: everything gets another chance at once."""
        self._refused.clear()
        self._lost.clear()

    def only_among(self, present: Container[str]) -> None:
        """These keys are there now: what was pulled out gets its chance as soon as it is back."""
        self._refused = {where: entry for where, entry in self._refused.items() if where[1] in present}

    def call_is_over(self) -> None:
        """What vanished in the last call is no news in the next one."""
        self._lost.clear()

    def refused(self, role: AudioRole, device: AudioDevice, refusal: DeviceRefused, now: float) -> None:
        """`device` would not open; it is asked again in three seconds."""
        kind = _KINDS[refusal.reason]
        if kind is AudioTroubleKind.MICROPHONE_DENIED and role is not AudioRole.MICROPHONE:
            kind = AudioTroubleKind.OTHER
        trouble = Trouble(kind, role, device.name)
        self._refused[role, device.key] = _Refused(trouble, now + _RETRY_S)

    def lost(self, role: AudioRole, device: AudioDevice, now: float, opened_at: float) -> None:
        """`device` stopped in use; one that dies at once after opening is left alone for a while."""
        trouble = Trouble(AudioTroubleKind.DEVICE_VANISHED, role, device.name)
        self._lost[role] = (device.key, trouble)
        if now - opened_at < _EARLY_DEATH_S:
            self._refused[role, device.key] = _Refused(trouble, now + _RETRY_S)

    def refuses(self, role: AudioRole, device: AudioDevice, now: float) -> bool:
        """`device` has refused `role` within the last three seconds."""
        entry = self._refused.get((role, device.key))
        return entry is not None and now < entry.until

    def of(self, picks: Mapping[AudioRole, Selection]) -> list[Trouble]:
        """Return the troubles that still hold now that `picks` serve the roles."""
        found = []
        for role, pick in picks.items():
            served = (pick.device,) if pick.device is not None else ()
            if role in self._lost and find_device(self._lost[role][0], served) is not None:
                del self._lost[role]
            if role in self._lost:
                found.append(self._lost[role][1])
        for (role, key), entry in list(self._refused.items()):
            device = picks[role].device
            if device is not None and device.key == key:
                del self._refused[role, key]
            else:
                found.append(entry.trouble)
        return found


def judge(troubles: Troubles, picks: Mapping[AudioRole, Selection]) -> Trouble:
    """Return the gravest trouble."""
    found = troubles.of(picks)
    found += [
        Trouble(pick.trouble, role, pick.wanted)
        for role, pick in picks.items()
        if pick.trouble is not AudioTroubleKind.NONE
    ]
    return min(found, key=lambda trouble: _GRAVEST_FIRST.index(trouble.kind), default=Trouble())
