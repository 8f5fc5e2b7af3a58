"""Real sound cards through PortAudio (`sounddevice`): callbacks only, everything on the device thread.

PortAudio freezes its list when it starts. `look_again` ends and starts it, which stops every stream; a watch
tells that something has changed and a scout, in a process of its own, what it is, before that. A JACK device
that PortAudio has listed once is reached whenever it is there, because its ports are looked up by name when a
stream is opened. Blocking reads and writes corrupted the heap on JACK and are not used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from softphone.domain.audio import AudioDevice
from softphone.domain.text import clean_line
from softphone.engine.audio.catalogue import ALSA, JACK, WASAPI, Listed, read_catalogue
from softphone.engine.audio.portaudio_library import abandon, end_portaudio, fresh_portaudio, jack_is_safe
from softphone.engine.audio.ports import DeviceRefused, Intake, OpenStream, Refusal, Shape, Source, Watch
from softphone.engine.audio.scouting import Scout

_log = structlog.get_logger(__name__)

_BLOCK_S = 0.01
_LATENCIES: tuple[str | float, ...] = ("low", 0.03, 0.06, 0.1)
_REFUSALS = {
    -9985: Refusal.BUSY,  # paDeviceUnavailable
    -9996: Refusal.GONE,  # paInvalidDevice
    -9998: Refusal.SHAPE,  # paInvalidChannelCount
    -9997: Refusal.SHAPE,  # paInvalidSampleRate
    -9994: Refusal.SHAPE,  # paSampleFormatNotSupported
}
_DENIED_MARKS = ("0x80070005", "-2147024891", "access is denied", "not permitted", "permission denied")


class PortAudioHost:
    """All devices that PortAudio knows; import and start of the library happen at the first look."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch
        self._scout: Scout | None = None
        self._sd: Any = None
        self._catalogue: dict[str, Listed] = {}
        self._streams: list[_PortAudioStream] = []
        self._relaxed: dict[str, int] = {}
        self._gone: set[str] = set()
        self._started = False
        self._jack_died = False

    def devices(self) -> tuple[AudioDevice, ...]:
        if not self._started:
            self.look_again()
        return tuple(listed.device for listed in self._catalogue.values())

    def changed(self) -> bool:
        return self._watch is not None and self._watch.changed(self.devices())

    def wake_by(self, wake: Callable[[], None]) -> None:
        if self._watch is not None:
            self._watch.wake_by(wake)

    def begin_preview(self) -> None:
        self._end_scout()
        if self._watch is None or self._watch.seen() is None:
            self._scout = Scout()

    def preview(self) -> tuple[AudioDevice, ...] | None:
        """What the scout saw; ALSA hides from others each direction that is open, so ours are put in."""
        if self._scout is not None:
            seen = self._scout.newest
        else:
            seen = self._watch.seen() if self._watch is not None else None
        if seen is None:
            return None
        ours = {stream.device.key: stream.device for stream in self._streams if stream.running}
        self._gone |= self._catalogue.keys() - {device.key for device in seen} - ours.keys()
        hidden = {key: device for key, device in ours.items() if device.host_api == ALSA}
        shown = tuple(hidden.pop(device.key, device) for device in seen)
        return shown + tuple(hidden.values())

    def look_again(self) -> None:
        """Start PortAudio anew and read its list; without PortAudio the list is empty."""
        self._started = True
        self._streams.clear()
        self._gone.clear()
        self._catalogue = {}
        try:
            self._sd = fresh_portaudio(self._jack_died)
            self._jack_died = False
            self._catalogue = read_catalogue(self._sd.query_hostapis(), self._sd.query_devices())
        except OSError as exc:
            _log.warning("portaudio_missing", detail=str(exc))

    def reaches(self, device: AudioDevice) -> bool:
        listed = self._catalogue.get(device.key)
        if listed is None:
            return False
        if device.host_api != JACK:
            return device.key not in self._gone
        return not self._jack_died and _has_directions(listed.device, device)

    def note_gone(self, device: AudioDevice) -> None:
        self._gone.add(device.key)

    def departures(self, device: AudioDevice) -> int:
        """How often `device` was seen going."""
        return self._watch.departures(device.key) if self._watch is not None else 0

    def input_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        listed = self._catalogue.get(device.key)
        return _shapes(listed.input_rate, device.inputs) if listed else ()

    def output_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        listed = self._catalogue.get(device.key)
        return _shapes(listed.output_rate, device.outputs) if listed else ()

    def open_input(self, device: AudioDevice, shape: Shape, intake: Intake) -> OpenStream:
        def captured(data: Any, _frames: int, _time: Any, status: Any) -> None:
            intake.take(memoryview(data), bool(status))

        return self._open("RawInputStream", device, self._listed(device).input_index, shape, captured)

    def open_output(self, device: AudioDevice, shape: Shape, source: Source) -> OpenStream:
        def wanted(data: Any, _frames: int, _time: Any, status: Any) -> None:
            source.give(memoryview(data), bool(status))

        return self._open("RawOutputStream", device, self._listed(device).output_index, shape, wanted)

    def relax(self, device: AudioDevice) -> bool:
        """Three steps up to a tenth of a second; JACK's buffer is not ours to choose."""
        step = self._relaxed.get(device.key, 0)
        if device.host_api == JACK or step >= len(_LATENCIES) - 1:
            return False
        self._relaxed[device.key] = step + 1
        return True

    def close(self) -> None:
        """End PortAudio; it starts again at the next look."""
        self._end_scout()
        if self._watch is not None:
            self._watch.close()
        if self._sd is not None:
            end_portaudio(self._sd, self._jack_died)
        self._jack_died = self._started = False

    def is_active(self, stream: Any) -> bool:
        """PortAudio's own word on one of its streams."""
        try:
            return bool(stream.active)
        except self._sd.PortAudioError:
            return False

    def note_jack_died(self) -> None:
        """A JACK stream stopped by itself: the server is ending, though it may still answer."""
        self._jack_died = True

    def jack_lives(self) -> bool:
        return not self._jack_died and jack_is_safe(self._sd)

    def forget(self, stream: _PortAudioStream) -> None:
        """`stream` is closed: what it held, the buffers of a line among it, may go."""
        if stream in self._streams:
            self._streams.remove(stream)

    def _listed(self, device: AudioDevice) -> Listed:
        listed = self._catalogue.get(device.key)
        if listed is None:
            raise DeviceRefused(Refusal.GONE, device.name)
        return listed

    def _open(self, kind: str, device: AudioDevice, index: int, shape: Shape, callback: Any) -> OpenStream:
        if device.host_api == JACK and not self.jack_lives():
            raise DeviceRefused(Refusal.GONE, "the JACK server has ended")
        departures = self.departures(device)  # before: it may go while it is being opened
        stream = None
        try:
            stream = getattr(self._sd, kind)(
                samplerate=shape.rate,
                blocksize=shape.block,
                device=index,
                channels=shape.channels,
                dtype="int16",
                latency=_LATENCIES[self._relaxed.get(device.key, 0)],
                callback=callback,
                extra_settings=_settings(device, self._sd),
            )
            stream.start()
        except self._sd.PortAudioError as exc:
            if stream is not None:
                stream.close(ignore_errors=True)
            raise refusal_of(exc) from exc
        opened = _PortAudioStream(device, stream, self, departures)
        self._streams.append(opened)
        return opened

    def _end_scout(self) -> None:
        if self._scout is not None:
            self._scout.close()
        self._scout = None


