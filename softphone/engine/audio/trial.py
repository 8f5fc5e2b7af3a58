"""Trying the devices out without a call: hear oneself, record and play back, with and without noise.

What is heard has gone the whole way of a call's sound, echo cancelling, noise suppression and gain included.
Only the comparison of noise records what the microphone delivers, to play it untreated and treated.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable, Generator

import numpy as np

from softphone.domain.audio import SoundTest, SoundTestPhase
from softphone.engine.audio.levels import SILENCE_DBFS, dbfs
from softphone.engine.audio.lines import FRAME_MS
from softphone.engine.audio.processing import VoiceProcessor
from softphone.engine.audio.terms import FRAME_SAMPLES
from softphone.engine.audio.voice import FRAME_BYTES

FrameCall = Callable[[int, int], None]
_Program = Generator[bytes, bytes, None]

ECHO_DELAY_S = 1.5
"""Long enough to have finished a word: hearing oneself while speaking makes everybody stumble."""
RECORDED_S = 5.0
_PAUSE_S = 0.4
_OPENING_S = 3.0
_JOIN_S = 1.0
_SILENCE = bytes(FRAME_BYTES)
_NO_FAR = np.zeros(FRAME_SAMPLES, np.int16)


def _frames(s: float) -> int:
    return round(s * 1000 / FRAME_MS)


class Trial:
    """Takes the place of PJSIP's clock while no call is there: a frame every 20 ms, on its own thread.

    `phase` and `peak_dbfs` (of what the microphone delivered so far) may be read by any thread.
    """

    def __init__(
        self,
        test: SoundTest,
        capture: FrameCall,
        play: FrameCall,
        is_open: Callable[[], bool],
        noise_processor: Callable[[], VoiceProcessor],
    ) -> None:
        """`is_open` tells whether the microphone is there; the test begins then, or soon without it.

        `noise_processor` suppresses noise as calls do now.
        """
        self.test = test
        self.phase = SoundTestPhase.LISTENING
        self._peak = 0
        self._capture = capture
        self._play = play
        self._is_open = is_open
        self._noise_processor = noise_processor
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audio-trial", daemon=True)
        self._thread.start()

    @property
    def peak_dbfs(self) -> float:
        return dbfs(self._peak) if self._peak else SILENCE_DBFS

    @property
    def over(self) -> bool:
        """It has come to its end by itself."""
        return self.phase is SoundTestPhase.DONE

    def close(self) -> None:
        """Stop; afterwards neither function is called any more."""
        self._end.set()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        buffer = ctypes.create_string_buffer(FRAME_BYTES)
        address = ctypes.addressof(buffer)
        program = self._program()
        playing = next(program)
        latest = time.monotonic() + _OPENING_S
        while not self._is_open() and time.monotonic() < latest:
            if self._end.wait(FRAME_MS / 1000):
                return
        due = time.monotonic()
        while not self._end.wait(max(0.0, due - time.monotonic())):
            self._capture(address, FRAME_BYTES)
            heard = buffer.raw
            if self.phase is SoundTestPhase.LISTENING:
                self._note_peak(heard)
            try:
                following = program.send(heard)
            except StopIteration:
                self.phase = SoundTestPhase.DONE
                return
            ctypes.memmove(address, playing, FRAME_BYTES)
            self._play(address, FRAME_BYTES)
            playing = following
            due += FRAME_MS / 1000

    def _note_peak(self, heard: bytes) -> None:
        self._peak = max(self._peak, int(np.abs(np.frombuffer(heard, np.int16).astype(np.int32)).max()))

    # --- the programs: each gets the frame that was heard and yields the next one to play ---------------

    def _program(self) -> _Program:
        match self.test:
            case SoundTest.ECHO:
                return self._echo()
            case SoundTest.RECORD:
                return self._record()
            case SoundTest.NOISE:
                return self._noise()
            case _:
                return self._listen()

    def _listen(self) -> _Program:
        while True:
            yield _SILENCE

    def _echo(self) -> _Program:
        waiting = deque([_SILENCE] * _frames(ECHO_DELAY_S))
        while True:
            waiting.append((yield waiting.popleft()))

    def _record(self) -> _Program:
        recording = yield from self._recording()
        self.phase = SoundTestPhase.PLAYING
        yield from _playing(recording)

    def _noise(self) -> _Program:
        recording = yield from self._recording()
        processor = self._noise_processor()
        self.phase = SoundTestPhase.PLAYING_UNTREATED
        for frame in recording:
            yield frame
            _treated(processor, frame)  # it knows the noise by the time that it is heard
        yield from _playing([_SILENCE] * _frames(_PAUSE_S))
        self.phase = SoundTestPhase.PLAYING_TREATED
        for frame in recording:
            yield _treated(processor, frame)

    def _recording(self) -> Generator[bytes, bytes, list[bytes]]:
        frames: list[bytes] = []
        while len(frames) < _frames(RECORDED_S):
            frames.append((yield _SILENCE))
        return frames


def _playing(frames: list[bytes]) -> _Program:
    for frame in frames:  # noqa: UP028 - what was heard is sent in, which a list does not take
        yield frame


def _treated(processor: VoiceProcessor, frame: bytes) -> bytes:
    return processor.process(np.frombuffer(frame, np.int16), _NO_FAR).tobytes()
