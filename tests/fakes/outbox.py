"""The outbox of the store in memory: whose turn it is, and what becomes of corrections.

`store.outbox` and `store.corrections` in other words; `tests/store/test_outbox_model.py` holds both together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryState, promise_of
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.turns import Place


@dataclass
class Outbox:
    """`accepted` is what the CRM has of an entry that is corrected, `revised` what follows it, `early` those
    that tell a call without its outcome, `begun` those whose attempt has not ended."""

    entries: dict[DeliveryId, Delivery] = field(default_factory=dict)
    remote_ids: dict[DeliveryId, str] = field(default_factory=dict)
    accepted: dict[DeliveryId, CallLog] = field(default_factory=dict)
    revised: dict[DeliveryId, CallLog] = field(default_factory=dict)
    early: set[DeliveryId] = field(default_factory=set)
    begun: set[DeliveryId] = field(default_factory=set)
    decided_at: dict[DeliveryId, datetime] = field(default_factory=dict)
    own_faults: Counter[DeliveryId] = field(default_factory=Counter)

    def forget(self, call_id: CallId) -> None:
        """Nothing of that call is kept."""
        for delivery_id in [d.id for d in self.entries.values() if d.log.call_id == call_id]:
            del self.entries[delivery_id]
            for of_delivery in (self.accepted, self.revised, self.remote_ids, self.decided_at):
                of_delivery.pop(delivery_id, None)
            self.own_faults.pop(delivery_id, None)
            self.begun.discard(delivery_id)
            self.early.discard(delivery_id)

    def has_task(self, task: Delivery) -> bool:
        """`store.outbox.has_task` in other words."""
        open_or_done = (d for d in self.entries.values() if d.state is not DeliveryState.WRITTEN_OFF)
        of_call = (d.follow_up for d in open_or_done if d.log.call_id == task.log.call_id)
        there = {promise_of(follow_up) for follow_up in of_call if follow_up}
        return task.follow_up is not None and promise_of(task.follow_up) in there

    def may_correct(self, delivery_id: DeliveryId | None, correcting: DeliveryId | None) -> bool:
        """Whether what is typed now corrects that entry: named, or refused by the CRM."""
        entry = self.entries.get(delivery_id) if delivery_id else None
        if entry is None:
            return False
        by_name = entry.id == correcting and entry.state is not DeliveryState.WRITTEN_OFF
        return by_name or entry.state is DeliveryState.REFUSED

    def take_correction(self, entry: Delivery, log: CallLog, now: datetime, updates: bool) -> bool:
        """`store.corrections.take` in other words."""
        revised = replace(entry, log=log, revision=entry.revision + 1)
        is_create = entry.kind is DeliveryKind.LOG_CALL
        in_doubt = entry.id in self.begun or (is_create and entry.attempts > 0)
        match entry.state:
            case DeliveryState.REFUSED:
                self.revised.pop(entry.id, None)
                self._due_anew(replace(revised, state=DeliveryState.WAITING), now)
            case DeliveryState.DELIVERED if updates and self.remote_ids.get(entry.id):
                self.accepted[entry.id] = entry.log
                self._due_anew(self._as_update(revised), now)
            case DeliveryState.WAITING if updates and in_doubt:
                self.revised[entry.id] = log
            case DeliveryState.WAITING if updates or (is_create and not in_doubt):
                self._change(entry, log)
            case _:
                return False
        return True

    def complete(self, entry: Delivery, log: CallLog, now: datetime) -> None:
        """`store.corrections.complete` in other words."""
        revised = replace(entry, log=log, revision=entry.revision + 1)
        if entry.state is DeliveryState.DELIVERED:
            self._due_anew(self._as_update(revised), now)
            self.accepted.pop(entry.id, None)
        elif entry.state is DeliveryState.WAITING and (entry.attempts or entry.id in self.begun):
            self.revised[entry.id] = log
            return
        elif entry.state is DeliveryState.WAITING:
            self._change(entry, log)
        else:
            self.revised.pop(entry.id, None)
            self._due_anew(replace(revised, state=DeliveryState.WAITING), now)
        self.early.discard(entry.id)

    def follow(self, delivery_id: DeliveryId) -> None:
        """`store.corrections.follow` in other words."""
        entry, log = self.entries[delivery_id], self.revised.get(delivery_id)
        if log is None:
            return
        revised = replace(entry, log=log, revision=entry.revision + 1)
        if entry.state is DeliveryState.DELIVERED:
            if entry.id not in self.early:
                self.accepted[entry.id] = entry.log
            self._due_anew(self._as_update(revised), None)
        elif entry.state is DeliveryState.REFUSED:
            self._due_anew(replace(revised, state=DeliveryState.WAITING), None)
        elif entry.kind is DeliveryKind.UPDATE_CALL:
            self.entries[entry.id] = revised
        else:
            return
        del self.revised[delivery_id]
        self.early.discard(delivery_id)

    def _change(self, entry: Delivery, log: CallLog) -> None:
        """Nothing of this revision is on its way; a record that was never sent keeps its number."""
        updates = entry.kind is DeliveryKind.UPDATE_CALL
        self.entries[entry.id] = replace(entry, log=log, revision=entry.revision + updates)
        self.revised.pop(entry.id, None)

    def _as_update(self, entry: Delivery) -> Delivery:
        return replace(
            entry,
            kind=DeliveryKind.UPDATE_CALL,
            state=DeliveryState.WAITING,
            remote_id=self.remote_ids.get(entry.id, ""),
            attempts=0,
            last_trouble=CrmTrouble.NONE,
            last_detail="",
        )

    def _due_anew(self, entry: Delivery, at: datetime | None) -> None:
        self.entries[entry.id] = replace(entry, next_attempt_at=at)
        self.own_faults[entry.id] = 0
        self.decided_at.pop(entry.id, None)
        if at is not None:
            self.decided_at[entry.id] = at

    def lines(self) -> list[list[Delivery]]:
        """Per CRM what may be tried: everything up to the first that holds the line."""
        lines: dict[str, list[Delivery]] = {}
        held = set()
        for delivery in self.entries.values():
            if delivery.state is DeliveryState.WAITING and delivery.crm not in held:
                lines.setdefault(delivery.crm, []).append(delivery)
                if self.place(delivery).holds_the_line:
                    held.add(delivery.crm)
        return list(lines.values())

    def place(self, delivery: Delivery) -> Place:
        return Place(
            delivery.created_at,
            delivery.next_attempt_at,
            self.decided_at.get(delivery.id),
            delivery.last_trouble,
            self.own_faults[delivery.id],
        )
