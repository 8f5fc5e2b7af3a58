"""Echo cancelling, noise suppression and gain control by WebRTC's audio processing, frame by frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pywebrtc_audio import AudioProcessor

from softphone.domain.audio import AudioChoice
from softphone.domain.facts import dataclass
from softphone.engine.audio.crossfade import Crossfade
from softphone.engine.audio.echo_canceller import EchoCanceller
from softphone.engine.audio.strong_noise import StrongNoise
from softphone.engine.audio.terms import BRIDGE_HZ, FRAME_SAMPLES

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.int16]

_NOISE_LEVEL = 2
"""18 dB: the next step costs speech more than it takes from the dishwasher."""
_MOST_GAIN_DB = 24.0
"""WebRTC's 50 dB would lift the neighbour's television in a pause."""
_AFTER_GAIN = 0.4
"""-8 dB. The gain control aims at full scale; this leaves speech where telephones expect it."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """Which processing is on."""

    echo: bool
    noise: bool
    gain: bool
    strong: bool = False
    """Suppress noise strongly as soon as that is possible; only together with `noise`."""

    @classmethod
    def of(cls, choice: AudioChoice) -> Treatment:
        strong = choice.noise_suppression and choice.strong_noise_suppression
        return cls(choice.echo_cancelling, choice.noise_suppression, choice.automatic_gain, strong)

    @property
    def any(self) -> bool:
        return self.echo or self.noise or self.gain


class VoiceProcessor:
    """One direction of one call session; PJSIP's audio thread only, frames of 20 ms at 16 kHz.

    First the echo goes, if there is one (`EchoCanceller`), then noise, then differences of level. While the
    strong suppression works, the ordinary one runs along, to step in at once.
    """

    def __init__(self, treatment: Treatment, strong: StrongNoise | None = None) -> None:
        self.treatment = treatment
        self._echo = EchoCanceller(softened=not treatment.noise) if treatment.echo else None
        self._ordinary = AudioProcessor(
            BRIDGE_HZ,
            1,
            noise_suppression=treatment.noise,
            high_pass_filter=not treatment.echo,
            ns_level=_NOISE_LEVEL,
        )
        self._strong = strong if treatment.strong else None
        self._strong_fade = Crossfade(0.0)
        self._level = _level_control() if treatment.gain else None

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return the microphone's frame `near` without the echo of `far` and without noise."""
        done = self._without_noise(self._echo.process(near, far) if self._echo is not None else near)
        if self._level is None:
            return done
        levelled: Samples = self._level.process(done)
        return (levelled.astype(np.float32) * _AFTER_GAIN).astype(np.int16)

    def _without_noise(self, frame: Samples) -> Samples:
        ordinary: Samples = self._ordinary.process(frame)
        strong = self._strong.process(frame) if self._strong is not None else None
        if strong is None:
            return self._strong_fade.mix(ordinary, ordinary, 0.0)
        return self._strong_fade.mix(ordinary, strong, 1.0)


def practise() -> None:
    """Treat a frame of silence: what the libraries load at their first one takes 8 ms, a third of a tick."""
    silence: Samples = np.zeros(FRAME_SAMPLES, np.int16)
    VoiceProcessor(Treatment(echo=True, noise=True, gain=True)).process(silence, silence)


def _level_control() -> AudioProcessor:
    return AudioProcessor(BRIDGE_HZ, 1, auto_gain_control=True, agc_max_gain_db=_MOST_GAIN_DB)
