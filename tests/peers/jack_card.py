"""A sound card without hardware: JACK's dummy driver, and headsets that tests speak and listen with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests import tones
from tests.peers.availability import find_program
from tests.peers.jack_headset import times_of
from tests.peers.jack_registry import forget_dead_servers
from tests.peers.process import PeerProcess
from tests.peers.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
RATE_HZ = 48_000
PERIOD = 480
_REMEMBERED_BLOCKS = 6000
"""A minute."""


class PluggedHeadset:
    """One headset process: its microphone's tone can be changed, what its ear heard can be measured."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str], *, tap: bool) -> None:
        self.name = name
        self._recording = folder / f"{name}.pcm"
        command = [sys.executable, "-m", "tests.peers.jack_headset", *(["--tap"] if tap else [])]
        self._process = PeerProcess(
            [*command, name, str(self._recording)],
            folder / f"{name}.log",
            environment=environment,
            folder=ROOT,
            stdin=subprocess.PIPE,
        )
        self._process.wait_until(lambda: "plugged in" in self._process.tail(), f"headset {name}")

    def say(self, frequency_hz: float, *, level_dbfs: float = -20.0) -> None:
        """Hum a tone into the microphone from now on."""
        self._order(f"tone {frequency_hz:g} {level_dbfs:g}")

    def play(self, wav: Path) -> None:
        """Say the recording (48 kHz, 16 bit) into the microphone, again and again."""
        self._order(f"file {wav}")

    def be_silent(self) -> None:
        """Digital zero from the microphone."""
        self._order("silence")

    def heard(self, last_s: float) -> tones.Samples:
        """The last seconds of what came out at the ear."""
        size = 2 * round(last_s * RATE_HZ)
        with self._recording.open("rb") as file:
            length = file.seek(0, os.SEEK_END) // 2 * 2
            file.seek(max(0, length - size))
            data = file.read(min(size, length))
        return np.frombuffer(data, dtype="<i2").astype(np.float64) / 32768

    def heard_blocks(self, since: float) -> tuple[NDArray[np.float64], tones.Samples]:
        """When each block passed that came out at the ear after `since` (monotonic), and the blocks; a minute
        at most. Exact where the card has lost time, unlike `heard`.
        """
        size = times_of(self._recording).stat().st_size // 8
        first = max(0, size - _REMEMBERED_BLOCKS)
        times = np.fromfile(times_of(self._recording), "<f8", size - first, offset=first * 8)
        skipped = int(np.searchsorted(times, since, side="right"))
        first, times = first + skipped, times[skipped:]
        sound = np.fromfile(self._recording, "<i2", len(times) * PERIOD, offset=first * PERIOD * 2)
        return times, sound.reshape(len(times), PERIOD).astype(np.float64) / 32768

    def heard_dbfs(self, frequency_hz: float, *, last_s: float = 0.5) -> float:
        """Level of one frequency at the ear during the last half second."""
        return tones.level_dbfs(self.heard(last_s), frequency_hz, RATE_HZ)

    def wait_heard(self, frequency_hz: float, *, timeout_s: float = 10.0) -> None:
        """Until the frequency is clearly there."""
        self._wait(lambda level: level > tones.HEARD_DBFS, frequency_hz, "is heard", timeout_s)

    def wait_quiet(self, frequency_hz: float, *, timeout_s: float = 10.0) -> None:
        """Until the frequency is clearly gone."""
        self._wait(lambda level: level < tones.UNHEARD_DBFS, frequency_hz, "is gone", timeout_s)

    def unplug(self) -> None:
        """Pull the plug: the device is gone at once, with streams open on it or not."""
        self._process.stop(first=signal.SIGKILL)

    def pull_out(self) -> float:
        """Take the ports away in good order; return when, on the monotonic clock."""
        return self._order("unplug")

    def put_in(self) -> float:
        """Bring the ports back, with the same voice; return when this began."""
        return self._order("plug")

    def put_in_again(self) -> float:
        """A plug that wobbles: out and in at once; return when this began."""
        return self._order("replug")

    def put_away(self) -> None:
        """Leave the server in good order (a killed client keeps jackd from ending for seconds)."""
        if self._process.running:
            self._process.close_stdin()
            self._process.wait_for_end(timeout_s=5)
        self._process.stop()

    def _order(self, line: str) -> float:
        before = self._obeyed()
        self._process.send_line(line)
        self._process.wait_until(lambda: len(self._obeyed()) > len(before), line)
        return float(self._obeyed()[-1].split()[1])

    def _obeyed(self) -> list[str]:
        lines = self._process.log.read_text(encoding="utf-8").splitlines(keepends=True)
        return [line for line in lines if line.startswith("obeyed") and line.endswith("\n")]

    def _wait(self, holds: Callable[[float], bool], frequency_hz: float, what: str, timeout_s: float) -> None:
        wait_for(
            lambda: holds(self.heard_dbfs(frequency_hz)),
            f"{frequency_hz:g} Hz {what} at {self.name} ({self.heard_dbfs(frequency_hz):.0f} dBFS at first)",
            timeout_s=timeout_s,
            poll_s=0.05,
        )


class JackCard:
    """One JACK server with the dummy driver. PortAudio in ``environment`` sees its card as "system".

    ``realtime`` keeps time on a busy machine, as hardware does; it needs root.
    """

    def __init__(self, folder: Path, *, realtime: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = f"softphone-test-{os.getpid()}"
        self._headsets: list[PluggedHeadset] = []
        forget_dead_servers()
        program = find_program("jackd", "jackd2")
        mode = ["-R", "-P", "70"] if realtime else ["-r"]
        command = [str(program), *mode, "-n", self._name, "-d", "dummy"]
        command += ["-r", str(RATE_HZ), "-p", str(PERIOD)]
        # JACK takes even an empty JACK_PROMISCUOUS_SERVER for an order to be promiscuous.
        base = {name: value for name, value in os.environ.items() if name != "JACK_PROMISCUOUS_SERVER"}
        self._environment = {**base, **self.environment}
        self._process = PeerProcess(
            [*command, "-C", "1", "-P", "2"], folder / "jackd.log", environment=self._environment
        )
        self._process.wait_until(self._answers, "the JACK server")

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to use this card."""
        return {"JACK_DEFAULT_SERVER": self._name, "JACK_NO_START_SERVER": "1"}

    def plug_in(self, name: str = "headset") -> PluggedHeadset:
        """A further device of this name (PortAudio lists it at its next start)."""
        return self._start_headset(name, tap=False)

    def tap(self, name: str = "person") -> PluggedHeadset:
        """A person at the card "system": speaks into its microphone and hears its speaker."""
        return self._start_headset(name, tap=True)

    def stop(self) -> None:
        """Unplug everything and end the server. Idempotent."""
        for headset in self._headsets:
            headset.put_away()
        self._headsets.clear()
        self._process.stop(grace_s=2)

    def _start_headset(self, name: str, *, tap: bool) -> PluggedHeadset:
        headset = PluggedHeadset(name, self._folder, self._environment, tap=tap)
        self._headsets.append(headset)
        return headset

    def _answers(self) -> bool:
        done = subprocess.run(
            [str(find_program("jack_lsp", "jackd2")), "-s", self._name],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return "system:playback_1" in done.stdout
