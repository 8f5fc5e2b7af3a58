"""A sound system under the test's control: devices are plugged in, pulled out, or refuse to open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.ports import DeviceRefused, Intake, OpenStream, Refusal, Shape, Source
from tests.engine.audio.clockwork import Sine

SHAPE = Shape(48000, 1, 480)


def headset(name: str, default: bool = False) -> AudioDevice:
    return AudioDevice(name, "Test", 1, 2, default, default)


@dataclass(eq=False)
class PlugStream:
    """One open direction; dies with its device."""

    device: AudioDevice
    board: Plugboard
    intake: Intake | None = None
    source: Source | None = None
    open: bool = True
    frozen: bool = False
    sine: Sine = field(default_factory=lambda: Sine(SHAPE.rate))
    heard: list[bytes] = field(default_factory=list)

    @property
    def running(self) -> bool:
        return self.open and self.device.key in self.board.present

    def close(self) -> None:
        if self.open:
            self.board.log.append(f"close {self.device.key}")
        self.open = False

    def call_back(self, slipped: bool = False) -> None:
        if not self.running or self.frozen:
            return
        if self.intake is not None:
            self.intake.take(self.sine.next(SHAPE.block).astype(np.int16).data.cast("B"), slipped)
        if self.source is not None:
            block = memoryview(bytearray(SHAPE.block * 2))
            self.source.give(block, slipped)
            self.heard.append(bytes(block))


class Plugboard:
    """`SoundHost` whose list, like PortAudio's, only changes in `look_again`.

    With `by_name` a listed device that comes back is reached without that, as at a JACK server.
    """

    def __init__(self, *devices: AudioDevice, by_name: bool = False) -> None:
        self._by_name = by_name
        self._gone: set[str] = set()
        self.present = {device.key: device for device in devices}
        self.refusing: dict[str, Refusal] = {}
        self.streams: list[PlugStream] = []
        self.log: list[str] = []
        self.looks = 0
        self.slipping: set[str] = set()
        self.relaxed: list[str] = []
        self._listed = tuple(self.present.values())
        self._changed = False
        self._preview: tuple[AudioDevice, ...] | None = None

    # --- what the test does ---

    def plug(self, device: AudioDevice) -> None:
        self.present[device.key] = device
        self._changed = True

    def unplug(self, device: AudioDevice) -> None:
        """Also from what PortAudio believes to have, if it goes by numbers."""
        self._gone.add(device.key)
        del self.present[device.key]
        self._changed = True

    def refuse(self, device: AudioDevice, reason: Refusal | None) -> None:
        if reason is None:
            self.refusing.pop(device.key, None)
        else:
            self.refusing[device.key] = reason

    def call_back(self) -> None:
        """Let every running device call once."""
        for stream in self.streams:
            stream.call_back(stream.device.key in self.slipping)

    def open_on(self, device: AudioDevice) -> list[PlugStream]:
        return [stream for stream in self.streams if stream.open and stream.device.key == device.key]

    # --- SoundHost ---

    def devices(self) -> tuple[AudioDevice, ...]:
        return self._listed

    def changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    def wake_by(self, wake: Callable[[], None]) -> None:
        """Nobody sleeps here."""

    def reaches(self, device: AudioDevice) -> bool:
        return device in self._listed and (self._by_name or device.key not in self._gone)

    def note_gone(self, device: AudioDevice) -> None:
        self._gone.add(device.key)

    def begin_preview(self) -> None:
        self._preview = tuple(self.present.values())

    def preview(self) -> tuple[AudioDevice, ...] | None:
        return self._preview

    def look_again(self) -> None:
        assert not any(stream.open for stream in self.streams), "PortAudio would kill these streams"
        self.streams.clear()
        self._gone.clear()
        self.looks += 1
        self._listed = tuple(self.present.values())

    def input_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        return (SHAPE,) if device.inputs else ()

    def output_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        return (SHAPE,) if device.outputs else ()

    def open_input(self, device: AudioDevice, shape: Shape, intake: Intake) -> OpenStream:
        return self._open(PlugStream(device, self, intake=intake))

    def open_output(self, device: AudioDevice, shape: Shape, source: Source) -> OpenStream:
        return self._open(PlugStream(device, self, source=source))

    def relax(self, device: AudioDevice) -> bool:
        if device.key in self.relaxed:
            return False
        self.relaxed.append(device.key)
        self.slipping.discard(device.key)
        return True

    def close(self) -> None:
        self._preview = None

    def _open(self, stream: PlugStream) -> OpenStream:
        key = stream.device.key
        if key not in self.present or not self.reaches(stream.device):
            raise DeviceRefused(Refusal.GONE, key)
        if key in self.refusing:
            raise DeviceRefused(self.refusing[key], key)
        self.streams.append(stream)
        self.log.append(f"open {key}")
        return stream
