"""Cyclic garbage is collected on the main thread only.

Python collects it on whichever thread happens to allocate next. A widget or timer that is part of such
garbage would then be destroyed by the reader of the pipe or a worker, behind the back of the main thread's
event loop, which crashes (measured: a forgotten QTimer collected by another thread is a segmentation fault).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer

INTERVAL_MS = 1_000


class MainThreadCollector(QObject):
    """Takes the collector's work over until `give_back`. Thread: main."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(collect_what_is_due)
        self._timer.start(INTERVAL_MS)

    def give_back(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()


def collect_what_is_due() -> None:
    """Collect the generations whose thresholds are passed, as Python itself would. Cheap when none is."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
            gc.collect(generation)
            return
