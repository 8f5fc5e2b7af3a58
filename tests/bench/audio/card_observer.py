"""Stands beside the sound card with a clock: `python -m tests.bench.audio.card_observer RESULT [SPEECH]`.

Two JACK clients that hang on to whatever uses the card "system". They play a burst into the microphone every
half second (or a 48 kHz WAV file over and over), keep all that the speaker plays, and know to a fraction of
a millisecond when each sample passed the card. They write everything when standard input ends.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import jack
import numpy as np
import numpy.typing as npt

from tests import tones
from tests.bench.audio.bursts import burst

RATE = 48_000
EVERY = 24_000 + 1_237
"""About half a second, but never in step with 20 ms frames."""
_LONGEST_S = 900
_NEIGHBOURS = 10

Floats = npt.NDArray[np.float32]


class Mouth:
    """Plays `said` over and over; knows when each burst of it went into the microphone."""

    def __init__(self, said: Floats) -> None:
        self.client = jack.Client("observer-mouth", no_start_server=True)
        self.port = self.client.outports.register("mic")
        self._period = self.client.blocksize
        self._times = np.zeros(_LONGEST_S * RATE // self._period)
        self._blocks = 0
        self._said = said
        self.client.set_process_callback(self._process)

    def said_at(self) -> npt.NDArray[np.float64]:
        starts = block_times(self._times[: self._blocks], self._period / RATE)
        bursts = np.arange(0, len(starts) * self._period, EVERY)
        times: npt.NDArray[np.float64] = starts[bursts // self._period] + bursts % self._period / RATE
        return times

    def _process(self, frames: int) -> None:
        self._times[self._blocks] = time.monotonic()
        place = self._blocks * frames % len(self._said)
        out = self.port.get_array()
        first = min(frames, len(self._said) - place)
        out[:first] = self._said[place : place + first]
        out[first:] = self._said[: frames - first]
        self._blocks += 1


class Ear:
    """Keeps all that the speaker plays, and when."""

    def __init__(self) -> None:
        self.client = jack.Client("observer-ear", no_start_server=True)
        self.port = self.client.inports.register("ear")
        self._period = self.client.blocksize
        self._times = np.zeros(_LONGEST_S * RATE // self._period)
        self._heard: Floats = np.zeros(_LONGEST_S * RATE, np.float32)
        self._blocks = 0
        self.xruns = 0
        self.client.set_process_callback(self._process)
        self.client.set_xrun_callback(self._on_xrun)

    def heard(self) -> tuple[npt.NDArray[np.float64], Floats]:
        """When each block began, and the sound."""
        starts = block_times(self._times[: self._blocks], self._period / RATE)
        return starts, self._heard[: len(starts) * self._period]

    def _process(self, frames: int) -> None:
        self._times[self._blocks] = time.monotonic()
        at = self._blocks * frames
        self._heard[at : at + frames] = self.port.get_array()
        self._blocks += 1

    def _on_xrun(self, _delayed: float) -> None:
        self.xruns += 1


class Observer:
    """Mouth and ear as two clients: one that the phone both feeds and hears would close a circle in the
    server's graph, which it opens by delaying some connection by a period, whichever it likes."""

    def __init__(self, speech: Path | None) -> None:
        self._mouth, self._ear = Mouth(_microphone(speech)), Ear()
        self._changed = threading.Event()
        self._finishing = False
        self._connecting = threading.Thread(target=self._keep_connected, daemon=True)
        self._ear.client.set_port_connect_callback(lambda *_: self._changed.set())
        self._connecting.start()
        self._mouth.client.activate()
        self._ear.client.activate()

    def finish(self, result: Path) -> None:
        self._stop_connecting()
        starts, heard = self._ear.heard()
        said_at = self._mouth.said_at()
        np.savez(result, block_times=starts, heard=heard, xruns=self._ear.xruns, said_at=said_at)
        self._mouth.client.close()
        self._ear.client.close()

    def _stop_connecting(self) -> None:
        """One request at a time: libjack mixes up the answers to two threads of one client, and both wait
        for ever (the phone's ports go just when the measurement ends)."""
        self._finishing = True
        self._changed.set()
        self._connecting.join()

    def _keep_connected(self) -> None:
        while self._changed.wait() and not self._finishing:
            self._changed.clear()
            try:
                self._join("^system:capture_1$", self._mouth.port, is_output=True)
                self._join("^system:playback_1$", self._ear.port, is_output=False)
            except jack.JackErrorCode:  # the phone is just connecting its ports
                time.sleep(0.02)
                self._changed.set()

    def _join(self, pattern: str, own: jack.Port, is_output: bool) -> None:
        client = self._ear.client
        for port in client.get_ports(pattern, is_output=is_output, is_input=not is_output):
            for user in client.get_all_connections(port):
                if user.name not in {other.name for other in client.get_all_connections(own)}:
                    client.connect(*((own, user) if is_output else (user, own)))


def block_times(seen: npt.NDArray[np.float64], period_s: float) -> npt.NDArray[np.float64]:
    """When each block really began: a callback may be late but never early, and a card that stalls for a
    cycle loses it for good, so each block trusts the most punctual of its neighbours only."""
    ideal = np.arange(len(seen)) * period_s
    ahead = np.pad(seen - ideal, _NEIGHBOURS, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(ahead, 2 * _NEIGHBOURS + 1)
    times: npt.NDArray[np.float64] = ideal + around.min(axis=1)
    return times


def _microphone(speech: Path | None) -> Floats:
    if speech is None:
        said: Floats = np.zeros(EVERY, np.float32)
        sound = burst(RATE)
        said[: len(sound)] = sound
        return said
    samples, rate = tones.read_wav(speech)
    if rate != RATE:
        raise ValueError(f"{speech} has {rate} Hz")
    return samples.astype(np.float32)


def main() -> int:
    speech = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    observer = Observer(speech)
    print("watching", flush=True)
    sys.stdin.read()
    observer.finish(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
