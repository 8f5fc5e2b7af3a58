"""A headset is pulled out and plugged in again during one call: `python -m tests.engine.audio.unplugging`.

Simulated time, and devices under the test's control; everything between PJSIP's tick and a device's callback
is ours. Prints JSON: how often the call lived, and how long until both directions had sound again. With
`--by-name` what comes back is reached without stopping PortAudio, as at a JACK server.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import logging
import statistics
from dataclasses import dataclass, field

import numpy as np
import structlog

from softphone.domain.audio import AudioChoice, AudioDevice
from softphone.engine.audio.patchbay import Patchbay
from softphone.engine.audio.voice import FRAME_BYTES, VoicePath
from softphone.engine.audio.wish import Wish
from tests.engine.audio.clockwork import SimulatedTime
from tests.engine.audio.plugboard import Plugboard, headset

CYCLES = 500
_LOUD = 7000
_BUILT_IN = headset("Built-in", default=True)
_JABRA = headset("Jabra Evolve")
_TALKING = Wish(AudioChoice(microphone=_JABRA.key, speaker=_JABRA.key), voice=True)
_STEP_S = 0.01
_GIVEN_UP_S = 5.0


@dataclass
class Outcome:
    """Seconds from each change to sound in both directions on the right device alone."""

    on_fallback: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    streams_left: int = 0


class Call:
    """PJSIP's tick every 20 ms, the devices' every 10 ms, the device thread's step every 50 ms."""

    def __init__(self, by_name: bool = False) -> None:
        self.time = SimulatedTime()
        self.board = Plugboard(_BUILT_IN, _JABRA, by_name=by_name)
        self.bay = Patchbay(lambda _card: self.board, self.time)
        self.voice = VoicePath()
        self._buffer = (ctypes.c_int16 * (FRAME_BYTES // 2))()
        self._address = ctypes.addressof(self._buffer)
        self._steps = 0
        self._said = 0

    def suffer(self, cycles: int) -> Outcome:
        outcome = Outcome()
        self._until_talk_on(_JABRA)
        for _ in range(cycles):
            self.board.unplug(_JABRA)
            outcome.on_fallback.append(self._until_talk_on(_BUILT_IN))
            self._go_on(0.3)
            self.board.plug(_JABRA)
            outcome.back.append(self._until_talk_on(_JABRA))
            self._go_on(0.3)
        outcome.streams_left = sum(stream.open for stream in self.board.streams)
        return outcome

    def _until_talk_on(self, device: AudioDevice) -> float:
        began = self.time.now
        self._said = 0  # what the caller got before the change does not count
        while not self._talks_on(device):
            self._go_on(_STEP_S)
            if self.time.now - began > _GIVEN_UP_S:
                raise AssertionError(f"no sound on {device.name}")
        return self.time.now - began

    def _talks_on(self, device: AudioDevice) -> bool:
        streams = self.board.open_on(device)
        heard = [stream.heard[-1] for stream in streams if stream.heard]
        return len(streams) == 2 and any(map(any, heard)) and self._said > _LOUD

    def _go_on(self, seconds: float) -> None:
        for _ in range(round(seconds / _STEP_S)):
            self.time.now += _STEP_S
            self.board.call_back()
            self._steps += 1
            if self._steps % 2 == 0:
                self.voice.capture(self.bay.microphone, self._address, FRAME_BYTES)
                frame = np.array(self._buffer, np.int16)
                self._said = int(np.abs(frame).max())
                self.voice.play(self.bay.speaker, self._address, FRAME_BYTES)
            if self._steps % 5 == 0:
                self.bay.settle(_TALKING)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=CYCLES)
    parser.add_argument("--by-name", action="store_true")
    options = parser.parse_args()
    cycles = options.cycles
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    outcome = Call(options.by_name).suffer(cycles)
    report: dict[str, object] = {"cycles": cycles, "lived": len(outcome.back)}
    for name in ("on_fallback", "back"):
        values: list[float] = getattr(outcome, name)
        report[f"{name}_ms"] = {
            "median": round(statistics.median(values) * 1000),
            "worst": round(max(values) * 1000),
        }
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
