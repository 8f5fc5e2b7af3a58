"""Lets the agent hear themselves a moment later: the quickest proof that headset and processing work.

What comes back has gone the whole way of a call's sound, echo cancelling, noise suppression and gain
included, so switching one of them off is heard at once.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable

from softphone.engine.audio.lines import FRAME_MS
from softphone.engine.audio.voice import FRAME_BYTES

FrameCall = Callable[[int, int], None]

_DELAY_S = 1.5
"""Long enough to have finished a word: hearing oneself while speaking makes everybody stumble."""
_JOIN_S = 1.0


class SelfHearing:
    """Takes the place of PJSIP's clock while no call is there: a frame every 20 ms, on its own thread."""

    def __init__(self, capture: FrameCall, play: FrameCall) -> None:
        self._capture = capture
        self._play = play
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audio-self-hearing", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; afterwards neither function is called any more."""
        self._end.set()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        waiting = deque([bytes(FRAME_BYTES)] * round(_DELAY_S * 1000 / FRAME_MS))
        buffer = ctypes.create_string_buffer(FRAME_BYTES)
        address = ctypes.addressof(buffer)
        due = time.monotonic()
        while not self._end.wait(max(0.0, due - time.monotonic())):
            self._capture(address, FRAME_BYTES)
            waiting.append(buffer.raw)
            ctypes.memmove(address, waiting.popleft(), FRAME_BYTES)
            self._play(address, FRAME_BYTES)
            due += FRAME_MS / 1000
