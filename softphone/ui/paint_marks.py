"""Notes in the log when something was painted for the first time: what support and the benchmarks measure by.

`painted what=window|registered|ringing|customer call=… monotonic_ns=…`, once each. The time is taken in the
event loop's next turn after the paint event, when Qt has handed the picture over.
"""

from __future__ import annotations

import time

import structlog
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

_log = structlog.get_logger(__name__)


class PaintMarks(QObject):
    """Thread: main."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._expected: dict[int, tuple[QWidget, str, str]] = {}
        self._done: set[tuple[str, str]] = set()

    def expect(self, widget: QWidget, what: str, call_id: str = "") -> None:
        """`widget` shows `what` from its next paint on."""
        if (what, call_id) in self._done:
            return
        self._done.add((what, call_id))
        self._expected[id(widget)] = (widget, what, call_id)
        widget.installEventFilter(self)
        widget.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and id(watched) in self._expected:
            widget, what, call_id = self._expected.pop(id(watched))
            widget.removeEventFilter(self)
            QTimer.singleShot(0, lambda: _note(what, call_id))
        return False


def _note(what: str, call_id: str) -> None:
    _log.info("painted", what=what, call=call_id, monotonic_ns=time.monotonic_ns())
