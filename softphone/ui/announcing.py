"""What a screen reader says by itself: a call that rings, trouble, and that an outcome is saved."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

Say = Callable[[str, bool], None]


def say_through(window: QWidget) -> Say:
    """Announce through the system's screen reader; `urgent` interrupts what it is reading."""

    def say(text: str, urgent: bool) -> None:
        event = QAccessibleAnnouncementEvent(window, text)
        manner = QAccessible.AnnouncementPoliteness
        event.setPoliteness(manner.Assertive if urgent else manner.Polite)
        QAccessible.updateAccessibility(event)

    return say


class Announcer:
    """Says each thing once, when it is new."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._calls: frozenset[str] = frozenset()
        self._texts: frozenset[str] = frozenset()
        self._status = ""

    def hear_calls(self, ringing: dict[str, str]) -> None:
        """`ringing` maps each ringing call to what is to be said of it."""
        for call_id, spoken in ringing.items():
            if call_id not in self._calls:
                self._say(spoken, True)
        self._calls = frozenset(ringing)

    def hear_notices(self, texts: tuple[str, ...]) -> None:
        for text in texts:
            if text not in self._texts:
                self._say(text, False)
        self._texts = frozenset(texts)

    def hear_saved(self, status: str) -> None:
        """`status` is what stands beside Save once the outcome is saved, else empty."""
        if status and status != self._status:
            self._say(status, False)
        self._status = status
