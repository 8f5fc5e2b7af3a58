"""Lists the sound devices in a process of its own, because a running PortAudio only knows its first list.

`python -m softphone.engine.audio.scout` prints one line of JSON and ends; with `--follow` it stays and prints
a line whenever the list has changed. A packaged program accepts the same arguments behind its own name.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.catalogue import ALSA, JACK
from softphone.engine.audio.jack_ports import JackPorts
from softphone.engine.audio.portaudio import PortAudioHost
from softphone.engine.audio.priority import step_back
from softphone.engine.audio.scouting import FOLLOW

_PERIOD_S = 0.1
"""Between two looks for hints, which read memory and a small file."""
_BLIND_PERIOD_S = 0.8
"""Between two listings where nothing gives a hint."""
_LONGEST_LISTING_S = 10.0
_CARDS = Path("/proc/asound/cards")

Devices = tuple[AudioDevice, ...]
Signs = tuple[object, ...]


def list_devices() -> Devices:
    """Start PortAudio in this process, read its list and end it again."""
    host = PortAudioHost()
    found = host.devices()
    host.close()
    return found


class Lookout:
    """Lists the devices anew only when something hints that the list has changed: listing is no free look.

    The hints are the ports of the JACK server and the kernel's cards. Devices of a sound system that gives
    none (PulseAudio) are listed each time, and where the kernel lists no cards (Windows, containers) so is
    a computer without any device.
    """

    def __init__(
        self, ports: JackPorts, listing: Callable[[], Devices] = list_devices, cards: Path = _CARDS
    ) -> None:
        self._ports = ports
        self._listing = listing
        self._cards = cards
        self._signs: Signs | None = None
        self._found: Devices = ()

    def look(self) -> Devices:
        """The devices as they are now."""
        signs: Signs = (self._ports.names(), self._cards.exists() and self._cards.read_text(errors="replace"))
        if signs != self._signs or self._blind:
            self._signs = signs
            self._found = self._listing()
        return self._found

    @property
    def pause_s(self) -> float:
        """How long to wait before the next look."""
        return _BLIND_PERIOD_S if self._blind else _PERIOD_S

    @property
    def _blind(self) -> bool:
        if not self._found:
            return not self._cards.exists()
        return any(device.host_api not in (JACK, ALSA) for device in self._found)


def main(arguments: list[str]) -> int:
    """Print the list once, or with `--follow` whenever it has changed until standard input closes.

    Behind whoever is in a call: a list may come a moment later, sound may not.
    """
    step_back()
    if FOLLOW not in arguments:
        _print(list_devices())
        return 0
    gone = threading.Event()
    threading.Thread(target=_await_end, args=(gone,), daemon=True).start()
    ports = JackPorts()
    lookout = Lookout(ports, _list_or_end)
    known: Devices | None = None
    while not ports.server_ended:
        found = lookout.look()
        if found != known:
            _print(found)
            known = found
        if gone.wait(lookout.pause_s):
            ports.close()
            return 0
    os._exit(0)  # without touching libjack once more: whoever wants to go on following starts another


def _list_or_end() -> Devices:
    """A library that hangs with its dying server must not leave a scout that sees nothing any more."""
    overdue = threading.Timer(_LONGEST_LISTING_S, os._exit, (1,))
    overdue.daemon = True
    overdue.start()
    try:
        return list_devices()
    finally:
        overdue.cancel()


def _print(found: Devices) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
    sys.stdout.buffer.flush()


def _await_end(gone: threading.Event) -> None:
    sys.stdin.buffer.read()
    gone.set()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
