"""Real sound cards through PortAudio (`sounddevice`): callbacks only, everything on the device thread.

PortAudio freezes its list when it starts. `look_again` ends and starts it, which stops every stream; a watch
tells that something has changed and a scout, in a process of its own, what it is, before that. Blocking reads
and writes corrupted the heap on JACK and are not used.
"""

from __future__ import annotations

from typing import Any

import structlog

from softphone.domain.audio import AudioDevice
from softphone.domain.text import clean_line
from softphone.engine.audio.ports import DeviceRefused, Intake, OpenStream, Refusal, Shape, Source, Watch
from softphone.engine.audio.scouting import Scout

_log = structlog.get_logger(__name__)

_BLOCK_S = 0.01
_FIRST_HOST_APIS = ("Windows WASAPI", "Core Audio", "JACK Audio Connection Kit", "PulseAudio", "ALSA")
"""One host API is shown where several list the same devices, the earliest here that has any."""
_CLUTTER = ("dmix", "dsnoop", "surround", "front", "rear", "center_lfe", "side", "iec958", "spdif", "modem",
            "phoneline", "lavrate", "samplerate", "speexrate", "upmix", "vdownmix", "sysdefault")  # fmt: skip
_BUSY_CODES = (-9985, -16)
_GONE_CODES = (-9996, -9988)
_SHAPE_CODES = (-9998, -9997, -9994)
_DENIED_MARKS = ("0x80070005", "-2147024891", "access is denied", "not permitted", "permission denied")


class PortAudioHost:
    """All devices that PortAudio knows; import and start of the library happen at the first look."""

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch
        self._scout: Scout | None = None
        self._sd: Any = None
        self._devices: tuple[AudioDevice, ...] = ()
        self._index: dict[str, int] = {}
        self._rates: dict[str, int] = {}
        self._started = False
        self.missing = ""
        """Why there is no PortAudio at all; empty if there is."""

    def devices(self) -> tuple[AudioDevice, ...]:
        if not self._started:
            self.look_again()
        return self._devices

    def changed(self) -> bool:
        return self._started and self._watch is not None and self._watch.changed()

    def begin_preview(self) -> None:
        self._end_scout()
        self._scout = Scout()

    def preview(self) -> tuple[AudioDevice, ...] | None:
        return self._scout.newest if self._scout is not None else None

    def look_again(self) -> None:
        """Start PortAudio anew and read its list."""
        try:
            if self._sd is None:
                self._sd = _portaudio()
            elif self._started:
                _restart(self._sd)
            self._read_list()
            self.missing = ""
        except OSError as exc:
            self.missing = str(exc)
            self._devices = ()
            _log.warning("portaudio_missing", detail=self.missing)
        self._started = True

    def input_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        return self._shapes(device, device.inputs)

    def output_shapes(self, device: AudioDevice) -> tuple[Shape, ...]:
        return self._shapes(device, device.outputs)

    def open_input(self, device: AudioDevice, shape: Shape, intake: Intake) -> OpenStream:
        def captured(data: Any, _frames: int, _time: Any, _status: Any) -> None:
            intake.take(memoryview(data))

        return self._open("RawInputStream", device, shape, captured)

    def open_output(self, device: AudioDevice, shape: Shape, source: Source) -> OpenStream:
        def wanted(data: Any, _frames: int, _time: Any, _status: Any) -> None:
            source.give(memoryview(data))

        return self._open("RawOutputStream", device, shape, wanted)

    def close(self) -> None:
        """End PortAudio; it starts again at the next look."""
        self._end_scout()
        if self._watch is not None:
            self._watch.close()
        if self._sd is not None and self._started and not self.missing:
            _end(self._sd)
        self._started = False

    def _end_scout(self) -> None:
        if self._scout is not None:
            self._scout.close()
        self._scout = None

    def _shapes(self, device: AudioDevice, most: int) -> tuple[Shape, ...]:
        rate = self._rates.get(device.key, 48000)
        block = round(rate * _BLOCK_S)
        return tuple(Shape(rate, channels, block) for channels in (1, 2) if channels <= max(most, 1))

    def _open(self, kind: str, device: AudioDevice, shape: Shape, callback: Any) -> OpenStream:
        index = self._index.get(device.key)
        if index is None or self._sd is None:
            raise DeviceRefused(Refusal.GONE, device.name)
        try:
            stream = getattr(self._sd, kind)(
                samplerate=shape.rate, blocksize=shape.block, device=index, channels=shape.channels,
                dtype="int16", latency="low", callback=callback,
            )  # fmt: skip
            stream.start()
        except self._sd.PortAudioError as exc:
            raise _refusal(exc) from exc
        return _PortAudioStream(stream, self._sd)

    def _read_list(self) -> None:
        hosts, raw = self._sd.query_hostapis(), self._sd.query_devices()
        chosen = _best_host(hosts)
        found: list[AudioDevice] = []
        self._index.clear()
        for index, entry in enumerate(raw):
            device = _device(index, entry, hosts)
            if entry["hostapi"] != chosen or _clutter(device) or device.key in self._index:
                continue
            found.append(device)
            self._index[device.key] = index
            self._rates[device.key] = round(entry["default_samplerate"]) or 48000
        self._devices = tuple(found)


