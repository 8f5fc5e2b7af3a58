"""Starts and ends the PortAudio library, which dies or hangs with its JACK server.

`Pa_Terminate` and `Pa_OpenStream` assert that their JACK client still lives and `Pa_AbortStream` waits for
it. Where it does not, the library is left alone and a private copy of it is loaded in its place: other sound
systems work again at once, and JACK when its server is back. Of eight such returns on a machine under four
times its load two hung inside libjack, which was not made for two servers in one life.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import structlog

from softphone.domain.facts import dataclass
from softphone.engine.audio.catalogue import JACK

_log = structlog.get_logger(__name__)

_JACK_LIBRARY = "libjack.so.0"
_NO_START_SERVER = 0x01
_USE_EXACT_NAME = 0x02
_SERVER_FAILED = 0x10
_MAPS = Path("/proc/self/maps")


@dataclass
class _Serving:
    """The library that serves now: its copy, if it is one, and under which name it is at the JACK server.

    That is PortAudio-01 while somebody else is there as PortAudio: another program, or the scout that lists.
    """

    copy: ctypes.CDLL | None = None
    jack_name: bytes = b"PortAudio"


_serving = _Serving()
_abandoned: list[Any] = []
"""Libraries and streams with a dead JACK client: freeing them would pull the code from under its threads."""


def fresh_portaudio(jack_died: bool = False) -> Any:
    """Start PortAudio, again if it runs; raise `OSError` where the library is missing or will not start."""
    first = "sounddevice" not in sys.modules
    try:
        # At the first look, not before: loading starts PortAudio, which takes 0.1 s
        import sounddevice
    except ImportError as exc:
        raise OSError(str(exc)) from exc
    if first:
        _note_jack_name(sounddevice)
        return sounddevice
    end_portaudio(sounddevice, jack_died)
    try:
        sounddevice._initialize()  # noqa: SLF001 - the documented way to look for devices again
    except sounddevice.PortAudioError as exc:
        raise OSError(str(exc)) from exc
    _note_jack_name(sounddevice)
    return sounddevice


def _note_jack_name(sd: Any) -> None:
    """Ask now: once the server is dead, nothing of its client may be touched."""
    if not _has_jack(sd):
        return
    library = _serving.copy or ctypes.CDLL(sd._libname)  # noqa: SLF001 - the one that sounddevice has loaded
    name = ctypes.c_char_p()
    if library.PaJack_GetClientName(ctypes.byref(name)) == 0 and name.value:
        _serving.jack_name = name.value


def _has_jack(sd: Any) -> bool:
    return any(host["name"] == JACK for host in sd.query_hostapis())


def end_portaudio(sd: Any, jack_died: bool = False) -> None:
    """End PortAudio if it runs; `jack_died` if that is known from a stream."""
    if not sd._initialized:  # noqa: SLF001 - sounddevice's own count
        return
    if jack_died or not jack_is_safe(sd):
        _replace(sd)
        return
    try:
        sd._terminate()  # noqa: SLF001 - see fresh_portaudio
    except sd.PortAudioError as exc:
        _log.warning("portaudio_end_failed", detail=str(exc))


def jack_is_safe(sd: Any) -> bool:
    """Whether PortAudio's JACK client, if it has one, still lives."""
    return not _has_jack(sd) or _jack_client_lives()


def abandon(thing: Any) -> None:
    """Keep what can neither be closed nor freed any more."""
    _abandoned.append(thing)


def _jack_client_lives() -> bool:
    """Try to take our PortAudio's name at the server: it is free only if its owner is gone."""
    try:
        library = ctypes.CDLL(_JACK_LIBRARY)
    except OSError:
        return True
    library.jack_client_open.restype = ctypes.c_void_p
    status = ctypes.c_int()
    options = _NO_START_SERVER | _USE_EXACT_NAME
    client = library.jack_client_open(_serving.jack_name, options, ctypes.byref(status))
    if client:
        library.jack_client_close(ctypes.c_void_p(client))
        return False
    return not status.value & _SERVER_FAILED


def _replace(sd: Any) -> None:
    loaded = next(line.split()[-1] for line in _MAPS.read_text().splitlines() if "libportaudio" in line)
    handle, copy = tempfile.mkstemp(suffix=".so")
    os.close(handle)
    try:
        shutil.copyfile(loaded, copy)
        abandon(sd._lib)  # noqa: SLF001
        sd._lib = sd._ffi.dlopen(copy)  # noqa: SLF001
        _serving.copy = ctypes.CDLL(copy)
    finally:
        Path(copy).unlink()
    sd._initialized = 0  # noqa: SLF001 - what follows counts for the copy, at exit too
    _log.warning("portaudio_replaced", reason="its JACK client is dead")
