"""The thread that talks to the sound system: it ends with the engine, or the engine without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from softphone.engine import composition
from softphone.engine.audio import device_thread
from softphone.engine.audio.device_thread import DeviceThread

_HANGS = """
import atexit, threading, sys
from pathlib import Path
from softphone.engine import composition
from softphone.engine.audio.device_thread import DeviceThread
never = threading.Event()
atexit.register(never.wait)  # as PortAudio's own end would, behind a device that does not close
thread = DeviceThread(lambda: None, lambda: False, never.wait)
engine = composition.Engine
engine.__init__ = lambda *_given: None
engine.run = lambda _engine: thread.close() or USABLE
code = composition.run_engine(sys.argv[1] + "/pipe", Path(sys.argv[1]))
print("ended in order", flush=True)
sys.exit(code)
"""


def test_the_last_work_is_done_on_the_thread_before_it_ends() -> None:
    done: list[str] = []
    thread = DeviceThread(lambda: done.append("step"), lambda: True, lambda: done.append("last"))
    thread.close()
    assert done[-1] == "last"


@pytest.mark.parametrize(("usable", "code"), [(True, 0), (False, composition.CANNOT_START)])
def test_a_sound_library_that_hangs_at_the_end_does_not_keep_the_engine_from_ending_with_its_own_code(
    tmp_path: Path, usable: bool, code: int
) -> None:
    program = _HANGS.replace("USABLE", str(usable))
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert "ended in order" not in ended.stdout


def test_a_process_whose_device_thread_has_ended_ends_as_usual() -> None:
    DeviceThread(lambda: None, lambda: False, lambda: None).close()
    assert not device_thread.hangs()
