"""A whole softphone in its own process, as often as it is killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from softphone.composition import Profile
from softphone.demo.profile import DemoProfile, to_line
from softphone.domain.errors import SoftphoneError
from softphone.system.control_client import ControlClient
from softphone.system.folders import folders
from tests.peers.evidence import evidence
from tests.peers.waiting import wait_for

WAIT_S = 30.0


class Lives:
    """One profile's desk, as often as it is killed and started again. The engine lives on by itself.

    As a context it leaves nothing running: what was not quit by its end is killed, and an error inside tells
    what both processes wrote.
    """

    def __init__(self, folder: Path, profile: Profile) -> None:
        self._folder = folder
        self._line = to_line(DemoProfile(profile.settings, profile.secrets))
        self._process: subprocess.Popen[bytes] | None = None
        self._client: ControlClient | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(evidence(self._folder))
        if self._process is not None and self._process.poll() is None:
            self._process.kill()  # its engine ends by itself once no desk comes back
            self._process.wait(10)
        if self._client is not None:
            self._client.close()

    def start(self) -> None:
        self.spawn()
        self.connect()

    def spawn(self) -> None:
        """Start the process and hand over the profile, no more."""
        command = [sys.executable, "-m", "softphone", "--profile-stdin", "--config-dir", str(self._folder)]
        log = self._folder.with_suffix(".log").open("ab")
        with log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            )
        assert self._process.stdin is not None
        self._process.stdin.write(self._line)
        self._process.stdin.close()

    def connect(self) -> None:
        self._client = wait_for(self._connected, "the control socket", timeout_s=WAIT_S)

    def kill(self) -> None:
        assert self._process is not None
        assert self._client is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self._client.close()

    def quit(self) -> None:
        assert self._process is not None
        assert self._client is not None
        self.ask("quit")
        self._client.close()
        assert self._process.wait(20) == 0

    def ask(self, command: str, **fields: object) -> dict[str, Any]:
        assert self._client is not None
        return self._client.ask({"command": command, **fields}, WAIT_S)

    def status(self) -> dict[str, Any]:
        found = self.ask("status")["status"]
        assert isinstance(found, dict)
        return found

    def until(self, holds: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
        """The status once `holds` is true of it."""

        def found() -> dict[str, Any] | None:
            status = self.status()
            return status if holds(status) else None

        return wait_for(found, what, timeout_s=WAIT_S)

    def _connected(self) -> ControlClient | None:
        try:
            return ControlClient(folders(self._folder).data)
        except SoftphoneError:
            return None

    def pids(self) -> tuple[int, int]:
        """Desk and engine."""
        status = self.status()
        return int(status["pid"]), int(status["engine"]["pid"])

    def desk_log(self) -> str:
        return (folders(self._folder).logs / "desk.log").read_text(encoding="utf-8")
