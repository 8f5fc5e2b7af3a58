"""A working day in fast motion, by seed, and what of it must be found again whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryState
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import (
    DeliveriesDue,
    DeliveryRecorded,
    DraftSaved,
    StoreOpened,
    WrapUpSaved,
)
from softphone.domain.wrap_up import Draft, RecordStatus
from softphone.store import calls, outbox, writes
from softphone.store.database import Database
from softphone.store.keeper import Keeper
from tests.store.samples import START, delivery, draft, ended, live, wrap_up

SETTLED = (RecordStatus.SAVED, RecordStatus.DELIVERED, RecordStatus.REFUSED)


def typed(number: int, version: int) -> Draft:
    """The `version`-th state of what is typed for a call; it grows."""
    return draft(number, f"v{version} " + "Water in the cellar. " * (version * 7 % 40))


def version_of(found: Draft) -> int:
    return int(found.notes.split()[0][1:]) if found.notes else 0


class Day:
    """Steps of the work on one keeper; `due` is filled from what the keeper posts.

    Each call has its own chance, so that trouble with one does not change the others.
    """

    def __init__(self, keeper: Keeper, seed: int) -> None:
        self._keeper = keeper
        self._seed = seed
        self.due: tuple[Delivery, ...] = ()

    def work(self, first: int, last: int) -> None:
        for number in range(first, last):
            chance = random.Random(self._seed * 100_000 + number)
            self.take_call(number, chance)
            if chance.random() < 0.7:
                self.deliver_something(number, chance)

    def take_call(self, number: int, chance: random.Random) -> None:
        keeper = self._keeper
        keeper.write(writes.record_call(live(number), RecordStatus.LIVE))
        versions = chance.randrange(1, 4)
        for version in range(1, versions + 1):
            keeper.write(writes.save_draft(typed(number, version)))
        keeper.write(writes.record_call(ended(number), RecordStatus.OPEN))
        if chance.random() < 0.85:
            finished = wrap_up(number, typed(number, versions).notes)
            keeper.write(writes.save_wrap_up(finished, delivery(number, chance.choice("ab"))))

    def deliver_something(self, number: int, chance: random.Random) -> None:
        now = START + timedelta(days=1, minutes=number)
        self._keeper.load_due(now, 5)
        for attempted in self.due:
            trouble, state = chance.choice(
                (
                    (CrmTrouble.NONE, DeliveryState.DELIVERED),
                    (CrmTrouble.REFUSED, DeliveryState.REFUSED),
                    (CrmTrouble.TIMEOUT, DeliveryState.WAITING),
                )
            )
            tried = replace(attempted, attempts=attempted.attempts + 1, last_trouble=trouble)
            self._keeper.write(writes.record_attempt(tried, state, now, "r", now))


@dataclass
class Acknowledged:
    """What the store has said to be safe, folded from its events."""

    drafts: Counter[CallId] = field(default_factory=Counter)
    saved: dict[CallId, DeliveryId | None] = field(default_factory=dict)
    handed_out: set[DeliveryId] = field(default_factory=set)
    settled: dict[DeliveryId, DeliveryState] = field(default_factory=dict)
    in_memory: Acknowledged | None = None
    """What was said meanwhile while nothing could be on disk; it counts from the landing on."""

    @staticmethod
    def by(events: Iterable[object]) -> Acknowledged:
        said = Acknowledged()
        for event in events:
            said.hear(event)
        return said

    def hear(self, event: object) -> None:
        if isinstance(event, StoreOpened) and event.in_memory:
            self.in_memory = self.in_memory or Acknowledged()
        elif isinstance(event, StoreOpened):
            self._land()
        elif self.in_memory:
            self.in_memory.hear(event)
        elif isinstance(event, DraftSaved):
            self.drafts[event.call_id] += 1
        elif isinstance(event, WrapUpSaved):
            self.saved[event.call_id] = event.delivery_id
        elif isinstance(event, DeliveriesDue):
            self.handed_out.update(d.id for d in event.deliveries)
        elif isinstance(event, DeliveryRecorded) and event.delivery.state is not DeliveryState.WAITING:
            self.settled[event.delivery.id] = event.delivery.state

    def _land(self) -> None:
        landed, self.in_memory = self.in_memory, None
        if landed:
            for call, version in landed.drafts.items():
                self.drafts[call] += version - 1  # landing says it once more
            self.saved.update(landed.saved)
            self.handed_out |= landed.handed_out
            self.settled.update(landed.settled)

    def broken_promises(self, database: Database) -> list[str]:
        """Everything in `database` that is less than what was said; empty if all is well."""
        # The integrity of the file itself counts once the log is taken back into it.
        database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        found = {e.record.call.id: e for e in calls.newest(database, 100_000, "")}
        problems = [
            f"{check}: {row[0]}" for check in CHECKS for row in database.rows(check) if row[0] != "ok"
        ]
        for call, version in self.drafts.items():
            if call not in found or version_of(found[call].draft) < version:
                problems.append(f"draft {version} of {call} is lost")
        for call, delivery_id in self.saved.items():
            if call not in found or found[call].status not in SETTLED:
                problems.append(f"the wrap-up of {call} is lost")
            elif found[call].delivery_id != delivery_id:
                problems.append(f"{call} has another delivery than was said")
        problems.extend(
            f"{entry.record.call.id} is half saved: nothing will be delivered"
            for entry in found.values()
            if entry.status in SETTLED and entry.delivery_id is None
        )
        return problems + self._broken_deliveries(database)

    def _broken_deliveries(self, database: Database) -> list[str]:
        problems = []
        for delivery_id in self.handed_out:
            stored = outbox.get(database, delivery_id)
            begun = database.number("SELECT begun FROM outbox WHERE id = ?", (delivery_id,))
            if stored is None or not (stored.attempts or begun):
                problems.append(f"{delivery_id} was handed out and would be sent again unasked")
        for delivery_id, state in self.settled.items():
            stored = outbox.get(database, delivery_id)
            if stored is None or stored.state is not state:
                problems.append(f"{delivery_id} is no longer {state}")
        return problems


CHECKS = ("PRAGMA integrity_check", "PRAGMA cipher_integrity_check", "PRAGMA foreign_key_check")
