"""One open direction of one device: the stream, its line, and whether it still lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from softphone.domain.audio import AudioDevice
from softphone.domain.facts import dataclass
from softphone.engine.audio.catalogue import JACK
from softphone.engine.audio.lines import MicrophoneLine, SpeakerLine
from softphone.engine.audio.players import Player
from softphone.engine.audio.ports import DeviceRefused, OpenStream, Refusal, SoundHost

Clock = Callable[[], float]

_STALL_S = 0.3
_FIRST_CALLBACK_S = 3.0
"""Wireless headsets take a second or two to begin."""
_STEADY_S = 3.0
_SLIPS = 4
"""In three seconds; the first three seconds after opening do not count."""


@dataclass(eq=False)
class MicrophoneEnd:
    device: AudioDevice
    line: MicrophoneLine
    stream: OpenStream
    opened_at: float
    counted_at: float
    slips_seen: int = 0


@dataclass(eq=False)
class SpeakerEnd:
    """Also keeps which sounds it plays, so that each is begun once."""

    device: AudioDevice
    line: SpeakerLine
    stream: OpenStream
    opened_at: float
    counted_at: float
    slips_seen: int = 0
    ringing: tuple[str, Player] | None = None
    tone: tuple[int, Player] | None = None

    def arrange(self) -> None:
        """Hand the present players to the callback, in one assignment."""
        self.line.players = tuple(entry[1] for entry in (self.ringing, self.tone) if entry is not None)


def is_unsteady(end: MicrophoneEnd | SpeakerEnd, now: float) -> bool:
    """The device slips again and again: this machine is too busy for so small a buffer."""
    if now - end.counted_at < _STEADY_S:
        return False
    slips, end.slips_seen = end.line.slips - end.slips_seen, end.line.slips
    first_look = end.counted_at == end.opened_at
    end.counted_at = now
    return slips >= _SLIPS and not first_look


def is_dead(end: MicrophoneEnd | SpeakerEnd, now: float) -> bool:
    """The stream stopped by itself, or the device no longer calls."""
    if not end.stream.running:
        return True
    if end.device.host_api == JACK:
        return False  # its server says when it ends; a stall is only a busy machine
    patience = _STALL_S if end.line.callbacks else _FIRST_CALLBACK_S
    return now - end.line.last_callback > patience


def open_microphone(host: SoundHost, device: AudioDevice, clock: Clock) -> MicrophoneEnd:
    """Open `device` in the first format that it takes; raise `DeviceRefused`."""
    refused = DeviceRefused(Refusal.SHAPE, device.name)
    for shape in host.input_shapes(device):
        line = MicrophoneLine(shape, clock)
        try:
            now = clock()
            return MicrophoneEnd(device, line, host.open_input(device, shape, line), now, now)
        except DeviceRefused as exc:
            refused = exc
            if exc.reason is not Refusal.SHAPE:
                break
    raise refused


def open_speaker(host: SoundHost, device: AudioDevice, clock: Clock) -> SpeakerEnd:
    """Open `device` in the first format that it takes; raise `DeviceRefused`."""
    refused = DeviceRefused(Refusal.SHAPE, device.name)
    for shape in host.output_shapes(device):
        line = SpeakerLine(shape, clock)
        try:
            now = clock()
            return SpeakerEnd(device, line, host.open_output(device, shape, line), now, now)
        except DeviceRefused as exc:
            refused = exc
            if exc.reason is not Refusal.SHAPE:
                break
    raise refused


class OpenEnds:
    """Everything that is open now: at most one microphone, and one speaker end for each device key.

    What is parted with goes on calling back, unheard, until `let_go`: closing takes its time, and whatever
    takes its place is to be opened before.
    """

    def __init__(self) -> None:
        self.microphone: MicrophoneEnd | None = None
        self.speakers: dict[str, SpeakerEnd] = {}
        self._leaving: list[MicrophoneEnd | SpeakerEnd] = []

    def __iter__(self) -> Iterator[MicrophoneEnd | SpeakerEnd]:
        if self.microphone is not None:
            yield self.microphone
        yield from self.speakers.values()

    def part_with(self, end: MicrophoneEnd | SpeakerEnd) -> None:
        """Take `end` out of use."""
        if isinstance(end, MicrophoneEnd):
            self.microphone = None
        else:
            del self.speakers[end.device.key]
        self._leaving.append(end)

    def close_device(self, key: str) -> None:
        """Close both directions of one device."""
        for end in [end for end in self if end.device.key == key]:
            self.part_with(end)
        self.let_go()

    def keep_speakers(self, *wanted: SpeakerEnd | None) -> None:
        """Part with every speaker end but those `wanted`."""
        for end in [end for end in self.speakers.values() if end not in wanted]:
            self.part_with(end)

    def let_go(self) -> None:
        """Close what has been parted with."""
        while self._leaving:
            self._leaving.pop().stream.close()

    def close(self) -> None:
        for end in [*self]:
            self.part_with(end)
        self.let_go()
