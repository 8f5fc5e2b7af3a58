"""The one thread that talks to the sound system: opening a device may take a second, SIP must not wait."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

_log = structlog.get_logger(__name__)

_BUSY_PERIOD_S = 0.05
IDLE_PERIOD_S = 0.5
"""A headset plugged in while nobody talks is to be noticed within two seconds."""
_JOIN_S = 2.0
"""The desk gives the whole engine four seconds to end."""
_NAME = "audio-devices"


def hangs() -> bool:
    """Whether a thread of this process that was to end still waits for the sound system. It would hang the
    interpreter's end as well: the process is to be ended without telling anybody."""
    return any(thread.name == _NAME for thread in threading.enumerate())


class DeviceThread:
    """Runs `step` again and again: at once when nudged, every 50 ms while `busy`, else twice a second."""

    def __init__(self, step: Callable[[], None], busy: Callable[[], bool], last: Callable[[], None]) -> None:
        self._step = step
        self._busy = busy
        self._last = last
        self._nudge = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=_NAME, daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """Any thread: something is wanted now."""
        self._nudge.set()

    def close(self) -> None:
        """Run `last` on the thread and wait for its end, two seconds at most.

        A sound library that hangs then (PortAudio waits ten minutes for a starving JACK server) would hang
        again when it is told of the interpreter's end: `hangs` tells whoever ends the process.
        """
        self._stopping = True
        self._nudge.set()
        self._thread.join(_JOIN_S)
        if self._thread.is_alive():
            _log.error("audio_devices_thread_hangs", waited_s=_JOIN_S)

    def _run(self) -> None:
        while not self._stopping:
            self._nudge.clear()
            self._guarded(self._step)
            self._nudge.wait(_BUSY_PERIOD_S if self._busy() else IDLE_PERIOD_S)
        self._guarded(self._last)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - background runner: a bug in a driver's answer must not end all sound
            _log.exception("audio_devices_step_failed")