class _PortAudioStream:
    def __init__(self, stream: Any, sd: Any) -> None:
        self._stream = stream
        self._sd = sd

    @property
    def running(self) -> bool:
        try:
            return bool(self._stream.active)
        except self._sd.PortAudioError:
            return False

    def close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


def _portaudio() -> Any:
    # Imported at the first look: loading starts PortAudio, which costs 0.1 s and talks to every sound system.
    import sounddevice

    return sounddevice


def _restart(sd: Any) -> None:
    _end(sd)
    sd._initialize()  # noqa: SLF001 - the documented way to look for devices again


def _end(sd: Any) -> None:
    try:
        sd._terminate()  # noqa: SLF001 - see _restart
    except sd.PortAudioError as exc:
        _log.warning("portaudio_end_failed", detail=str(exc))


def _best_host(hosts: Any) -> int:
    with_devices = [index for index, host in enumerate(hosts) if host["devices"]]
    for name in _FIRST_HOST_APIS:
        for index in with_devices:
            if hosts[index]["name"] == name:
                return index
    return with_devices[0] if with_devices else -1


def _device(index: int, entry: Any, hosts: Any) -> AudioDevice:
    host = hosts[entry["hostapi"]]
    return AudioDevice(
        name=clean_line(str(entry["name"])),
        host_api=str(host["name"]),
        inputs=int(entry["max_input_channels"]),
        outputs=int(entry["max_output_channels"]),
        default_input=host["default_input_device"] == index,
        default_output=host["default_output_device"] == index,
    )


def _clutter(device: AudioDevice) -> bool:
    """Plugins that ALSA lists beside the devices they belong to, and our own streams as JACK lists them."""
    if device.host_api == "JACK Audio Connection Kit":
        return device.name.startswith("PortAudio")
    return device.host_api == "ALSA" and device.name.split(":")[0].startswith(_CLUTTER)


def _refusal(exc: Exception) -> DeviceRefused:
    detail = clean_line(str(exc), 200)
    code = next((part for part in exc.args[1:2] if isinstance(part, int)), 0)
    lowered = str(exc.args).lower()
    if any(mark in lowered for mark in _DENIED_MARKS):
        return DeviceRefused(Refusal.DENIED, detail)
    for codes, reason in (
        (_BUSY_CODES, Refusal.BUSY), (_GONE_CODES, Refusal.GONE), (_SHAPE_CODES, Refusal.SHAPE),
    ):  # fmt: skip
        if code in codes:
            return DeviceRefused(reason, detail)
    return DeviceRefused(Refusal.OTHER, detail)
