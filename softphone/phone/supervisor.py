"""Keeps an engine alive and the pipe to it open. One thread: attaches or starts, reads, pings, restarts.

A death is seen as the end of the pipe, a hang as 3 s without a sign of life (10 s in the first 10 s). The
first restart is immediate; an engine that dies young is given a growing pause, and one that did not get ready
in 10 s has more time at the next attempt: a computer that is busy with something else is no faster then.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from softphone.domain.errors import Broken, TryLater
from softphone.domain.events import EngineAttached, EngineFaulted, EngineLost, Event
from softphone.engine import pipe, protocol
from softphone.phone import spawn
from softphone.phone.link import EngineLink
from softphone.phone.memory import EngineMemory

_log = structlog.get_logger(__name__)

PING_INTERVAL_S = 1.0
SILENCE_LIMIT_S = 3.0
START_LIMIT_S = 10.0
_PATIENCE = (1.0, 2.0, 4.0)
"""Times `START_LIMIT_S`, by the number of starts in a row that took too long; the last one repeats."""
QUIT_LIMIT_S = 4.0
_READ_TIMEOUT_S = 0.25
_CONNECT_INTERVAL_S = 0.01
_YOUNG_S = 10.0
_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 5.0)


class Supervisor:
    """`post` gets the engine's events and our own, on the supervisor's thread.

    `ahead` is the engine that `spawn.ahead` has started; from now on its life is ours to watch.
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        state_dir: Path,
        command: Sequence[str] | None = None,
        ahead: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self._post = post
        self._state_dir = state_dir
        self._address = pipe.pipe_address(state_dir)
        self._command = tuple(command or spawn.engine_command())
        self._lock = threading.Lock()
        self._memory = EngineMemory()
        self._link: EngineLink | None = None
        self._ahead = ahead
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._lived = False
        self._young_deaths = 0
        self._slow_starts = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-supervisor", daemon=True)

    # --- the desk's main thread --------------------------------------------------------------------------

    def start(self) -> None:
        """Once; a second call changes nothing, so that the engine can be started before the desk is."""
        if self._thread.ident is None:
            self._thread.start()

    def send(self, command: protocol.Command) -> bool:
        """Send `command` and remember what a new engine must hear; False if there is no engine now."""
        with self._lock:
            self._memory.note(command)
            if self._link is None:
                return False
            self._link.send(command)
            return True

    def stop(self) -> None:
        """Let the engine hang up, un-register and end; kill it if it does not within 4 s."""
        self._closing.set()
        self.send(protocol.ShutDown())
        self._thread.join(QUIT_LIMIT_S)
        if self._thread.is_alive():
            _log.warning("engine_does_not_quit", pid=self._pid)
            spawn.kill(self._pid, self._child)
            self._thread.join(1.0)

    # --- the supervisor's thread -------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            began = time.monotonic()
            detail = self._live_once()
            if self._closing.is_set():
                break
            young = time.monotonic() - began < _YOUNG_S
            self._young_deaths = self._young_deaths + 1 if young else 0
            _log.warning("engine_lost", detail=detail, pid=self._pid)
            self._post(EngineLost(detail))
            spawn.kill(self._pid, self._child)
            self._closing.wait(_PAUSES_S[min(self._young_deaths, len(_PAUSES_S) - 1)])
        self._reap()

    def _live_once(self) -> str:
        """Attach to an engine or start one and read it to its end; return what ended it."""
        self._child, self._ahead = self._ahead, None
        self._pid = self._child.pid if self._child is not None else 0
        try:
            link = self._open()
        except (TryLater, OSError) as exc:
            return f"cannot start: {exc}"
        self._pid = link.pid or self._pid
        link.send(protocol.Attach())
        try:
            return self._read(link)
        except (EOFError, OSError):
            return self._how_it_died()
        except Broken as exc:
            return f"speaks nonsense: {exc.detail}"
        finally:
            with self._lock:
                self._link = None
            link.close()

    def _open(self) -> EngineLink:
        try:
            return EngineLink(pipe.connect(self._address))
        except TryLater:
            if self._child is None:
                self._child = spawn.spawn(self._command, self._address, self._state_dir)
                self._pid = self._child.pid
        until = time.monotonic() + START_LIMIT_S * _PATIENCE[min(self._slow_starts, len(_PATIENCE) - 1)]
        while True:
            try:
                return EngineLink(pipe.connect(self._address))
            except TryLater:
                too_slow = time.monotonic() > until
                self._slow_starts += too_slow
                if self._child.poll() is not None or too_slow or self._closing.is_set():
                    raise
            self._closing.wait(_CONNECT_INTERVAL_S)

    def _read(self, link: EngineLink) -> str:
        began = pinged = looked = time.monotonic()
        silent_s, number = 0.0, 0
        while True:
            event = link.receive(_READ_TIMEOUT_S)
            now = time.monotonic()
            # no more than a turn lasts: while we slept or starved, the engine probably did so, too
            silent_s += min(now - looked, 2 * _READ_TIMEOUT_S)
            looked = now
            # a young engine may be busy loading, for seconds on a busy computer
            patience_s = START_LIMIT_S if now - began < START_LIMIT_S else SILENCE_LIMIT_S
            if event is not None:
                silent_s = 0.0
                if not self._take(link, event):
                    return "another version"
            elif silent_s > patience_s:
                return "hangs"
            if now - pinged >= PING_INTERVAL_S:
                pinged, number = now, number + 1
                link.send(protocol.Ping(number))

    def _take(self, link: EngineLink, event: Event) -> bool:
        if isinstance(event, protocol.Pong):
            return True
        if isinstance(event, EngineAttached):
            self._attached(link, event)
            return True
        self._post(event)
        return not (isinstance(event, EngineFaulted) and event.where == "pipe")

    def _attached(self, link: EngineLink, event: EngineAttached) -> None:
        restarted, self._lived = self._lived, True
        self._slow_starts = 0
        self._pid = event.pid
        _log.info("engine_attached", pid=event.pid, restarted=restarted, calls=len(event.calls))
        self._post(replace(event, restarted=restarted))
        with self._lock:
            for command in self._memory.retold():
                link.send(command)
            self._link = link
            if self._closing.is_set():
                link.send(protocol.ShutDown())

    def _how_it_died(self) -> str:
        if self._child is None:
            return "the pipe has ended"
        try:
            code = self._child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            return "the pipe has ended"
        return f"killed by signal {-code}" if code < 0 else f"ended with code {code}"

    def _reap(self) -> None:
        if self._child is not None:
            try:
                self._child.wait(timeout=QUIT_LIMIT_S)
            except subprocess.TimeoutExpired:
                spawn.kill(self._pid, self._child)
