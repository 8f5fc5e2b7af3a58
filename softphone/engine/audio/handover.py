"""One part of the voice's treatment, and how another takes its place in mid-call: without a click or a gap.

WebRTC's processors begin with up to 10 ms of nothing and get to know the room only then, so the new one runs
along unheard for a while, and the old one's sound fades into its own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.crossfade import Crossfade

Samples = npt.NDArray[np.int16]
Part = Callable[[Samples, Samples], Samples]
"""Takes 20 ms of the microphone and of what was played, returns the microphone's, changed."""

WARM_UP_FRAMES = 10


def untouched(near: Samples, far: Samples) -> Samples:  # noqa: ARG001 - a Part
    """The part of a treatment that is off."""
    return near


class Stage:
    """`change` from any thread, `process` on the thread that treats the voice."""

    def __init__(self, part: Part = untouched) -> None:
        self._wanted = self._part = part
        self._coming: Part | None = None
        self._frames = 0

    @property
    def in_use(self) -> bool:
        """Whether anything is done, or will be."""
        return self._wanted is not untouched or self._part is not untouched

    def change(self, part: Part, at_once: bool = False) -> None:
        """Let `part` take over, `at_once` where nobody listens."""
        self._wanted = part
        if at_once:
            self._part = part

    def process(self, near: Samples, far: Samples) -> Samples:
        part, wanted = self._part, self._wanted
        done = part(near, far)
        if wanted is part:
            return done
        if wanted is not self._coming:
            self._coming, self._frames = wanted, 0
        fresh = wanted(near, far)
        self._frames += 1
        if self._frames < WARM_UP_FRAMES:
            return done
        self._part, self._coming = wanted, None
        return Crossfade(0.0).mix(done, fresh, 1.0)
