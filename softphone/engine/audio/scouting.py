"""Our side of the scout: a process that lists the sound devices while our own PortAudio goes on playing."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable

import msgspec

from softphone import program
from softphone.domain.audio import AudioDevice

MODULE = "softphone.engine.audio.scout"
FOLLOW = "--follow"

_END_S = 2.0
_ASKED_S = 1.0
_BETWEEN_STARTS_S = 0.5

Devices = tuple[AudioDevice, ...]


def _nobody(_found: Devices) -> None:
    return


class Scout:
    """A running scout; its newest line is at hand without waiting. Device thread only.

    `tell` is called with each line, on a thread of the scout's own.
    """

    def __init__(
        self, follow: bool = False, command: tuple[str, ...] = (), tell: Callable[[Devices], None] = _nobody
    ) -> None:
        self._tell = tell
        line = command or program.module_or_flag(MODULE, program.SCOUT_FLAG)
        self._newest: Devices | None = None
        self._follows = follow
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [*line, *([FOLLOW] if follow else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._reader = threading.Thread(target=self._read, name="audio-scout", daemon=True)
        self._reader.start()

    @property
    def newest(self) -> Devices | None:
        """The last list that was seen, None before the first."""
        return self._newest

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process; some seconds at most.

        One that follows is asked first: a client that is killed holds a JACK server up for seconds, and with
        it whoever leaves that server next, which is us.
        """
        if not (self._follows and self._ends_when_asked()):
            self._process.kill()
            self._process.wait(_END_S)
        self._reader.join(_END_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _ends_when_asked(self) -> bool:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_ASKED_S)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self) -> None:
        if self._process.stdout is None:
            return
        for line in self._process.stdout:
            try:
                self._newest = msgspec.json.decode(line, type=Devices)
            except msgspec.MsgspecError:
                continue  # a library's chatter on standard output
            self._tell(self._newest)


class FollowWatch:
    """`Watch` for systems whose device list cannot be read cheaply: a scout that stays.

    A scout ends with its sound server; another takes its place.
    """

    def __init__(self, command: tuple[str, ...] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._command = command
        self._clock = clock
        self._start_at = float("-inf")
        self._scout: Scout | None = None
        self._told: Devices | None = None
        self._last: Devices = ()
        self._departures = Counter[str]()
        self._wake: Callable[[], None] | None = None

    def wake_by(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def departures(self, key: str) -> int:
        return self._departures[key]

    def changed(self, listed: Devices) -> bool:
        """True once per change; starts the scout when first asked, and when it has ended."""
        scout = self._running()
        newest = scout.newest if scout is not None else None
        if newest == listed:
            self._told = None  # gone again before PortAudio looked, it would be no news when it comes back
        if newest is None or newest in (listed, self._told):
            return False
        self._told = newest
        return True

    def seen(self) -> Devices | None:
        return self._scout.newest if self._scout is not None else None

    def close(self) -> None:
        if self._scout is not None:
            self._scout.close()
        self._scout = None
        self._told = None

    def _running(self) -> Scout | None:
        now = self._clock()
        if (self._scout is None or self._scout.ended) and now >= self._start_at:
            if self._scout is not None:
                self._scout.close()
            self._scout = Scout(follow=True, command=self._command, tell=self._note)
            self._start_at = now + _BETWEEN_STARTS_S
        return self._scout

    def _note(self, found: Devices) -> None:
        """On the scout's thread."""
        there = {device.key for device in found}
        self._departures.update(device.key for device in self._last if device.key not in there)
        self._last = found
        if self._wake is not None:
            self._wake()
