"""One started program: its log on disk, its end by its own pid, its log in the error when it fails."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.peers.waiting import wait_for

TAIL_BYTES = 4_000


class PeerFailedError(AssertionError):
    """A peer ended or did not get ready; the text holds the end of its log."""


class PeerProcess:
    """A program running in its own process group, with its output in ``log``."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        stdin: int = subprocess.DEVNULL,
        pass_fds: Sequence[int] = (),
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                list(command),
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=stdin,
                env=dict(environment) if environment is not None else None,
                cwd=folder,
                start_new_session=True,
                pass_fds=tuple(pass_fds),
            )

    @property
    def pid(self) -> int:
        """Process id, which is also its process group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Exit code, or None while it runs."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[], bool], what: str, *, timeout_s: float = 20.0) -> None:
        """Wait for ``ready``; failing that, end the program and raise PeerFailedError with its log."""

        def ready_or_dead() -> bool:
            return not self.running or ready()

        try:
            wait_for(ready_or_dead, what, timeout_s=timeout_s)
        except AssertionError as error:
            self.stop()
            raise PeerFailedError(f"{error}\n{self.tail()}") from error
        if not self.running:
            raise PeerFailedError(f"ended with {self.exit_code} before: {what}\n{self.tail()}")

    def wait_for_end(self, *, timeout_s: float = 30.0) -> int:
        """Wait until the program ends by itself and return its exit code."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise PeerFailedError(f"still running after {timeout_s:g} s\n{self.tail()}") from error

    def write(self, data: bytes) -> None:
        """Feed standard input (started with ``stdin=subprocess.PIPE``) and close it."""
        if self._process.stdin is None:
            raise ValueError("the process was started without a pipe to its standard input")
        self._process.stdin.write(data)
        self.close_stdin()

    def send_line(self, line: str) -> None:
        """Write one line to standard input and leave it open."""
        if self._process.stdin is None:
            raise ValueError("the process was started without a pipe to its standard input")
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def close_stdin(self) -> None:
        """End the program's standard input, if it has one of ours."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def stop(self, *, grace_s: float = 5.0, first: signal.Signals = signal.SIGTERM) -> None:
        """End the program and whatever it started: asked first, killed after ``grace_s``. Idempotent."""
        self.close_stdin()
        for sign in (first, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, sign)
            try:
                self._process.wait(grace_s)
            except subprocess.TimeoutExpired:
                continue
            return

    def tail(self) -> str:
        """The end of the log, for messages."""
        data = self.log.read_bytes()[-TAIL_BYTES:] if self.log.exists() else b""
        return f"--- end of {self.log} ---\n{data.decode(errors='replace')}"
