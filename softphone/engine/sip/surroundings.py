"""What every call of the user agent shares. Thread: the sip thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.engine.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`now` is UTC, `chance` is between 0 and 1."""

    publish: Callable[[Event], None]
    schedule: Schedule
    now: Callable[[], datetime]
    chance: Callable[[], float]
