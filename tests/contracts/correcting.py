"""Records that the CRM has, and their corrections, in any store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryState
from softphone.domain.keeping_events import (
    WrapUpSaved,
)
from softphone.domain.wrap_up import HistoryEntry
from tests.contracts.records_world import NOON, Desk, conclude, due, history, only, save
from tests.store.samples import call_id, tried, wrap_up

LATER = NOON + timedelta(hours=1)


def delivered(desk: Desk, number: int = 1) -> Delivery:
    """A record that the CRM has, as "r1"."""
    entry = save(desk, number)
    (handed_out,) = due(desk).deliveries
    conclude(desk, tried(handed_out, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id=f"r{number}")
    return entry


def correct(desk: Desk, entry: Delivery, notes: str = "Better", updates: bool = True) -> None:
    better = wrap_up(1, notes)
    desk.records.correct_wrap_up(better, entry.id, replace(entry.log, notes=notes), LATER, updates)


def corrected(desk: Desk, notes: str = "Better") -> Delivery:
    """A record that the CRM has and that was corrected; its update as it is handed out."""
    entry = delivered(desk)
    correct(desk, entry, notes)
    assert desk.heard.next(WrapUpSaved) == WrapUpSaved(call_id(1), entry.id)
    (update,) = due(desk, LATER).deliveries
    return update


def the_only(desk: Desk) -> HistoryEntry:
    return only(history(desk))
