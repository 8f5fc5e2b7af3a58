"""Not calling those who do not want it: what outcomes have barred is refused when somebody dials."""

from __future__ import annotations

from softphone.domain.address import PhoneNumber
from softphone.domain.do_not_call import BarredNumber, barred
from softphone.domain.ids import CampaignId
from softphone.domain.keeping_events import BarredNumbersLoaded, StoreOpened, WrapUpSaved, WrittenOff
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Records


class NotCalling:
    """Knows the barred numbers of this desk's database."""

    def __init__(self, records: Records, bus: Bus) -> None:
        self._records = records
        self._numbers: tuple[BarredNumber, ...] = ()
        bus.subscribe(StoreOpened, lambda _e: self._records.load_barred_numbers())
        bus.subscribe(WrapUpSaved, lambda _e: self._records.load_barred_numbers())
        bus.subscribe(WrittenOff, lambda _e: self._records.load_barred_numbers())
        bus.subscribe(BarredNumbersLoaded, self._on_loaded)

    def forbids(self, number: PhoneNumber, campaign_id: CampaignId | None) -> bool:
        """Nobody may dial `number` for that campaign."""
        return barred(self._numbers, (number.e164, number.raw), campaign_id)

    def _on_loaded(self, event: BarredNumbersLoaded) -> None:
        self._numbers = event.numbers
