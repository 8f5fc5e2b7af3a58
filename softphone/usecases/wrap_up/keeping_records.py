"""What the agent can decide when the database cannot be read: begin another one beside it."""

from __future__ import annotations

from softphone.domain.keeping_events import StoreOpened
from softphone.domain.store_trouble import StoreTrouble
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Records

NEEDS_A_DECISION = frozenset({StoreTrouble.KEY_MISSING, StoreTrouble.KEY_WRONG})
"""Nothing mends these by itself; the data is whole, only its key is not here."""


class KeepingRecords:
    """Knows how the database stands."""

    def __init__(self, records: Records, bus: Bus) -> None:
        self._records = records
        self.opened = StoreOpened()
        bus.subscribe(StoreOpened, self._on_opened)

    @property
    def needs_a_decision(self) -> bool:
        return self.opened.in_memory and self.opened.trouble in NEEDS_A_DECISION

    def try_again(self) -> None:
        """The agent has mended something (unlocked the key store, freed the disk): see whether it helps."""
        if self.opened.in_memory:
            self._records.open()

    def begin_anew(self) -> None:
        """Set the database that nobody can read aside, never delete it, and begin another one."""
        if self.needs_a_decision:
            self._records.begin_anew()

    def _on_opened(self, event: StoreOpened) -> None:
        self.opened = event
