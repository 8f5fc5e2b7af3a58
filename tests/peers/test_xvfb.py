"""The virtual screen: a window appears on it, takes keys and is photographed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.peers.waiting import wait_for
from tests.peers.xvfb import VirtualDisplay

WINDOW = """
import sys
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
window = QLineEdit()
window.setWindowTitle("A line to type in")
window.textChanged.connect(lambda text: print(text, flush=True))
window.show()
app.exec()
"""


def test_keys_reach_the_window_and_the_photograph_shows_it(display: VirtualDisplay, tmp_path: Path) -> None:
    assert display.photograph().colours == 1
    program = subprocess.Popen(
        [sys.executable, "-c", WINDOW],
        env={**os.environ, **display.environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        display.press("4", "9", window=display.window("A line to type in"))
        assert program.stdout is not None
        assert [program.stdout.readline().strip() for _ in range(2)] == ["4", "49"]
        wait_for(lambda: display.photograph().colours > 2, "the window on the photograph")
        assert display.screenshot(tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")
    finally:
        program.terminate()
        program.communicate(timeout=10)
