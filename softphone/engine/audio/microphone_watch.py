"""Notices a microphone that delivers nothing at all or is driven into its limits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.levels import peak_of

Floats = npt.NDArray[np.float32]

_FRAME_S = 0.02
_SILENT_S = 3.0
_NOTHING = 1.5
"""Peak in steps of int16: converters that work make more noise than this."""
_FULL = 32700.0
_CLIPPED_FRAMES = 15
_FORGIVEN_FRAMES = 5
"""Until no more than these are left of them the word stays, so that a banner does not flicker."""
_CLIP_DECAY = 0.1
"""A clipped frame is forgotten after ten clean ones."""


class MicrophoneWatch:
    """Fed with raw frames on the audio thread; the two properties are read by any thread."""

    def __init__(self) -> None:
        self._silent_s = 0.0
        self._clipped = 0.0
        self._is_clipped = False

    @property
    def silent(self) -> bool:
        """Nothing but zeros for three seconds: a mute switch, a dead cable, or the system withholds it."""
        return self._silent_s >= _SILENT_S

    @property
    def clipped(self) -> bool:
        """Repeatedly at full scale within the last seconds."""
        return self._is_clipped

    def feed(self, frame: Floats) -> None:
        peak = peak_of(frame)
        self._silent_s = self._silent_s + _FRAME_S if peak <= _NOTHING else 0.0
        if peak >= _FULL:
            self._clipped = min(self._clipped + 1.0, 2.0 * _CLIPPED_FRAMES)
        else:
            self._clipped = max(0.0, self._clipped - _CLIP_DECAY)
        self._is_clipped = self._clipped >= (_FORGIVEN_FRAMES if self._is_clipped else _CLIPPED_FRAMES)

    def restart(self) -> None:
        """The microphone was opened anew."""
        self._silent_s = self._clipped = 0.0
        self._is_clipped = False
