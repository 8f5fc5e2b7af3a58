"""The engine's log: one JSON object a line, in its own rotating file. Thread: any.

Never credentials or customer data; numbers are masked by who logs them.
"""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

import structlog

_FILE_BYTES = 1_000_000
_FILES = 3


def open_journal(folder: Path) -> None:
    """Write to `engine.log` in `folder` from now on."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "engine.log", maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
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
