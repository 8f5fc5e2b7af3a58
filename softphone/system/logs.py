"""Log files: one JSON line per event, rotating, without credentials, with numbers masked."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from softphone.domain.text import clean_line, mask_number

FILES = 5
BYTES_PER_FILE = 2_000_000
_VALUE_LIMIT = 400

_SECRET_WORDS = ("password", "secret", "token", "authorization", "credential", "api_key", "cookie")
_NUMBERS = frozenset({"number", "target", "caller", "callee", "dialled", "dnis", "ani", "digits", "party"})


def start_logging(folder: Path, process: str, *, on_screen: bool = False, level: str = "INFO") -> Path:
    """Log to `folder/<process>.log` from now on (and to standard error); return the file.

    Each process has a file of its own, because two cannot rotate one. A folder that cannot be written is no
    reason not to telephone: then the log goes to standard error alone.
    """
    file = folder / f"{process}.log"
    handlers: list[logging.Handler] = []
    try:
        handlers.append(_file_handler(file))
    except OSError:
        on_screen = True
    if on_screen:
        handlers.append(_screen_handler())
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "asyncio", "websockets", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    return file


def masked(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace secrets by …, numbers by their last three characters; bound and clean every text."""
    return {key: _masked_value(key.lower(), value) for key, value in event.items()}


def _masked_value(key: str, value: Any) -> Any:
    if any(word in key for word in _SECRET_WORDS):
        return "…"
    if key in _NUMBERS:
        return mask_number(str(value)) if value else value
    if isinstance(value, str) and key not in ("exception", "stack"):
        return clean_line(value, _VALUE_LIMIT)
    return value


def _shared() -> Sequence[Any]:
    return (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        masked,
    )


def _formatter(renderer: Any) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )


def _file_handler(file: Path) -> logging.Handler:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _PrivateRotatingFile(
        file, maxBytes=BYTES_PER_FILE, backupCount=FILES - 1, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(_formatter(structlog.processors.JSONRenderer(ensure_ascii=False, default=str)))
    return handler


def _screen_handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())))
    return handler


class _PrivateRotatingFile(logging.handlers.RotatingFileHandler):
    """A rotating file that only its user can read, and whose full disk never reaches the caller."""

    def _open(self) -> Any:
        stream = super()._open()
        Path(self.baseFilename).chmod(0o600)
        return stream

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """A log that cannot be written (disk full) is dropped; telephoning goes on."""
