"""The engine's log: one JSON object a line, in its own rotating file. Thread: any; one of its own writes.

A disk that stalls must not stall the sip thread. Never credentials or customer data; numbers are masked by
who logs them.
"""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path
from queue import SimpleQueue

import structlog

_FILE_BYTES = 1_000_000
_FILES = 3


class Journal:
    """The log file while the engine lives; `close` writes what is queued."""

    def __init__(self, listener: logging.handlers.QueueListener) -> None:
        self._listener = listener

    def close(self) -> None:
        self._listener.stop()
        for handler in self._listener.handlers:
            handler.close()


def open_journal(folder: Path) -> Journal:
    """Write to `engine.log` in `folder` from now on."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "engine.log", maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(message)s"))
    lines: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = logging.handlers.QueueListener(lines, handler)
    listener.start()
    root = logging.getLogger()
    root.handlers[:] = [logging.handlers.QueueHandler(lines)]
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return Journal(listener)
