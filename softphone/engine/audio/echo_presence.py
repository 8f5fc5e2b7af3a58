"""Is there any echo at all? A headset has none, and an echo canceller without echo cuts the agent's words.

Measured with WebRTC's canceller: while the caller talks, it takes a headset's user for echo for the first
eight seconds of double talk (likeness to what was said 0.1 to 0.5 instead of 0.95). So the canceller runs all
the time, but is heard only while the far signal can be found in the microphone's: by the generalised
cross-correlation with phase transform (Knapp and Carter, 1976), at delays up to 400 ms, whatever the levels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.terms import BRIDGE_HZ

Samples = npt.NDArray[np.int16]

_HZ = BRIDGE_HZ // 2
_WINDOW = _HZ // 2
_LAGS = _HZ * 2 // 5
_LENGTH = 8192
"""Of the transform: window and longest delay fit without wrapping around."""
_EVERY = _HZ // 10
_SMOOTHING = 0.6
_FOUND = 6.5
"""Peak over the effective value of the correlation; two unrelated voices stay at 4 to 6 but for moments."""
_STEADY, _SAME_DELAY = 4, 4
"""An echo is found at the same delay (within 0.5 ms) in so many looks running; chance wanders."""
_FAR_ACTIVE = 100.0
"""Effective value (of 32768) from which on the far side counts as talking: -50 dBFS."""
_ABSENT_AFTER, _GONE_AFTER = 5, 100
"""Looks without a find, while the far side talks: at the start half a second, after an echo ten seconds."""


class EchoPresence:
    """Fed with every frame of both directions; `present` is the verdict, true until shown otherwise."""

    def __init__(self) -> None:
        self.present = True
        self._near = np.zeros(_WINDOW, np.float32)
        self._far = np.zeros(_WINDOW + _LAGS, np.float32)
        self._spectrum = np.zeros(_LENGTH // 2 + 1, np.complex128)
        self._since_look = 0
        self._heard = 0
        self._missed = self._steady = self._delay = 0
        self._patience = _ABSENT_AFTER

    def hear(self, near: Samples, far: Samples) -> None:
        """Take a frame of the microphone and the frame that the speaker got."""
        self._near = _shifted(self._near, near)
        self._far = _shifted(self._far, far)
        self._heard += len(near) // 2
        self._since_look += len(near) // 2
        if self._since_look < _EVERY or self._heard < len(self._far):
            return  # a window that is half empty correlates with everything
        self._since_look = 0
        if np.sqrt(np.mean(self._far[_LAGS:] ** 2)) > _FAR_ACTIVE:
            self._judge(*self._best_delay())

    def _judge(self, delay: int, score: float) -> None:
        again = score > _FOUND and abs(delay - self._delay) <= _SAME_DELAY
        self._steady = self._steady + 1 if again else int(score > _FOUND)
        self._delay = delay
        if self._steady >= _STEADY:
            self.present, self._missed, self._patience = True, 0, _GONE_AFTER
            return
        self._missed += score <= _FOUND
        if self._missed >= self._patience:
            self.present, self._patience = False, _ABSENT_AFTER

    def _best_delay(self) -> tuple[int, float]:
        """The likeliest delay, in samples before the present, and how far it stands out."""
        cross = np.conj(np.fft.rfft(self._near, _LENGTH)) * np.fft.rfft(self._far, _LENGTH)
        self._spectrum = _SMOOTHING * self._spectrum + (1 - _SMOOTHING) * cross / (np.abs(cross) + 1e-3)
        found = np.abs(np.fft.irfft(self._spectrum)[: _LAGS + 1])
        best = int(np.argmax(found))
        return _LAGS - best, float(found[best] / (np.sqrt(np.mean(found**2)) + 1e-12))


def _shifted(kept: npt.NDArray[np.float32], frame: Samples) -> npt.NDArray[np.float32]:
    """`kept` with half the rate's `frame` at its end."""
    halved = frame[::2].astype(np.float32)
    halved += frame[1::2]
    halved *= np.float32(0.5)
    return np.concatenate((kept[len(halved) :], halved))
