"""Takes the predictable part of an echo out of the microphone and leaves everything else as it is.

A partitioned frequency-domain Kalman filter (Enzner and Vary, 2006; Kuech et al., 2014): it knows for each
frequency how sure it is of the room, learns fast while it is not, and hardly at all from frames in which the
agent talks too. WebRTC's canceller mutes the agent's words together with the echo that is left; the less is
left, the more of the words comes through.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.terms import FRAME_SAMPLES

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]

_PARTS = 18
"""Of 20 ms: the delay of a slow card and the reverberation of a room."""
_BINS = FRAME_SAMPLES + 1
_FORGETTING = 0.9998
"""A frame: a room changes within minutes, an agent who moves within seconds."""
_UNSURE = 0.1
"""At the start, of a room whose echo is as loud as its sound: more, and double talk would be learnt from."""
_REST_MEMORY = 0.9
_TINY = 1e-9
_LONGER, _LATELY = 0.97, 0.8
"""A frame: it takes a second to believe that the filter knows the room, a tenth that it is another one."""
_FAR_ACTIVE = 1e-5
"""Mean square of full scale 1, -50 dBFS: below it there is nothing to learn from."""
_MUCH_SOFTER = 16.0
"""12 dB."""
_LOUDER = 1.5
_FULL_SCALE = np.float32(32768)


class EchoFilter:
    """One direction of one call; frames of 20 ms at 16 kHz."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.converged = False
        """True once it knows the room, until that turns out to be another one."""
        self._far = np.zeros((_PARTS, _BINS), np.complex64)
        self._before: Floats = np.zeros(FRAME_SAMPLES, np.float32)
        self._room = np.zeros((_PARTS, _BINS), np.complex64)
        self._doubt: Floats = np.full((_PARTS, _BINS), _UNSURE, np.float32)
        self._rest: Floats = np.zeros(_BINS, np.float32)
        self._lately = self._longer = np.zeros(2)
        self._belief = np.zeros(2)

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return `near` without what is predicted of the echo of `far` and of the frames before it."""
        loud: Floats = far.astype(np.float32) / _FULL_SCALE
        self._far = np.roll(self._far, 1, 0)
        self._far[0] = np.fft.rfft(np.concatenate((self._before, loud)))
        self._before = loud
        heard: Floats = near.astype(np.float32) / _FULL_SCALE
        echo = (self._far * self._room).sum(0)
        left: Floats = heard - np.fft.irfft(echo)[FRAME_SAMPLES:].astype(np.float32)
        if float(np.mean(loud**2)) > _FAR_ACTIVE:
            doubted = self._learn(left)
            self._judge(heard, left, float((np.abs(echo) ** 2).sum()), doubted)
        samples: Samples = np.clip(left * _FULL_SCALE, -32768, 32767).astype(np.int16)
        return samples

    def _learn(self, left: Floats) -> float:
        """Correct the room by what was `left`; return how much echo may be left for all that is known."""
        power = self._far.real**2 + self._far.imag**2
        spectrum = np.fft.rfft(np.concatenate((np.zeros_like(left), left)))
        now = np.abs(spectrum) ** 2
        self._rest += (now - self._rest) * np.float32(1 - _REST_MEMORY)
        doubted = (power * self._doubt).sum(0)
        gain = self._doubt / (doubted + np.maximum(self._rest, now) + _TINY)  # a word begins at once
        step = np.fft.irfft(gain * np.conj(self._far) * spectrum, axis=1)
        step[:, FRAME_SAMPLES:] = 0  # a linear convolution, not one that wraps around
        self._room += np.fft.rfft(step, axis=1)
        certain, drift = np.float32(_FORGETTING**2), np.float32(1 - _FORGETTING**2)
        self._doubt = certain * (1 - gain * power / 2) * self._doubt + drift * np.abs(self._room) ** 2
        self._room *= np.float32(_FORGETTING)
        return float(doubted.sum())

    def _judge(self, heard: Floats, left: Floats, predicted: float, doubted: float) -> None:
        powers = np.array((np.mean(heard**2), np.mean(left**2)))
        self._lately = _LATELY * self._lately + powers
        self._longer = _LONGER * self._longer + powers
        self._belief = _LONGER * self._belief + np.array((predicted, doubted))
        if self._lately[1] > _LOUDER * self._lately[0]:
            self._forget()
        elif self._longer[0] > _MUCH_SOFTER * self._longer[1] or self._belief[0] > self._belief[1]:
            self.converged = True
