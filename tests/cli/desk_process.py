"""A whole softphone as its users have it: its own process, offscreen, commanded by `softphone ctl`."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from softphone.demo.profile import DemoProfile, demo_profile, to_line
from softphone.demo.world import AGENT, DemoWorld
from softphone.domain.audio import AudioChoice
from tests.peers.evidence import told_with
from tests.peers.waiting import wait_for

Answer = dict[str, object]


class Program:
    """`softphone` on one profile."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **(environment or {})}
        self.command = [sys.executable, "-m", "softphone", "--config-dir", str(folder)]

    def run(
        self, *arguments: str, given: str = "", timeout_s: float = 60.0
    ) -> subprocess.CompletedProcess[str]:
        """Run to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def ctl(self, *arguments: str, given: str = "") -> tuple[int, Answer]:
        """Exit code and answer of `softphone ctl`."""
        done = self.run("ctl", *arguments, given=given)
        lines = done.stdout.splitlines()
        assert lines, done.stderr
        return done.returncode, json.loads(lines[0])

    def ok(self, *arguments: str, given: str = "") -> Answer:
        """The answer of a command that must succeed."""
        code, answer = self.ctl(*arguments, given=given)
        assert (code, answer["ok"]) == (0, True), answer
        return answer

    def refused(self, *arguments: str) -> tuple[object, object]:
        """Kind and detail of a refusal."""
        code, answer = self.ctl(*arguments)
        error = answer["error"]
        assert isinstance(error, dict)
        assert (code, answer["ok"]) == (1, False)
        return error["kind"], error["detail"]

    def status(self) -> Answer:
        status = self.ok("status")["status"]
        assert isinstance(status, dict)
        return status


class RunningProgram(Program):
    """A running desk with settings and secrets handed over in memory."""

    def __init__(self, folder: Path, profile: DemoProfile, extra: Sequence[str] = ()) -> None:
        super().__init__(folder)
        self.log = folder.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self.command, "--profile-stdin", "--verbose", *extra],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        assert self.process.stdin is not None
        self.process.stdin.write(to_line(profile))
        self.process.stdin.close()
        try:
            with told_with(folder):
                wait_for(self._registered, "the desk to be registered", timeout_s=60.0, poll_s=0.1)
        except BaseException:
            self.end()  # nobody has it yet who could
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> int:
        """Quit it, or kill it when it does not; the exit code."""
        if self.process.poll() is None:
            self.run("ctl", "quit")
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _registered(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(errors="replace")[-4_000:]
        code, answer = self.ctl("status")
        status = answer.get("status")
        return code == 0 and isinstance(status, dict) and status["agent"]["registered"] is True


class DeskProcess(RunningProgram):
    """The running desk of the demo's agent in `world`, with silent devices."""

    def __init__(self, folder: Path, world: DemoWorld, extra: Sequence[str] = ()) -> None:
        audio = AudioChoice(microphone="null")
        password = world.passwords[AGENT]
        super().__init__(folder, demo_profile(world.addresses, password, world.crm.token, audio), extra)


class EventStream:
    """`softphone ctl events`, collected while it runs."""

    def __init__(self, program: Program) -> None:
        self.events: list[Answer] = []
        self._process = subprocess.Popen(
            [*program.command, "ctl", "events"], env=program.environment, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for("listening")

    def wait_for(self, name: str, **facts: object) -> Answer:
        """The first event of that name whose facts, one level deep, are these."""

        def found() -> Answer | None:
            return next((e for e in tuple(self.events) if e["event"] == name and _has(e, facts)), None)

        return wait_for(found, f"{name} {facts}", timeout_s=20.0)

    def end_of_stream(self) -> int:
        """The exit code once the desk has ended."""
        code = self._process.wait(20)
        self._reader.join(5)
        return code

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):
            for line in self._process.stdout:
                self.events.append(json.loads(line))


def _has(event: Answer, facts: Mapping[str, object]) -> bool:
    inner: Answer = {}
    for value in event.values():
        if isinstance(value, dict):
            inner.update(value)
    return all({**inner, **event}.get(name) == value for name, value in facts.items())
