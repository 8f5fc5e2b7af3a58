"""A desk that repaints, scrolls and computes without a pause, until it is killed."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QListWidget


def main() -> None:
    app = QApplication([])
    window = QListWidget()
    window.addItems([f"Customer {number}" for number in range(2000)])
    window.resize(800, 600)
    window.show()
    step = 0

    def busy() -> None:
        nonlocal step
        step += 7
        window.verticalScrollBar().setValue(step % 1900)
        window.viewport().repaint()
        sum(number * number for number in range(20_000))

    timer = QTimer()
    timer.timeout.connect(busy)
    timer.start(0)
    app.exec()


if __name__ == "__main__":
    main()
