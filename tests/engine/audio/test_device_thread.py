"""The thread that talks to the sound system: it ends with the engine, or the engine without it."""

from __future__ import annotations

import subprocess
import sys

from softphone.engine.audio.device_thread import DeviceThread

_HANGS = """
import atexit, threading, sys
from softphone.engine.audio.device_thread import DeviceThread
never = threading.Event()
atexit.register(never.wait)  # as PortAudio's own end would, behind a device that does not close
thread = DeviceThread(lambda: None, lambda: False, never.wait)
thread.close()
print("closed", flush=True)
"""


def test_the_last_work_is_done_on_the_thread_before_it_ends() -> None:
    done: list[str] = []
    thread = DeviceThread(lambda: done.append("step"), lambda: True, lambda: done.append("last"))
    thread.close()
    assert done[-1] == "last"


def test_a_sound_library_that_hangs_at_the_end_does_not_keep_the_engine_from_ending_in_order() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _HANGS], capture_output=True, text=True, timeout=30, check=False
    )
    assert "closed" in ended.stdout
    assert ended.returncode == 0
