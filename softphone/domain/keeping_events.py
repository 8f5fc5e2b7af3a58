"""What becomes of records: deliveries to the CRM, the store's troubles, what it keeps and is asked.

The store and the CRM post these; beside `domain.events`.
"""

from __future__ import annotations

from datetime import datetime

from softphone.domain.callback import Callback
from softphone.domain.campaign import CampaignCodes
from softphone.domain.delivery import Delivery, DeliveryResult
from softphone.domain.do_not_call import BarredNumber
from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import HistoryEntry


@dataclass(frozen=True, slots=True)
class DeliveryAttempted(Event):
    result: DeliveryResult


@dataclass(frozen=True, slots=True)
class StoreOpened(Event):
    """The database is usable, or (`in_memory`) work goes on in memory with a visible warning.

    Comes again when things change: without trouble once the disk works and all that was kept in memory has
    landed.
    """

    trouble: StoreTrouble = StoreTrouble.NONE
    detail: str = ""
    in_memory: bool = False
    unfinished: tuple[HistoryEntry, ...] = ()
    """Records that were LIVE or OPEN when the last desk stopped."""


@dataclass(frozen=True, slots=True)
class StoreFailed(Event):
    """A write did not happen yet. `call_id` names the record concerned; what was typed stays in the window.

    The store keeps the write in memory and tries again; the write's own event follows when it has landed.
    """

    trouble: StoreTrouble
    call_id: CallId | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DraftSaved(Event):
    call_id: CallId


@dataclass(frozen=True, slots=True)
class WrapUpSaved(Event):
    """Committed: only now may a screen say "saved".

    `in_memory` while work goes on in memory (`StoreOpened.in_memory`): kept, not yet on disk; the screen
    says so. Another `WrapUpSaved` without it follows when the record has landed.
    """

    call_id: CallId
    delivery_id: DeliveryId | None
    in_memory: bool = False


@dataclass(frozen=True, slots=True)
class DeliveriesDue(Event):
    deliveries: tuple[Delivery, ...]
    next_due_at: datetime | None = None
    """When the earliest of the others is due; None when nothing waits."""


@dataclass(frozen=True, slots=True)
class DeliveryAdded(Event):
    """Committed to the outbox beside the call's outcome; `in_memory` as for `WrapUpSaved`."""

    delivery: Delivery
    in_memory: bool = False


@dataclass(frozen=True, slots=True)
class RefusedChangesLoaded(Event):
    """Changes of customers that a CRM has refused and nobody has settled, oldest first."""

    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRecorded(Event):
    """The result of an attempt is committed."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class HistoryLoaded(Event):
    entries: tuple[HistoryEntry, ...]
    waiting: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class BarredNumbersLoaded(Event):
    numbers: tuple[BarredNumber, ...]


@dataclass(frozen=True, slots=True)
class CallbacksLoaded(Event):
    """All promises to call back that are not kept yet, the earliest first."""

    callbacks: tuple[Callback, ...]


@dataclass(frozen=True, slots=True)
class CodesKept(Event):
    """What CRMs named as outcomes when they last answered, read from the database."""

    codes: tuple[CampaignCodes, ...]


@dataclass(frozen=True, slots=True)
class RecordsPurged(Event):
    """So many records that were old enough and settled are gone from the disk."""

    count: int


@dataclass(frozen=True, slots=True)
class StoreDescribed(Event):
    """Name and value of what support may know of the database; nothing of any customer is in it."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordsExported(Event):
    """What support may see of every record, oldest first: states and times, nothing of any customer."""

    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class WrittenOff(Event):
    """A record that could not be delivered is closed with a reason. `done` is false when there was nothing
    to close: it was delivered meanwhile."""

    delivery_id: DeliveryId
    done: bool


@dataclass(frozen=True, slots=True)
class KeyChanged(Event):
    """The database is encrypted with a new key; the old one opens nothing any more."""
