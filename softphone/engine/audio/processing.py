"""Echo cancelling, noise suppression and gain control by WebRTC's audio processing, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pywebrtc_audio import AudioProcessor

from softphone.domain.audio import AudioChoice
from softphone.engine.audio.echo_presence import EchoPresence
from softphone.engine.audio.terms import BRIDGE_HZ

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.int16]

_NOISE_LEVEL = 2
"""18 dB: the next step costs speech more than it takes from the dishwasher."""
_MOST_GAIN_DB = 24.0
"""WebRTC's 50 dB would lift the neighbour's television in a pause."""
_AFTER_GAIN = 0.4
"""-8 dB. The gain control aims at full scale; this leaves speech where telephones expect it."""
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
    """One direction of one call session; PJSIP's audio thread only, frames of 20 ms at 16 kHz.

    First the echo goes, if there is one (`EchoPresence`), then noise and differences of level.
    """

    def __init__(self, treatment: Treatment) -> None:
        self.treatment = treatment
        self._canceller = _canceller() if treatment.echo else None
        self._presence = EchoPresence()
        self._share = 1.0
        self._rest = AudioProcessor(
            BRIDGE_HZ,
            1,
            noise_suppression=treatment.noise,
            high_pass_filter=not treatment.echo,
            auto_gain_control=treatment.gain,
            ns_level=_NOISE_LEVEL,
            agc_max_gain_db=_MOST_GAIN_DB,
        )

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return the microphone's frame `near` without the echo of `far` and without noise."""
        done: Samples = self._rest.process(self._without_echo(near, far))
        if self.treatment.gain:
            return (done.astype(np.float32) * _AFTER_GAIN).astype(np.int16)
        return done

    def _without_echo(self, near: Samples, far: Samples) -> Samples:
        if self._canceller is None:
            return near
        cleaned: Samples = self._canceller.process(near, far)  # always: it must know the room when needed
        self._presence.hear(near, far)
        wanted = 1.0 if self._presence.present else 0.0
        if wanted == self._share:
            return cleaned if wanted else near
        fade = np.linspace(self._share, wanted, len(near), dtype=np.float32)
        self._share = wanted
        return (cleaned * fade + near * (1 - fade)).astype(np.int16)


def _canceller() -> AudioProcessor:
    return AudioProcessor(
        BRIDGE_HZ, 1, echo_cancellation=True, high_pass_filter=True, stream_delay_ms=_ECHO_DELAY_MS
    )
