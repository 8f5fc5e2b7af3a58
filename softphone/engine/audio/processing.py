"""Echo cancelling, noise suppression and gain control by WebRTC's audio processing, frame by frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pywebrtc_audio import AudioProcessor

from softphone.domain.audio import AudioChoice
from softphone.domain.facts import dataclass
from softphone.engine.audio.crossfade import Crossfade
from softphone.engine.audio.echo_canceller import EchoCanceller
from softphone.engine.audio.handover import Part, Stage, untouched
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
    """One direction of one call session, frames of 20 ms at 16 kHz.

    First the echo goes, if there is one (`EchoCanceller`), then noise, then differences of level. While the
    strong suppression works, the ordinary one runs along, to step in at once. What is switched in mid-call
    takes over without a click, and what stays on goes on: an echo that is cancelled stays away when somebody
    changes the gain. `treat` from any thread, `process` from PJSIP's audio thread.
    """

    def __init__(self, treatment: Treatment, strong: StrongNoise | None = None) -> None:
        self.treatment = Treatment(echo=False, noise=False, gain=False)
        self._offered = strong
        self._strong: StrongNoise | None = None
        self._strong_fade = Crossfade(0.0)
        self._canceller: EchoCanceller | None = None
        self._echo, self._ordinary, self._level = Stage(), Stage(), Stage()
        self.treat(treatment, at_once=True)

    def treat(self, treatment: Treatment, at_once: bool = False) -> None:
        """Do this from now on; takes milliseconds."""
        before, self.treatment = self.treatment, treatment
        if treatment.echo != before.echo:
            self._canceller = EchoCanceller(softened=not treatment.noise) if treatment.echo else None
            self._echo.change(self._canceller.process if self._canceller else untouched, at_once)
        elif treatment.noise != before.noise and self._canceller is not None:
            self._canceller.soften(not treatment.noise)
        if _ordinary_of(treatment) != _ordinary_of(before):
            self._ordinary.change(_noise_control(treatment), at_once)
        if treatment.gain != before.gain:
            self._level.change(_level_control() if treatment.gain else untouched, at_once)
        self._strong = self._offered if treatment.strong else None

    @property
    def idle(self) -> bool:
        """Whether frames pass as they are."""
        stages = (self._echo, self._ordinary, self._level)
        return not (any(stage.in_use for stage in stages) or self._strong_fade.share)

    @property
    def hears_far(self) -> bool:
        """Whether it needs to know what is played."""
        return self._echo.in_use

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return the microphone's frame `near` without the echo of `far` and without noise."""
        return self._level.process(self._without_noise(self._echo.process(near, far), far), far)

    def _without_noise(self, frame: Samples, far: Samples) -> Samples:
        ordinary = self._ordinary.process(frame, far)
        wanted = self._strong  # once: `treat` may take it away
        strong = wanted.process(frame) if wanted is not None else None
        if strong is None:
            return self._strong_fade.end(ordinary)
        return self._strong_fade.mix(ordinary, strong, 1.0)


def practise() -> None:
    """Treat a frame of silence: what the libraries load at their first one takes 8 ms, a third of a tick."""
    silence: Samples = np.zeros(FRAME_SAMPLES, np.int16)
    VoiceProcessor(Treatment(echo=True, noise=True, gain=True)).process(silence, silence)


def _ordinary_of(treatment: Treatment) -> tuple[bool, bool]:
    """Whether noise is suppressed, and whether the hum below speech is taken away here."""
    return treatment.noise, treatment.any and not treatment.echo


def _noise_control(treatment: Treatment) -> Part:
    noise, high_pass = _ordinary_of(treatment)
    if not (noise or high_pass):
        return untouched
    processor = AudioProcessor(
        BRIDGE_HZ, 1, noise_suppression=noise, high_pass_filter=high_pass, ns_level=_NOISE_LEVEL
    )

    def suppress(near: Samples, _far: Samples) -> Samples:
        cleaned: Samples = processor.process(near)
        return cleaned

    return suppress


def _level_control() -> Part:
    processor = AudioProcessor(BRIDGE_HZ, 1, auto_gain_control=True, agc_max_gain_db=_MOST_GAIN_DB)

    def level(near: Samples, _far: Samples) -> Samples:
        levelled: Samples = processor.process(near)
        return (levelled.astype(np.float32) * _AFTER_GAIN).astype(np.int16)

    return level
