"""What the store in memory keeps of one call, and what a search finds in it."""

from __future__ import annotations

from dataclasses import dataclass

from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.wrap_up import CallRecord, Draft, RecordStatus, WrapUp


@dataclass
class Row:
    """One call and what belongs to it."""

    record: CallRecord
    status: RecordStatus
    draft: Draft
    wrap_up: WrapUp | None = None
    delivery_id: DeliveryId | None = None


def matches(row: Row, search: str) -> bool:
    call, draft = row.record.call, row.draft
    texts = (row.record.number, call.party.user, call.party.display_name, draft.customer_name, draft.notes)
    digits = "".join(c for c in search if c.isdigit())
    typed_as_number = bool(digits) and not any(c.isalpha() for c in search)
    wanted = [search.casefold()] + ([digits.lstrip("0")] if typed_as_number else [])
    return any(w in text.casefold() for w in wanted for text in texts if w or not search)


_LINE = (
    *("mos", "worst_mos", "rx_loss_percent", "tx_loss_percent", "rx_jitter_ms", "tx_jitter_ms"),
    *("round_trip_ms", "codec", "fault"),
)


def for_support(call_id: CallId, row: Row) -> tuple[tuple[str, str], ...]:
    line = row.record.line
    named = {"codec": "line_codec", "fault": "line_fault"}
    how = [] if line is None else [(named.get(name, name), str(getattr(line, name))) for name in _LINE]
    return (("call", call_id), ("status", row.status.value), *how)
