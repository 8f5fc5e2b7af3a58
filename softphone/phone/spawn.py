"""Starting and ending the engine process. Thread: the supervisor's, and the main one for the first engine.

The child gets no secret by arguments or environment; it is in a session of its own, so that Ctrl-C in a
terminal ends the desk alone and the engine keeps the call.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import softphone
from softphone import program
from softphone.domain.errors import TryLater
from softphone.engine import pipe

_OUTPUT_LIMIT = 1_000_000
_DEAD_WITHIN_S = 5.0
"""A killed process needs a moment; until it is gone it still holds the pipe of its successor."""


def engine_command() -> tuple[str, ...]:
    """The program that is an engine, in a checkout, an installation or a frozen build."""
    return program.module_or_flag("softphone.engine", program.ENGINE_FLAG)


def spawn(command: Sequence[str], address: str, state_dir: Path) -> subprocess.Popen[bytes]:
    """Start an engine that will serve at `address`; raises `OSError`."""
    logs = state_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    output = logs / "engine-output.log"
    mode = "wb" if output.exists() and output.stat().st_size > _OUTPUT_LIMIT else "ab"
    arguments = [*command, "--address", address, "--state-dir", str(state_dir)]
    with output.open(mode) as stream:
        return subprocess.Popen(  # noqa: S603 - our own program and arguments
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=Path(softphone.__file__).parent.parent,
            start_new_session=True,
            creationflags=_creation_flags(),
        )


def ahead(state_dir: Path) -> subprocess.Popen[bytes] | None:
    """Start the first engine before there is a supervisor; only for the holder of the instance lock.

    None when an engine lives already, or when none can be started: the supervisor tries again, and tells.
    """
    address = pipe.pipe_address(state_dir)
    with contextlib.suppress(TryLater):
        pipe.connect(address).close()
        return None
    with contextlib.suppress(OSError):
        return spawn(engine_command(), address, state_dir)
    return None


def kill(pid: int, child: subprocess.Popen[bytes] | None) -> None:
    """End that engine at once; an engine that is gone already is no error."""
    if child is not None:
        child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=_DEAD_WITHIN_S)
        return
    if pid > 0:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                os.kill(pid, signal.SIGTERM)  # there it ends a process at once
            else:
                os.kill(pid, signal.SIGKILL)
            _wait_until_gone(pid)


def _wait_until_gone(pid: int) -> None:
    """Wait for a process that is not our child; raises `OSError` when it is gone."""
    until = time.monotonic() + _DEAD_WITHIN_S
    while time.monotonic() < until and sys.platform != "win32":  # there signal 0 would end a process
        os.kill(pid, 0)
        time.sleep(0.01)


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
