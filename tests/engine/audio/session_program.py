"""An `AudioSession` in a process of its own, driven as PJSIP and the sip thread would, obeying lines.

`python -m tests.engine.audio.session_program CHOICE` (JSON of `AudioChoice`) plays 880 Hz to the speaker and
prints a JSON line every 100 ms and with each change of the state: the state, and how loud 440 Hz came from
the microphone in the last 200 ms.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections import deque

import msgspec
import numpy as np

from softphone.domain.audio import AudioChoice, AudioState
from softphone.engine.audio.session import AudioSession, Tone
from tests import tones
from tests.engine.audio.clockwork import Sine

MICROPHONE_HZ = 440.0
SPEAKER_HZ = 880.0
_BYTES = AudioSession.frame_samples * 2


class Report(msgspec.Struct):
    """One line of output; `at` on the system's monotonic clock, in seconds."""

    at: float
    state: AudioState
    microphone_dbfs: float
    underruns: int
    levels: tuple[float, float]


class Bridge:
    """PJSIP's audio thread: a tick every 20 ms."""

    def __init__(self, session: AudioSession) -> None:
        self._session = session
        self._captured = deque[bytes](maxlen=10)
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def microphone_dbfs(self) -> float:
        samples = np.frombuffer(b"".join(self._captured), np.int16) / 32768
        return tones.level_dbfs(samples.astype(np.float64), MICROPHONE_HZ, AudioSession.bridge_hz)

    def close(self) -> None:
        self.ended.set()
        self._thread.join()

    def _run(self) -> None:
        sine = Sine(AudioSession.bridge_hz, SPEAKER_HZ)
        buffer = (ctypes.c_int16 * AudioSession.frame_samples)()
        address = ctypes.addressof(buffer)
        due = time.monotonic()
        while not self.ended.wait(max(0.0, due - time.monotonic())):
            self._session.capture_into(address, _BYTES)
            self._captured.append(bytes(buffer))
            ctypes.memmove(address, sine.next(AudioSession.frame_samples).astype(np.int16).tobytes(), _BYTES)
            self._session.playback_from(address, _BYTES)
            due += 0.02


def obey(session: AudioSession, line: str) -> None:
    order, _, rest = line.strip().partition(" ")
    if order == "choose":
        session.apply(msgspec.json.decode(rest, type=AudioChoice))
    elif order == "tone":
        session.start_tone(Tone(rest))
    else:
        {
            "voice": session.start_voice,
            "end-voice": session.stop_voice,
            "ring": session.start_ringing,
            "end-ring": session.stop_ringing,
            "end-tone": session.stop_tone,
            "refresh": session.refresh,
        }[order]()


def main() -> int:
    states = list[AudioState]()
    session = AudioSession(states.append)
    session.apply(msgspec.json.decode(sys.argv[1], type=AudioChoice))
    bridge = Bridge(session)
    orders = deque[str]()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    next_report, told = time.monotonic(), 0
    while True:
        while orders:
            order = orders.popleft()
            if order == "end":
                bridge.close()
                session.close()
                return 0
            obey(session, order)
        session.poll()
        now = time.monotonic()
        if states and (now >= next_report or told != len(states)):
            next_report, told = now + 0.1, len(states)
            report = Report(
                now, states[-1], bridge.microphone_dbfs(), session.figures.underruns, session.levels()
            )
            sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
            sys.stdout.buffer.flush()
        time.sleep(0.02)


def _read(orders: deque[str]) -> None:
    for line in sys.stdin:
        orders.append(line)
    orders.append("end")


if __name__ == "__main__":
    raise SystemExit(main())