class _PortAudioStream:
    def __init__(self, device: AudioDevice, stream: Any, host: PortAudioHost, departures: int) -> None:
        self.device = device
        self._stream = stream
        self._host = host
        self._departures = departures
        self._closed = False

    @property
    def running(self) -> bool:
        """A JACK stream goes on when its device goes, and is not joined to it again when it comes back."""
        if self._closed:
            return False
        alive = self._host.is_active(self._stream)
        if self.device.host_api != JACK:
            return alive
        if not alive:
            self._host.note_jack_died()
        return alive and self._host.departures(self.device) == self._departures

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._host.forget(self)
        if self.device.host_api == JACK and not self._host.jack_lives():
            abandon(self._stream)
            return
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


def _settings(device: AudioDevice, sd: Any) -> Any:
    """Let Windows convert where a card in shared mode would refuse our format."""
    return sd.WasapiSettings(auto_convert=True) if device.host_api == WASAPI else None


def _has_directions(listed: AudioDevice, now: AudioDevice) -> bool:
    """Of a client that comes back port by port not every direction is there yet."""
    return bool(listed.inputs) >= bool(now.inputs) and bool(listed.outputs) >= bool(now.outputs)


def _shapes(rate: int, most_channels: int) -> tuple[Shape, ...]:
    """Mono, and stereo for cards that refuse mono."""
    block = round(rate * _BLOCK_S)
    return tuple(Shape(rate, channels, block) for channels in (1, 2) if channels <= most_channels)


def refusal_of(exc: Exception) -> DeviceRefused:
    """Translate `PortAudioError(text, code, host_error)`."""
    detail = clean_line(str(exc), 200)
    if any(mark in str(exc.args).lower() for mark in _DENIED_MARKS):
        return DeviceRefused(Refusal.DENIED, detail)
    code = exc.args[1] if len(exc.args) > 1 else 0
    return DeviceRefused(_REFUSALS.get(code, Refusal.OTHER), detail)
