"""Silence as a sound card, chosen explicitly by the name `null`."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.ports import DeviceRefused, Intake, OpenStream, Refusal, Shape, Source


class NullHost:
    """Has one device that never opens a stream: nothing is captured, what is played vanishes."""

    def devices(self) -> tuple[AudioDevice, ...]:
        return (AudioDevice("null", inputs=1, outputs=2, default_input=True, default_output=True),)

    def changed(self) -> bool:
        return False

    def wake_by(self, wake: Callable[[], None]) -> None:
        """Nothing ever changes here."""

    def begin_preview(self) -> None:
        return

    def preview(self) -> tuple[AudioDevice, ...] | None:
        return self.devices()

    def look_again(self) -> None:
        return

    def reaches(self, device: AudioDevice) -> bool:  # noqa: ARG002 - SoundHost
        return True

    def note_gone(self, device: AudioDevice) -> None:
        """It cannot go."""

    def input_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:  # noqa: ARG002 - SoundHost
        return ()

    def output_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:  # noqa: ARG002 - SoundHost
        return ()

    def open_input(self, device: AudioDevice, shape: Shape, intake: Intake) -> OpenStream:  # noqa: ARG002
        raise DeviceRefused(Refusal.SHAPE, device.name)

    def open_output(self, device: AudioDevice, shape: Shape, source: Source) -> OpenStream:  # noqa: ARG002
        raise DeviceRefused(Refusal.SHAPE, device.name)

    def relax(self, device: AudioDevice) -> bool:  # noqa: ARG002 - SoundHost
        return False

    def close(self) -> None:
        return
