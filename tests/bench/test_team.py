"""The benchmark of the team view runs, and a frame of the list stays far from a stutter on any machine."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from tests.bench import team

pytestmark = pytest.mark.alone

BUSY_MACHINE_MS = 60.0


def test_two_hundred_working_agents_do_not_hold_up_the_window(qapp: QApplication) -> None:
    assert isinstance(qapp, QApplication)
    figures = team.main(frames=20)
    assert figures["list_p50_ms"] < BUSY_MACHINE_MS
    assert figures["wallboard_in_sight"] > 10
