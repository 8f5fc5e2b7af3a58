"""Times, dates and numbers by QLocale."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QLocale, QTime


class QtFormats:
    """`language` picks the words of dates; if the system speaks it, the system's own habits win."""

    def __init__(self, language: str) -> None:
        system = QLocale.system()
        wanted = QLocale(language)
        self.locale = system if system.language() == wanted.language() else wanted

    def time(self, moment: datetime) -> str:
        local = moment.astimezone()
        return self.locale.toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)

    def day(self, moment: datetime) -> str:
        local = moment.astimezone()
        return self.locale.toString(QDate(local.year, local.month, local.day), QLocale.FormatType.ShortFormat)

    def number(self, value: float, decimals: int = 0) -> str:
        return self.locale.toString(float(value), "f", decimals)
