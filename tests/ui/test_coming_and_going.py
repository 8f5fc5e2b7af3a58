"""What Python's collector finds of a window is destroyed once, whatever it finds first."""

from __future__ import annotations

import os
import subprocess
import sys

SPOILT = {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "170", "QT_QPA_PLATFORM": "offscreen"}
"""What is freed is overwritten, so that touching it again does not go well by luck."""

APPLICATION = """
import gc
from PySide6.QtGui import QGuiApplication, QIcon
from softphone.ui.theme.icons import IconSet

application = QGuiApplication([])
"""

COLLECTED = """
class Window: ...

for _ in range(50):
    icon = IconSet().icon("brand", "#000000")
    window = Window()
    window.itself, window.icon = window, icon
    del window, icon
gc.collect()
"""

CHANGED = """
icon = IconSet().icon("brand", "#000000")
copy = QIcon(icon)
copy.addPixmap(icon.pixmap(8, 8))
gc.collect()
assert not copy.pixmap(16, 16).isNull()
del copy
gc.collect()
assert not icon.pixmap(16, 16).isNull()
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: what is wanted is that it does not crash, at its end either."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **SPOILT},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_window_that_is_collected_together_with_its_icons_takes_nothing_else_along() -> None:
    done = run("-c", APPLICATION + COLLECTED)
    assert done.returncode == 0, done.stderr


def test_an_icon_that_qt_copies_and_changes_keeps_its_drawing() -> None:
    done = run("-c", APPLICATION + CHANGED)
    assert done.returncode == 0, done.stderr


def test_every_window_can_come_and_go_while_the_collector_strikes_at_odd_moments() -> None:
    done = run("-m", "tests.ui.coming_and_going", "--count", "10", "--seed", "2")
    assert done.returncode == 0, done.stderr[-2_000:]
