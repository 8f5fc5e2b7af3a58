"""The call list: what was, what waits to be delivered, what was refused."""

from __future__ import annotations

from softphone.domain.ids import CampaignId
from softphone.domain.keeping_events import (
    DeliveryRecorded,
    HistoryLoaded,
    RecordsPurged,
    StoreOpened,
    WrapUpSaved,
    WrittenOff,
)
from softphone.domain.wrap_up import HistoryEntry, RecordsShown, favourite_codes
from softphone.domain.wrap_up_events import OutboxChanged, WrapUpChanged
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Records

SHOWN = 200


class LookingBack:
    """Keeps the newest calls at hand and says how the outbox stands."""

    def __init__(self, records: Records, bus: Bus) -> None:
        self._records = records
        self._bus = bus
        self._search = ""
        self._shown = RecordsShown.ALL
        self.loaded = HistoryLoaded(())
        self._lately: tuple[HistoryEntry, ...] = ()
        bus.subscribe(StoreOpened, lambda _e: self.reload())
        bus.subscribe(WrapUpSaved, lambda _e: self.reload())
        bus.subscribe(RecordsPurged, lambda _e: self.reload())
        bus.subscribe(WrittenOff, lambda _e: self.reload())
        bus.subscribe(WrapUpChanged, self._on_wrap_up)
        bus.subscribe(DeliveryRecorded, self._on_recorded)
        bus.subscribe(HistoryLoaded, self._on_loaded)
        self._last = OutboxChanged(0, 0)

    @property
    def outbox(self) -> OutboxChanged:
        return self._last

    def favourites(self, campaign_id: CampaignId) -> tuple[str, ...]:
        """The outcomes that were chosen most often for the newest calls of that campaign."""
        return favourite_codes(self._lately, campaign_id)

    def search(self, text: str) -> None:
        """Show only calls with `text` in number, name or notes."""
        self._search = text.strip()
        self.reload()

    def show(self, part: RecordsShown) -> None:
        """Show only that part of the list; what is searched stays searched."""
        self._shown = part
        self.reload()

    @property
    def shown(self) -> RecordsShown:
        return self._shown

    @property
    def narrowed(self) -> bool:
        """Something is searched, or only a part of the list wanted."""
        return bool(self._search) or self._shown is not RecordsShown.ALL

    def reload(self) -> None:
        self._records.load_history(SHOWN, self._search, self._shown)

    def _on_wrap_up(self, event: WrapUpChanged) -> None:
        if event.left:
            self.reload()

    def _on_recorded(self, event: DeliveryRecorded) -> None:
        self._last = OutboxChanged(self._last.waiting, self._last.refused, event.delivery)
        self.reload()

    def _on_loaded(self, event: HistoryLoaded) -> None:
        self.loaded = event
        if not self.narrowed:
            self._lately = event.entries
        now = OutboxChanged(event.waiting, event.refused, self._last.last)
        if now != self._last or self._last.last is not None:
            self._last = now
            self._bus.publish(now)
