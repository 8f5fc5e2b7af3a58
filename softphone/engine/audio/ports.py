"""What a sound card looks like to the rest of this package, whatever makes it: PortAudio, files or a test."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from softphone.domain.audio import AudioDevice
from softphone.domain.facts import dataclass


class Refusal(StrEnum):
    """Why a device would not open."""

    GONE = "gone"
    BUSY = "busy"
    DENIED = "denied"
    SHAPE = "shape"
    OTHER = "other"


class DeviceRefused(Exception):
    """The system would not open a device; time or the user helps."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Shape:
    """Format of a stream: int16, interleaved, `block` frames per callback (fewer or more are served too)."""

    rate: int
    channels: int
    block: int

    @property
    def block_ms(self) -> float:
        return self.block * 1000 / self.rate


class Intake(Protocol):
    """What a capture stream delivers into, on the device's callback thread."""

    def take(self, data: memoryview, slipped: bool = False) -> None:
        """Accept one block of bytes; `slipped` says that the device had to drop some before it."""


class Source(Protocol):
    """What a playback stream asks for, on the device's callback thread."""

    def give(self, data: memoryview, slipped: bool = False) -> None:
        """Fill one block of bytes, all of it; `slipped` says that the device had run out before."""


class OpenStream(Protocol):
    """A running stream; device thread only."""

    @property
    def running(self) -> bool:
        """False once the device has stopped calling back."""

    def close(self) -> None:
        """Stop calling back and let the device go; may be called twice."""


class Watch(Protocol):
    """Notices that devices came or went; device thread only."""

    def changed(self, listed: tuple[AudioDevice, ...]) -> bool:
        """True once per change; `listed` are the devices that PortAudio knows."""

    def seen(self) -> tuple[AudioDevice, ...] | None:
        """Return the devices as PortAudio would list them now, None if this watch cannot know."""

    def wake_by(self, wake: Callable[[], None]) -> None:
        """Call `wake`, on any thread, when `changed` should be asked soon; not every watch can."""

    def departures(self, key: str) -> int:
        """How often this device was seen going, back by now or not; 0 where that shows in its streams."""

    def close(self) -> None:
        """Stop watching."""


class SoundHost(Protocol):
    """One way to reach sound devices; device thread only."""

    def devices(self) -> tuple[AudioDevice, ...]:
        """Return what was there when the host last looked."""

    def changed(self) -> bool:
        """True once after devices came or went; cheap, disturbs no stream."""

    def wake_by(self, wake: Callable[[], None]) -> None:
        """Call `wake`, on any thread, when `changed` should be asked soon; not every host can."""

    def begin_preview(self) -> None:
        """Find out beside the live streams what `look_again` would find; `preview` has it after a while."""

    def preview(self) -> tuple[AudioDevice, ...] | None:
        """Return what the last begun preview found, and what is open here; None before it has."""

    def look_again(self) -> None:
        """Renew `devices`; every stream of this host must be closed."""

    def reaches(self, device: AudioDevice) -> bool:
        """Whether `device`, which is there now, can be opened without looking again."""

    def note_gone(self, device: AudioDevice) -> None:
        """`device` was open and has gone, or has stopped by itself."""

    def input_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        """Return the formats worth trying, best first."""

    def output_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        """Return the formats worth trying, best first."""

    def open_input(self, device: AudioDevice, shape: Shape, intake: Intake) -> OpenStream:
        """Start capturing; raise `DeviceRefused`."""

    def open_output(self, device: AudioDevice, shape: Shape, source: Source) -> OpenStream:
        """Start playing; raise `DeviceRefused`."""

    def relax(self, device: AudioDevice) -> bool:
        """Open `device` with a larger buffer from now on; False if that is of no use."""

    def close(self) -> None:
        """Let everything go."""
