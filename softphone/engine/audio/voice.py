"""The 20 ms path between PJSIP's bridge and the open lines; PJSIP's audio thread only, unless said."""

from __future__ import annotations

import ctypes
from collections import deque

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.levels import Fader, PeakMeter, bounded
from softphone.engine.audio.lines import MicrophoneLine, SpeakerLine
from softphone.engine.audio.microphone_watch import MicrophoneWatch
from softphone.engine.audio.processing import Treatment, VoiceProcessor
from softphone.engine.audio.strong_noise import StrongNoise
from softphone.engine.audio.terms import FRAME_SAMPLES

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.int16]

FRAME_BYTES = FRAME_SAMPLES * 2
_SIDE_TONE = 10 ** (-15 / 20)
"""As telephones have it: clearly there, well below the other side."""


class VoicePath:
    """Carries frames between addresses of PJSIP and the lines that the device thread has put in place."""

    def __init__(self, strong_noise: StrongNoise | None = None) -> None:
        self.microphone_gain = Fader()
        self.speaker_gain = Fader()
        self.microphone_level = PeakMeter()
        self.speaker_level = PeakMeter()
        self.microphone_watch = MicrophoneWatch()
        self.strong_noise = strong_noise or StrongNoise()
        self._listened_to: MicrophoneLine | None = None
        self._processor = VoiceProcessor(Treatment(False, False, False), self.strong_noise)
        self._silence: Samples = np.zeros(FRAME_SAMPLES, np.int16)
        self._side_tone = 0.0
        self._own: Floats | None = None
        self._far: deque[Samples] = deque(maxlen=2)
        self._played: Samples = np.zeros(FRAME_SAMPLES, np.int16)
        self._played_address = self._played.ctypes.data
        self._treated: Samples = np.zeros(FRAME_SAMPLES, np.int16)
        self._treated_address = self._treated.ctypes.data

    def treat(self, treatment: Treatment, at_once: bool = False) -> None:
        """Any thread but PJSIP's: process the microphone like this from now on, without a click, or `at_once`
        where nobody hears it."""
        if treatment != self._processor.treatment:
            self._processor.treat(treatment, at_once)

    def side_tone(self, on: bool) -> None:
        """Any thread: play the microphone into the speaker, quietly."""
        self._side_tone = _SIDE_TONE if on else 0.0

    def capture(self, line: MicrophoneLine | None, address: int, nbytes: int) -> None:
        """Write the microphone's next 20 ms to `address`, silence without a line."""
        if line is None or nbytes != FRAME_BYTES:
            ctypes.memset(address, 0, nbytes)
            return
        if line is not self._listened_to:
            self._listened_to = line
            self.microphone_watch.restart()
        frame = line.read_frame()
        self.microphone_watch.feed(frame)
        self._own = frame * np.float32(self._side_tone) if self._side_tone else None
        self._treat_frame(frame)
        ctypes.memmove(address, self._treated_address, FRAME_BYTES)

    def play(self, line: SpeakerLine | None, address: int, nbytes: int) -> None:
        """Take the 20 ms at `address` to the speaker."""
        if nbytes != FRAME_BYTES:
            return
        ctypes.memmove(self._played_address, address, FRAME_BYTES)
        frame = self._played.astype(np.float32)
        self.speaker_gain.apply(frame)
        self.speaker_level.feed(frame)
        if self._processor.hears_far:
            far = np.empty(FRAME_SAMPLES, np.int16)
            bounded(frame, far)
            self._far.append(far)
        if self._own is not None:  # after the echo canceller's copy: it would take the agent for an echo
            frame += self._own
        if line is not None:
            line.write_frame(frame)

    def _treat_frame(self, frame: Floats) -> None:
        if not self._processor.idle:
            far = self._far.popleft() if self._far else self._silence
            bounded(frame, self._treated)
            frame = self._processor.process(self._treated, far).astype(np.float32)
        self.microphone_gain.apply(frame)
        self.microphone_level.feed(frame)
        bounded(frame, self._treated)
