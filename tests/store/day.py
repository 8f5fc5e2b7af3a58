"""A working day in fast motion, by seed, and what of it must be found again whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
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
from softphone.store import calls, corrections, outbox, writes
from softphone.store.database import Database
from softphone.store.keeper import Keeper
from tests.store.samples import START, delivery, draft, ended, live, wrap_up

SETTLED = (RecordStatus.SAVED, RecordStatus.DELIVERED, RecordStatus.REFUSED)


def typed(number: int, version: int) -> Draft:
    """The `version`-th state of what is typed for a call; it grows."""
    return draft(number, f"v{version} " + "Water in the cellar. " * (version * 7 % 40))


def version_of(notes: str) -> int:
    first = notes.split(maxsplit=1)[0] if notes else ""
    return int(first[1:]) if first[1:].isdigit() else 0


CORRECTED = 1_000
"""Versions of corrections begin here, so that they are later than anything typed before."""


@dataclass(frozen=True)
class OutcomeKept:
    """The store has said that this version of a call's outcome is safe."""

    call_id: CallId
    version: int


class Day:
    """Steps of the work on one keeper; what it posts must come to `hear`. Only what was saved is corrected.

    Each call has its own chance, so that trouble with one does not change the others.
    """

    def __init__(self, keeper: Keeper, seed: int) -> None:
        self._keeper = keeper
        self._seed = seed
        self._saved: list[int] = []
        self._corrections = 0
        self.due: tuple[Delivery, ...] = ()
        self.say: Callable[[object], None] = lambda _said: None

    def work(self, first: int, last: int) -> None:
        for number in range(first, last):
            chance = random.Random(self._seed * 100_000 + number)
            self.take_call(number, chance)
            if chance.random() < 0.7:
                self.deliver_something(number, chance)
            if self._saved and chance.random() < 0.4:
                self.correct(chance.choice(self._saved))

    def take_call(self, number: int, chance: random.Random) -> None:
        keeper = self._keeper
        keeper.write(writes.record_call(live(number), RecordStatus.LIVE))
        versions = chance.randrange(1, 4)
        for version in range(1, versions + 1):
            keeper.write(writes.save_draft(typed(number, version)))
        keeper.write(writes.record_call(ended(number), RecordStatus.OPEN))
        if chance.random() < 0.3:
            keeper.write(writes.log_early(delivery(number, "a", "")))
        if chance.random() < 0.85:
            notes = typed(number, versions).notes
            entry = delivery(number, chance.choice("ab"), notes)
            keeper.write(writes.save_wrap_up(wrap_up(number, notes), entry))

    def hear(self, event: object) -> None:
        """What the keeper posts."""
        if isinstance(event, DeliveriesDue):
            self.due = event.deliveries
        elif isinstance(event, WrapUpSaved):
            self._saved.append(int(event.call_id.split("-")[1]))

    def correct(self, number: int) -> None:
        """Whatever has become of that outcome: not sent yet, on its way, in the CRM, refused."""
        self._corrections += 1
        version = CORRECTED + self._corrections
        entry = delivery(number, notes=typed(number, version).notes)
        self._keeper.write(writes.save_draft(typed(number, version), entry.id))
        finished = wrap_up(number, entry.log.notes)
        self._keeper.write(writes.correct_wrap_up(finished, entry.id, entry.log, START, updates=True))
        self.say(OutcomeKept(entry.log.call_id, version))

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
            number_of_call = int(attempted.log.call_id.split("-")[1])
            if chance.random() < 0.2 and number_of_call in self._saved:
                self.correct(number_of_call)  # while it is on its way
            self._keeper.write(writes.record_attempt(tried, state, now, "r", now))


@dataclass
class Acknowledged:
    """What the store has said to be safe, folded from its events."""

    drafts: Counter[CallId] = field(default_factory=Counter)
    saved: dict[CallId, DeliveryId | None] = field(default_factory=dict)
    handed_out: dict[DeliveryId, int] = field(default_factory=dict)
    """The latest correction of it that was handed out."""
    settled: dict[DeliveryId, tuple[DeliveryState, int]] = field(default_factory=dict)
    """How it ended, and which correction of it."""
    outcomes: dict[CallId, int] = field(default_factory=dict)
    """The latest version of each outcome."""
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
        elif isinstance(event, OutcomeKept):
            self.outcomes[event.call_id] = event.version
        elif isinstance(event, DeliveriesDue):
            self.handed_out.update((d.id, d.revision) for d in event.deliveries)
        elif isinstance(event, DeliveryRecorded) and event.delivery.state is not DeliveryState.WAITING:
            self.settled[event.delivery.id] = event.delivery.state, event.delivery.revision

    def _land(self) -> None:
        landed, self.in_memory = self.in_memory, None
        if landed:
            for call, version in landed.drafts.items():
                self.drafts[call] += version - 1  # landing says it once more
            self.saved.update(landed.saved)
            self.outcomes.update(landed.outcomes)
            self.handed_out.update(landed.handed_out)
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
            if call not in found or version_of(found[call].draft.notes) < version:
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
        for delivery_id, revision in self.handed_out.items():
            stored = outbox.get(database, delivery_id)
            begun = database.number("SELECT begun FROM outbox WHERE id = ?", (delivery_id,))
            corrected_since = stored is not None and stored.revision > revision
            if stored is None or not (stored.attempts or begun or corrected_since):
                problems.append(f"{delivery_id} was handed out and would be sent again unasked")
        for delivery_id, (state, revision) in self.settled.items():
            stored = outbox.get(database, delivery_id)
            corrected_since = stored is not None and stored.revision > revision
            if stored is None or (stored.state is not state and not corrected_since):
                problems.append(f"{delivery_id} is no longer {state}")
        for call, version in self.outcomes.items():
            wanted = corrections.wanted(database, self.saved[call] or DeliveryId(""))
            if wanted is None or version_of(wanted.notes) < version:
                problems.append(f"correction {version} of {call} is lost")
        return problems


CHECKS = ("PRAGMA integrity_check", "PRAGMA cipher_integrity_check", "PRAGMA foreign_key_check")
