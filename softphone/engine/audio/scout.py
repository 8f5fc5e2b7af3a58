"""Lists the sound devices in a process of its own, because a running PortAudio only knows its first list.

`python -m softphone.engine.audio.scout` prints one line of JSON and ends; with `--follow` it stays and prints
a line whenever the list has changed. A packaged program accepts the same arguments behind its own name.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.catalogue import ALSA, JACK
from softphone.engine.audio.jack_ports import JackPorts
from softphone.engine.audio.portaudio import PortAudioHost
from softphone.engine.audio.priority import step_back
from softphone.engine.audio.scouting import FOLLOW

_PERIOD_S = 0.1
"""Between two looks for hints, which read memory and a small file; JACK's own word comes at once."""
_SETTLING_S = 0.01
_MOST_STIRS = 5
"""A device comes and goes port by port: it is told when nothing has come for a moment, or soon after."""
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
    a computer without any device. Once PortAudio has listed exactly what the ports tell, the ports are
    believed, and nothing is listed any more as long as there are any: PortAudio takes a tenth of a second for
    it on an idle machine, and many times that where others are busy.
    """

    def __init__(
        self, ports: JackPorts, listing: Callable[[], Devices] = list_devices, cards: Path = _CARDS
    ) -> None:
        self._ports = ports
        self._listing = listing
        self._cards = cards
        self._signs: Signs | None = None
        self._found: Devices = ()
        self._ports_tell_all = False

    def news(self) -> Iterator[Devices]:
        """The devices as they are now; before that, without those that have been away in the meantime: what
        was connected to them no longer is, although they are back."""
        departed = self._ports.take_departed()
        found = self.look()
        if any(device.name in departed for device in found):
            yield tuple(device for device in found if device.name not in departed)
        yield found

    def look(self) -> Devices:
        """The devices as they are now."""
        signs = self._read_signs()
        if signs != self._signs or self._blind:
            self._signs = signs
            self._found = self._list()
        return self._found

    def has_signs(self) -> bool:
        """Whether something hints at a change that was not told of."""
        return self._read_signs() != self._signs

    def _read_signs(self) -> Signs:
        return self._ports.names(), self._cards.exists() and self._cards.read_text(errors="replace")

    def _list(self) -> Devices:
        told = self._ports.devices()
        if told and self._ports_tell_all:
            return told
        found = self._listing()
        self._ports_tell_all = bool(found) and found == self._ports.devices()
        return found

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

    PortAudio lists behind whoever is in a call: a list may come a moment later, sound may not. What JACK's
    ports tell costs next to nothing and is told at the priority of the engine, which waits for it.
    """
    if FOLLOW not in arguments:
        step_back()
        _print(list_devices())
        return 0
    stirred, gone = threading.Event(), threading.Event()
    threading.Thread(target=_await_end, args=(gone, stirred), daemon=True).start()
    ports = JackPorts(on_news=stirred.set)
    behind = ThreadPoolExecutor(1, initializer=step_back)
    lookout = Lookout(ports, lambda: behind.submit(_list_or_end).result())
    known: Devices | None = None
    while not (gone.is_set() or ports.server_ended):
        for found in lookout.news():
            if found != known:
                _print(found)
                known = found
        if stirred.wait(lookout.pause_s) or lookout.has_signs():
            _let_settle(stirred)
    if ports.server_ended:
        os._exit(0)  # without touching libjack once more: whoever wants to go on following starts another
    ports.close()
    return 0


def _let_settle(stirred: threading.Event) -> None:
    for _ in range(_MOST_STIRS):
        stirred.clear()
        if not stirred.wait(_SETTLING_S):
            return


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


def _await_end(gone: threading.Event, stirred: threading.Event) -> None:
    sys.stdin.buffer.read()
    gone.set()
    stirred.set()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
