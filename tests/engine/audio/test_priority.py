"""The engine asks for priority and lives without it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_CODE = """
import os
from softphone.engine.audio.priority import raise_priority
print(raise_priority(), os.getpriority(os.PRIO_PROCESS, 0))
"""


_CHILD = """
import os, subprocess, sys
from softphone.engine.audio.priority import raise_priority
raise_priority()
code = "import os; from softphone.engine.audio.priority import step_back; step_back();" \
    "print(os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0) == os.SCHED_OTHER)"
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is Unix's")
def test_what_can_wait_does_not_run_at_the_priority_of_sound() -> None:
    done = subprocess.run([sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True)
    niceness, ordinary = done.stdout.split()[-2:]
    assert int(niceness) > 0
    assert ordinary == "True"


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is Unix's")
def test_priority_is_raised_where_it_is_permitted_and_else_left_alone() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    done = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    raised, niceness = done.stdout.splitlines()[-1].split()
    assert (raised == "True" and int(niceness) <= -11) or (raised == "False" and int(niceness) == before)
