"""Times, dates and numbers as people in this place write them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Formats(Protocol):
    """Implemented with QLocale in `qt_formats`; tests use `PlainFormats`. Times come aware, shown local."""

    def time(self, moment: datetime) -> str: ...
    def day(self, moment: datetime) -> str: ...
    def number(self, value: float, decimals: int = 0) -> str: ...


class PlainFormats:
    """ISO forms in UTC, for tests and logs."""

    def time(self, moment: datetime) -> str:
        return moment.strftime("%H:%M")

    def day(self, moment: datetime) -> str:
        return moment.strftime("%Y-%m-%d")

    def number(self, value: float, decimals: int = 0) -> str:
        return f"{value:.{decimals}f}"


def duration(seconds: float) -> str:
    """A running time as `m:ss` or `h:mm:ss`; digits are Latin in all our languages."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
