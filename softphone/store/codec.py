"""Domain values as JSON in the database's cells, and times as microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from softphone.domain.campaign import Disposition
from softphone.domain.crm_work import CustomerChange, FollowUp
from softphone.domain.delivery import CallLog, Delivery
from softphone.domain.facts import dataclass
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import CallRecord, Draft
from softphone.store.troubles import StoreUnusable

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Content:
    """What a delivery brings beside the facts of its call."""

    change: CustomerChange | None = None
    follow_up: FollowUp | None = None
    remote_id: str = ""


_encoder = msgspec.json.Encoder()
_contents = msgspec.json.Decoder(Content)
_records = msgspec.json.Decoder(CallRecord)
_drafts = msgspec.json.Decoder(Draft)
_dispositions = msgspec.json.Decoder(tuple[Disposition, ...])
_logs = msgspec.json.Decoder(CallLog)


def to_cell(value: object) -> bytes:
    """Return `value` (a frozen dataclass, or a tuple of texts) as JSON."""
    return _encoder.encode(value)


def read_record(cell: bytes) -> CallRecord:
    return _read(_records, cell)


def read_draft(cell: bytes) -> Draft:
    return _read(_drafts, cell)


def read_log(cell: bytes) -> CallLog:
    return _read(_logs, cell)


def content_of(delivery: Delivery) -> bytes | None:
    """The cell for what `delivery` brings, None where that is only the call."""
    content = Content(delivery.change, delivery.follow_up, delivery.remote_id)
    return None if content == Content() else to_cell(content)


def read_content(cell: bytes | None) -> Content:
    return _read(_contents, cell) if cell else Content()


def read_dispositions(cell: bytes) -> tuple[Disposition, ...]:
    return _read(_dispositions, cell)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970, exact (a float of seconds would not be)."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The moment in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def _read(decoder: msgspec.json.Decoder[T], cell: bytes) -> T:
    try:
        return decoder.decode(cell)
    except msgspec.MsgspecError as exc:
        # HMAC guards every page, so this is a value that another version wrote, not a flipped bit.
        raise StoreUnusable(StoreTrouble.NEWER, str(exc)) from exc
