"""Lists the sound devices in a process of its own, because a running PortAudio only knows its first list.

`python -m softphone.engine.audio.scout` prints one line of JSON and ends; with `--follow` it stays and prints
a line whenever the list has changed. A packaged program accepts the same arguments behind its own name.
"""

from __future__ import annotations

import sys
import threading

import msgspec

from softphone.domain.audio import AudioDevice
from softphone.engine.audio.portaudio import PortAudioHost
from softphone.engine.audio.scouting import FOLLOW

_PERIOD_S = 0.8


def list_devices() -> tuple[AudioDevice, ...]:
    """Start PortAudio in this process, read its list and end it again."""
    host = PortAudioHost()
    found = host.devices()
    host.close()
    return found


def main(arguments: list[str]) -> int:
    """Print the list once, or with `--follow` whenever it has changed until standard input closes."""
    known: tuple[AudioDevice, ...] | None = None
    gone = threading.Event()
    if FOLLOW in arguments:
        threading.Thread(target=_await_end, args=(gone,), daemon=True).start()
    while True:
        found = list_devices()
        if found != known:
            sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
            sys.stdout.buffer.flush()
            known = found
        if FOLLOW not in arguments or gone.wait(_PERIOD_S):
            return 0


def _await_end(gone: threading.Event) -> None:
    sys.stdin.buffer.read()
    gone.set()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
