"""Settled records leave this computer when the company's time for them is up."""

from __future__ import annotations

from datetime import datetime, timedelta

from softphone.domain.keeping_events import StoreOpened
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, Records, Timer

LOOK_EVERY_S = 6 * 3600.0
"""Often enough for days as a unit, on computers that are switched off at night too."""


class Expiring:
    """Purges at each start and four times a day, as `records.keep_days` says.

    What is not in the CRM yet, not wrapped up, or promised for later stays: the store sees to that.
    """

    def __init__(self, records: Records, configuring: Configuring, clock: Clock, bus: Bus) -> None:
        self._records = records
        self._configuring = configuring
        self._clock = clock
        self._timer: Timer | None = None
        bus.subscribe(StoreOpened, self._on_opened)
        configuring.on_change(lambda _settings: self.look())

    def look(self) -> None:
        """Purge what is old enough now, and look again later."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._clock.after(LOOK_EVERY_S, self.look)
        before = self.keeps_since()
        if before is not None:
            self._records.purge(before)

    def keeps_since(self) -> datetime | None:
        """Settled calls begun before this are not kept; None keeps all."""
        days = self._configuring.settings.records.keep_days
        return self._clock.now() - timedelta(days=days) if days else None

    def _on_opened(self, event: StoreOpened) -> None:
        if not event.in_memory:
            self.look()
