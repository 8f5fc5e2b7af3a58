"""Many short calls one after the other leave nothing open; `tests.bench.soak` is the long version."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.soak import soak

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

CALLS, EVERY = 24, 8
COMING_AND_GOING = 1
"""One connection to the CRM or the control socket may be open at the one moment and not at the other."""


def test_files_and_threads_do_not_grow_with_the_calls(tmp_path: Path) -> None:
    _, early, *_, late = soak(tmp_path, CALLS, EVERY)
    assert late.calls == CALLS
    assert late.desk_files <= early.desk_files + COMING_AND_GOING
    assert late.engine_files <= early.engine_files + COMING_AND_GOING
    assert late.desk_threads <= early.desk_threads
    assert late.engine_threads <= early.engine_threads
