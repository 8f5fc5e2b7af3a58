"""The session of `session_program`, ordered about and read from here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from softphone.domain.audio import AudioChoice
from tests import tones
from tests.engine.audio.session_program import Report
from tests.peers.jack_card import ROOT
from tests.peers.process import PeerProcess

_RECENT_BYTES = 32_000


class Phone:
    """The session in its own process."""

    def __init__(self, folder: Path, environment: dict[str, str], choice: AudioChoice) -> None:
        self.process = PeerProcess(
            [
                sys.executable,
                "-m",
                "tests.engine.audio.session_program",
                msgspec.json.encode(choice).decode(),
            ],
            folder / "phone.log",
            environment={**os.environ, **environment},
            folder=ROOT,
            stdin=subprocess.PIPE,
        )

    def order(self, line: str) -> None:
        self.process.send_line(line)

    def last(self) -> Report | None:
        with self.process.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _RECENT_BYTES))
            lines = [line for line in log.read().splitlines() if line.startswith(b'{"at"')]
        for line in reversed(lines[-2:]):
            try:
                return msgspec.json.decode(line, type=Report)
            except msgspec.MsgspecError:
                continue
        return None

    def wait(self, what: str, holds: Callable[[Report], bool], timeout_s: float = 10.0) -> Report:
        def held() -> bool:
            report = self.last()
            return report is not None and holds(report)

        self.process.wait_until(held, what, timeout_s=timeout_s)
        report = self.last()
        assert report is not None
        return report

    def wait_hears(self) -> None:
        self.wait("440 Hz comes from the microphone", lambda r: r.microphone_dbfs > tones.HEARD_DBFS)

    def held(self) -> tuple[int, int]:
        """How many threads and open files it has."""
        own = Path("/proc", str(self.process.pid))
        return len([*(own / "task").iterdir()]), len([*(own / "fd").iterdir()])

    def end(self) -> int:
        self.process.close_stdin()
        return self.process.wait_for_end(timeout_s=10)
