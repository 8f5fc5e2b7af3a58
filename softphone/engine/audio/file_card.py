"""A sound card made of files, for machines without one: `file:MIC.wav,SPEAKER.wav`.

What the caller hears is MIC.wav in real time, from its beginning at each opening of the microphone, over and
over (`file+once:…` ends in silence). What the agent would hear is appended to SPEAKER.wav, which is a valid
WAV file at any time. A thread of ours is the card's clock: it calls back every 10 ms exactly as PortAudio
would and catches up after a delay, so that the files keep real time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from softphone.domain.audio import AudioDevice
from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.engine.audio.ports import DeviceRefused, Intake, OpenStream, Refusal, Shape, Source
from softphone.engine.audio.wav import GrowingWav, read_wav

PREFIX = "file:"
PREFIX_ONCE = "file+once:"

_RATE = 16000
_BLOCK = 160
_BLOCK_S = _BLOCK / _RATE
_CATCH_UP_BLOCKS = 20
"""After a longer stall the rest is skipped, as a real card would have lost it."""
_JOIN_S = 2.0


@dataclass(frozen=True, slots=True)
class FileCardSpec:
    """The two files; None where only one direction was asked for."""

    name: str
    microphone: Path | None
    speaker: Path | None
    loop: bool


def parse_spec(name: str) -> FileCardSpec | None:
    """Return what `file:…` names, None if `name` is no such thing."""
    for prefix, loop in ((PREFIX, True), (PREFIX_ONCE, False)):
        if name.startswith(prefix):
            microphone, _, speaker = name.removeprefix(prefix).partition(",")
            return FileCardSpec(name, _path(microphone), _path(speaker), loop)
    return None


def _path(text: str) -> Path | None:
    return Path(text.strip()) if text.strip() else None


class FileHost:
    """One device; device thread only."""

    def __init__(self, spec: FileCardSpec) -> None:
        self._spec = spec
        self._writer: GrowingWav | None = None

    def devices(self) -> tuple[AudioDevice, ...]:
        """Return the one device; it is spelled as it was chosen."""
        inputs, outputs = int(self._spec.microphone is not None), int(self._spec.speaker is not None)
        return (AudioDevice(self._spec.name, "", inputs, outputs, bool(inputs), bool(outputs)),)

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
        return (Shape(_RATE, 1, _BLOCK),)

    def output_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:  # noqa: ARG002 - SoundHost
        return (Shape(_RATE, 1, _BLOCK),)

    def open_input(self, device: AudioDevice, shape: Shape, intake: Intake) -> OpenStream:  # noqa: ARG002
        if self._spec.microphone is None:
            raise DeviceRefused(Refusal.GONE, device.name)
        try:
            sound = read_wav(self._spec.microphone, _RATE)
        except BadInput as exc:
            raise DeviceRefused(Refusal.OTHER, str(exc)) from exc
        return _FileMicrophone(np.clip(sound, -32768, 32767).astype(np.int16), self._spec.loop, intake)

    def open_output(self, device: AudioDevice, shape: Shape, source: Source) -> OpenStream:  # noqa: ARG002
        if self._spec.speaker is None:
            raise DeviceRefused(Refusal.GONE, device.name)
        if self._writer is None:
            try:
                self._writer = GrowingWav(self._spec.speaker, _RATE)
            except BadInput as exc:
                raise DeviceRefused(Refusal.OTHER, str(exc)) from exc
        return _FileSpeaker(self._writer, source)

    def relax(self, device: AudioDevice) -> bool:  # noqa: ARG002 - SoundHost
        return False

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class _ClockedStream:
    """Calls `tick` every 10 ms on a thread of its own."""

    def __init__(self, name: str) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(_JOIN_S)

    def tick(self) -> None:
        raise NotImplementedError

    def _run(self) -> None:
        due = time.monotonic() + _BLOCK_S
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            self.tick()
            due = max(due + _BLOCK_S, time.monotonic() - _CATCH_UP_BLOCKS * _BLOCK_S)


class _FileMicrophone(_ClockedStream):
    def __init__(self, sound: npt.NDArray[np.int16], loop: bool, intake: Intake) -> None:
        short = -len(sound) % _BLOCK
        self._sound = np.pad(sound, (0, short)).data.cast("B") if len(sound) else memoryview(b"")
        self._silence = memoryview(bytes(_BLOCK * 2))
        self._loop = loop
        self._intake = intake
        self._at = 0
        super().__init__("file-microphone")

    def tick(self) -> None:
        if self._at >= len(self._sound):
            if not self._loop or not self._sound:
                self._intake.take(self._silence)
                return
            self._at = 0
        self._intake.take(self._sound[self._at : self._at + _BLOCK * 2])
        self._at += _BLOCK * 2


class _FileSpeaker(_ClockedStream):
    def __init__(self, writer: GrowingWav, source: Source) -> None:
        self._writer = writer
        self._source = source
        self._block = memoryview(bytearray(_BLOCK * 2))
        super().__init__("file-speaker")

    def tick(self) -> None:
        self._source.give(self._block)
        self._writer.append(self._block)
