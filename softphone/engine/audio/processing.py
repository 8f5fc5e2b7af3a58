"""Echo cancelling, noise suppression and gain control by WebRTC's audio processing, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pywebrtc_audio import AudioProcessor

from softphone.domain.audio import AudioChoice
from softphone.engine.audio.terms import BRIDGE_HZ

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.int16]

_NOISE_LEVEL = 2
"""18 dB: the next step costs speech more than it takes from the dishwasher."""
_MOST_GAIN_DB = 24.0
"""WebRTC's 50 dB would lift the neighbour's television in a pause."""
_ECHO_DELAY_MS = 60
"""A first guess of both rings and a usual card; the canceller finds the true delay within half a second."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """Which processing is on."""

    echo: bool
    noise: bool
    gain: bool

    @classmethod
    def of(cls, choice: AudioChoice) -> Treatment:
        return cls(choice.echo_cancelling, choice.noise_suppression, choice.automatic_gain)

    @property
    def any(self) -> bool:
        return self.echo or self.noise or self.gain


class VoiceProcessor:
    """One direction of one call session; PJSIP's audio thread only, frames of 20 ms at 16 kHz."""

    def __init__(self, treatment: Treatment) -> None:
        self.treatment = treatment
        self._apm = AudioProcessor(
            BRIDGE_HZ,
            1,
            echo_cancellation=treatment.echo,
            noise_suppression=treatment.noise,
            high_pass_filter=True,
            auto_gain_control=treatment.gain,
            ns_level=_NOISE_LEVEL,
            agc_max_gain_db=_MOST_GAIN_DB,
            stream_delay_ms=_ECHO_DELAY_MS,
        )

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return the microphone's frame `near` without the echo of `far` and without noise."""
        return self._apm.process(near, far)
