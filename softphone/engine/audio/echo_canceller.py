"""The whole of echo cancelling: is there an echo, the part of it that can be predicted, and the rest.

WebRTC's canceller alone is the quicker one and serves for the first seconds; then it gets what the filter has
left. Measured with people reading: settled 16 to 53 dB alone, 44 to 50 together; the agent's words while both
talk 0.66 to 0.79 alone, 0.82 to 0.93 together (STOI; `tests.bench.audio.treatment`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pywebrtc_audio import AudioProcessor

from softphone.engine.audio.crossfade import Crossfade
from softphone.engine.audio.echo_filter import EchoFilter
from softphone.engine.audio.echo_presence import EchoPresence
from softphone.engine.audio.handover import Part, Stage, untouched
from softphone.engine.audio.terms import BRIDGE_HZ

Samples = npt.NDArray[np.int16]

_SOFTENING = 2
"""18 dB, the level that serves everybody whose noise suppression is on."""
_DELAY_MS = 60
"""A first guess of both rings and a usual card; the canceller finds the true delay within half a second."""


class EchoCanceller:
    """One direction of one call; frames of 20 ms at 16 kHz.

    At first WebRTC's canceller leaves traces of the echo and adds noise of its own, as loud as a quiet room,
    until it has heard a pause. Where no noise suppression follows that would take both away, `softened` lets
    one work on that canceller's sound, hence for the first seconds of an echo and never on a headset. What
    follows may change: `soften` from any thread, `process` on the thread that treats the voice.
    """

    def __init__(self, softened: bool = False) -> None:
        self._presence = EchoPresence()
        self._audible = Crossfade(1.0)
        self._quick = _QuickCanceller(softened)
        self._filter: EchoFilter | None = None
        self._thorough = webrtc()
        self._settled = Crossfade(0.0)

    def soften(self, on: bool) -> None:
        """Noise suppression was switched off after it, or on."""
        self._quick.soften(on)

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return `near` without the echo of `far`; untouched while there is none."""
        self._presence.hear(near, far)
        present = self._presence.present
        cleaned = self._cleaned(near, far) if present else self._kept_ready(near, far)
        return self._audible.mix(near, cleaned, 1.0 if present else 0.0)

    def _kept_ready(self, near: Samples, far: Samples) -> Samples:
        """A headset: nothing to predict, but WebRTC's canceller must know the room when one is heard."""
        self._filter = None
        return self._quick.process(near, far)

    def _cleaned(self, near: Samples, far: Samples) -> Samples:
        if self._filter is None:
            self._filter, self._thorough, self._settled = EchoFilter(), webrtc(), Crossfade(0.0)
        thorough: Samples = self._thorough.process(self._filter.process(near, far), far)
        settled = 1.0 if self._filter.converged else 0.0
        if settled == self._settled.share == 1.0:
            return thorough
        quick = self._quick.process(near, far)
        return self._settled.mix(quick, thorough, settled)


class _QuickCanceller:
    def __init__(self, softened: bool) -> None:
        self._canceller = webrtc()
        self._softener = Stage(_softener() if softened else untouched)

    def soften(self, on: bool) -> None:
        self._softener.change(_softener() if on else untouched)

    def process(self, near: Samples, far: Samples) -> Samples:
        return self._softener.process(self._canceller.process(near, far), far)


def _softener() -> Part:
    processor = AudioProcessor(BRIDGE_HZ, 1, noise_suppression=True, ns_level=_SOFTENING)

    def soften(near: Samples, _far: Samples) -> Samples:
        softened: Samples = processor.process(near)
        return softened

    return soften


def webrtc() -> AudioProcessor:
    """WebRTC's canceller, alone."""
    return AudioProcessor(
        BRIDGE_HZ, 1, echo_cancellation=True, high_pass_filter=True, stream_delay_ms=_DELAY_MS
    )
