"""Notices that sound devices came or went, cheaply and without touching PortAudio or a live stream."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.ports import Watch
from softphone.engine.audio.scouting import FollowWatch

Signature = Callable[[], str]
"""Returns a text that differs whenever the list of devices differs."""

_EVERY_S = 0.5
_ALSA_FILES = (Path("/proc/asound/cards"), Path("/proc/asound/pcm"))


class NativeWatch:
    """Compares the system's own list, twice a second at most."""

    def __init__(self, signature: Signature, clock: Callable[[], float] = time.monotonic) -> None:
        self._signature = signature
        self._clock = clock
        self._known = signature()
        self._next = clock() + _EVERY_S

    def seen(self) -> tuple[AudioDevice, ...] | None:
        return None

    def wake_by(self, wake: Callable[[], None]) -> None:
        """It only learns of a change when it is asked."""

    def departures(self, key: str) -> int:  # noqa: ARG002 - Watch
        return 0

    def close(self) -> None:
        return

    def changed(self, listed: tuple[AudioDevice, ...]) -> bool:  # noqa: ARG002 - Watch
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + _EVERY_S
        current = self._signature()
        if current == self._known:
            return False
        self._known = current
        return True


def default_watch(platform: str = sys.platform) -> Watch:
    """Return the cheapest watch that this computer offers."""
    if platform == "win32":
        return NativeWatch(_winmm_signature)
    if platform == "darwin":
        return NativeWatch(_core_audio_signature)
    return NativeWatch(alsa_signature) if _ALSA_FILES[0].exists() else FollowWatch()


def alsa_signature(files: tuple[Path, ...] = _ALSA_FILES) -> str:
    """Return what the kernel lists as sound cards; empty where it has no sound at all."""
    return "\n".join(_text(path) for path in files)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


_CAPS_BYTES = 128
_NAME_AT = 8
_NAME_CHARACTERS = 32
_PREFERRED_GET = 0x2015
_WAVE_MAPPER = ctypes.c_void_p(-1)


def _winmm_signature() -> str:
    winmm: Any = ctypes.WinDLL("winmm")  # type: ignore[attr-defined,unused-ignore] # Windows only
    return "|".join(_winmm_direction(winmm, direction) for direction in ("Out", "In"))


def _winmm_direction(winmm: Any, direction: str) -> str:
    caps = ctypes.create_string_buffer(_CAPS_BYTES)
    size = 84 if direction == "Out" else 80
    names = []
    for index in range(getattr(winmm, f"wave{direction}GetNumDevs")()):
        ask = getattr(winmm, f"wave{direction}GetDevCapsW")
        ask(ctypes.c_size_t(index), caps, size)
        name = caps.raw[_NAME_AT : _NAME_AT + 2 * _NAME_CHARACTERS]
        names.append(name.decode("utf-16-le", "replace").split("\0")[0])
    preferred, flags = ctypes.c_uint32(), ctypes.c_uint32()
    tell = getattr(winmm, f"wave{direction}Message")
    tell(_WAVE_MAPPER, _PREFERRED_GET, ctypes.byref(preferred), ctypes.byref(flags))
    return f"{preferred.value}:{';'.join(names)}"


class _Property(ctypes.Structure):
    """AudioObjectPropertyAddress of CoreAudio's AudioHardware.h."""

    _fields_ = (
        ("selector", ctypes.c_uint32), ("scope", ctypes.c_uint32), ("element", ctypes.c_uint32),
    )  # fmt: skip


_SYSTEM_OBJECT = 1
_CORE_AUDIO = "/System/Library/Frameworks/CoreAudio.framework/CoreAudio"
_MOST_DEVICES = 256


def _core_audio_signature() -> str:
    library = ctypes.CDLL(_CORE_AUDIO)
    return "|".join(_core_audio_property(library, name) for name in (b"dev#", b"dIn ", b"dOut"))


def _core_audio_property(library: ctypes.CDLL, selector: bytes) -> str:
    address = _Property(int.from_bytes(selector, "big"), int.from_bytes(b"glob", "big"), 0)
    ids = (ctypes.c_uint32 * _MOST_DEVICES)()
    size = ctypes.c_uint32(ctypes.sizeof(ids))
    library.AudioObjectGetPropertyData(
        _SYSTEM_OBJECT, ctypes.byref(address), 0, None, ctypes.byref(size), ctypes.byref(ids)
    )
    return ",".join(str(number) for number in ids[: size.value // 4])
