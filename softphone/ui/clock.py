"""The clock of the running program: wall time, monotonic time and timers of the Qt event loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Qt, QTimer

from softphone.usecases.ports import Timer

_LONGEST_MS = 2**31 - 1


class QtTimer:
    """A single-shot timer that can be cancelled, any number of times, also after it has fired."""

    def __init__(self, timer: QTimer) -> None:
        self._timer: QTimer | None = timer
        timer.timeout.connect(self.cancel)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.deleteLater()
            self._timer = None


class QtClock:
    """Implements the port `Clock`. Thread: main."""

    def __init__(self, parent: QObject) -> None:
        self._parent = parent

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def after(self, delay_s: float, action: Callable[[], None]) -> Timer:
        """Delays beyond Qt's limit of 24 days fire early; nothing here plans that far."""
        timer = QTimer(self._parent)
        timer.setSingleShot(True)
        precise = delay_s < 2
        timer.setTimerType(Qt.TimerType.PreciseTimer if precise else Qt.TimerType.CoarseTimer)
        timer.timeout.connect(action)
        timer.timeout.connect(timer.deleteLater)  # also where nobody has kept the handle
        handle = QtTimer(timer)
        timer.start(min(max(0, round(delay_s * 1000)), _LONGEST_MS))
        return handle
