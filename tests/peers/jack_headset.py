"""A headset on a JACK server, as a process of its own: ``python -m tests.peers.jack_headset NAME RECORDING``.

Its microphone plays what standard input orders, one line each: ``tone HZ DBFS``, ``file WAV``, ``silence``;
``unplug`` and ``plug`` take its ports away and bring them back, ``replug`` does both at once; each is echoed
with the time (monotonic, in seconds) at which it was begun. Its ear appends everything it hears to RECORDING
as 16-bit mono samples without a header, and when each block passed to RECORDING.times. With ``--tap`` it is
no device of its own but hangs on to whatever uses the card "system": its tone goes into each input fed by
``system:capture_1``, and its ear hears each output that plays to ``system:playback_1``.
"""

from __future__ import annotations

import argparse
import struct
import sys
import threading
import time
from pathlib import Path

import jack
import numpy as np
from numpy.typing import NDArray

from tests import tones

Block = NDArray[np.float32]

RATE_HZ = 48_000
"""Of the card: what the voice is made for."""


def times_of(recording: Path) -> Path:
    """Where it is written when each block passed: seconds on the monotonic clock, as doubles."""
    return recording.with_name(recording.name + ".times")


class Voice:
    """What the microphone says: an endless repetition of one buffer."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._buffer: Block = np.zeros(rate_hz, dtype=np.float32)
        self._at = 0

    def order(self, line: str) -> None:
        """Obey one line of orders. Raises ValueError on an unknown one."""
        words = line.split(maxsplit=2)
        match words:
            case ["silence"]:
                samples = tones.silence(1, self._rate_hz)
            case ["tone", hertz, level]:
                samples = tones.tone(float(hertz), 1, self._rate_hz, level_dbfs=float(level))
            case ["file", path]:
                samples = self._read(Path(path))
            case _:
                raise ValueError(f"unknown order: {line!r}")
        self._buffer, self._at = samples.astype(np.float32), 0

    def take(self, frames: int) -> Block:
        """The next samples."""
        buffer = self._buffer
        places = (self._at + np.arange(frames)) % len(buffer)
        self._at = int(places[-1] + 1) % len(buffer)
        return buffer[places]

    def _read(self, path: Path) -> tones.Samples:
        samples, rate_hz = tones.read_wav(path)
        if rate_hz != self._rate_hz:
            raise ValueError(f"{path} has {rate_hz} Hz, the card {self._rate_hz}")
        return samples


class Headset:
    """The JACK client: one process callback and, with ``tap``, connections made as ports appear."""

    def __init__(self, name: str, recording: Path, voice: Voice, *, tap: bool) -> None:
        self._client = jack.Client(name, no_start_server=True)
        self._mic = self._client.outports.register("mic")
        self._ear = self._client.inports.register("ear")
        self._voice = voice
        self._out = recording.open("ab", buffering=0)
        self._times = times_of(recording).open("ab", buffering=0)
        self._changed = threading.Event()
        self._closing = False
        self._tapping = threading.Thread(target=self._keep_tapping, daemon=True) if tap else None
        self._client.set_process_callback(self._process)
        if self._tapping is not None:
            self._client.set_port_connect_callback(lambda *_: self._changed.set())
            self._tapping.start()
        self._client.activate()

    def close(self) -> None:
        """Pull the plug. Not while the other thread asks: libjack would leave both waiting for ever."""
        self._closing = True
        self._changed.set()
        if self._tapping is not None:
            self._tapping.join()
        self._client.close()
        self._out.close()
        self._times.close()

    def _process(self, frames: int) -> None:
        self._mic.get_array()[:] = self._voice.take(frames)
        heard = np.clip(self._ear.get_array(), -1, 1) * 32767
        self._out.write(heard.astype("<i2").tobytes())
        self._times.write(struct.pack("<d", time.monotonic()))

    def _keep_tapping(self) -> None:
        while self._changed.wait() and not self._closing:
            self._changed.clear()
            try:
                self._tap()
            except jack.JackErrorCode:  # the telephone's ports have just gone: look again
                time.sleep(0.02)
                self._changed.set()

    def _tap(self) -> None:
        for port in self._users_of("system:capture_1", is_output=True):
            if port.name not in {other.name for other in self._client.get_all_connections(self._mic)}:
                self._client.connect(self._mic, port)
        for port in self._users_of("system:playback_1", is_output=False):
            if port.name not in {other.name for other in self._client.get_all_connections(self._ear)}:
                self._client.connect(port, self._ear)

    def _users_of(self, name: str, *, is_output: bool) -> list[jack.Port]:
        found = self._client.get_ports(f"^{name}$", is_output=is_output, is_input=not is_output)
        return [user for port in found for user in self._client.get_all_connections(port)]


def main() -> int:
    """Run until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tap", action="store_true")
    parser.add_argument("name")
    parser.add_argument("recording", type=Path)
    options = parser.parse_args()
    voice = Voice(RATE_HZ)

    def plugged() -> Headset:
        return Headset(options.name, options.recording, voice, tap=options.tap)

    headset: Headset | None = plugged()
    print("plugged in", flush=True)
    for line in sys.stdin:
        began, order = time.monotonic(), line.strip()
        if order in ("unplug", "replug") and headset is not None:
            headset.close()
            headset = None
        if order in ("plug", "replug") and headset is None:
            headset = plugged()
        elif order != "unplug":
            voice.order(order)
        print("obeyed", f"{began:.4f}", order, flush=True)
    if headset is not None:
        headset.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
