"""Headset, ringer and volume."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audio import AudioChoice, AudioRole, AudioState
from softphone.domain.events import AudioChanged, EngineAttached
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Telephone

_GAIN = {
    AudioRole.MICROPHONE: "microphone_gain_db",
    AudioRole.SPEAKER: "speaker_gain_db",
    AudioRole.RINGER: "ringer_gain_db",
}


class ChoosingAudio:
    """Which devices serve, as chosen and as they really are."""

    def __init__(self, telephone: Telephone, configuring: Configuring, bus: Bus) -> None:
        self._telephone = telephone
        self._configuring = configuring
        self._state = AudioState()
        bus.subscribe(AudioChanged, self._on_audio)
        bus.subscribe(EngineAttached, lambda e: self._remember(e.audio))

    @property
    def state(self) -> AudioState:
        return self._state

    @property
    def choice(self) -> AudioChoice:
        return self._configuring.settings.audio

    def choose(self, choice: AudioChoice) -> None:
        """Use these devices from now on and remember them; works during a call."""
        self._telephone.choose_audio(choice)
        self._configuring.change(replace(self._configuring.settings, audio=choice))

    def set_volume(self, role: AudioRole, gain_db: float) -> None:
        """Gain of a role in dB, heard at once and remembered."""
        self.try_volume(role, gain_db)
        changed = replace(self.choice, **{_GAIN[role]: gain_db})  # type: ignore[arg-type]  # field by name
        self._configuring.change(replace(self._configuring.settings, audio=changed))

    def try_volume(self, role: AudioRole, gain_db: float) -> None:
        """Gain of a role in dB, heard at once; a slider being dragged must not write a file each time."""
        self._telephone.set_volume(role, gain_db)

    def refresh(self) -> None:
        """Look for devices again."""
        self._telephone.refresh_devices()

    def watch_levels(self, on: bool) -> None:
        self._telephone.watch_levels(on)

    def _on_audio(self, event: AudioChanged) -> None:
        self._remember(event.state)

    def _remember(self, state: AudioState) -> None:
        self._state = state
