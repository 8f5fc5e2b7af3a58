"""Writes that could not be carried out yet, in order, with what no longer matters left out."""

from __future__ import annotations

from softphone.domain.ids import CallId, DeliveryId
from softphone.store.writes import Kind, Write

_IN_THEIR_ORDER = (Kind.WRAP_UP, Kind.CORRECTION, Kind.EARLY_LOG, Kind.ATTEMPT)
"""Of these the first one stands, or each is about what the one before it made of an entry."""

RETRY_AFTER_S = (1.0, 2.0, 5.0, 10.0, 30.0)


class Backlog:
    """What is only in memory. `firm` tells that what it holds was carried out in memory and is relied on."""

    def __init__(self) -> None:
        self._writes: list[Write] = []
        self.firm = False
        self.tries = 0

    def __len__(self) -> int:
        return len(self._writes)

    def add(self, write: Write) -> None:
        """Append `write`; an earlier one of the same kind and subject gives way, unless it is relied on."""
        if write.kind in _IN_THEIR_ORDER and self.firm:
            self._writes.append(write)
            return
        if write.kind is Kind.ABANDON and not self.firm:
            # Not called saved yet, and given up: it must not be saved, and sent, behind the agent's back.
            self._drop_correction(write.delivery_id)
        if write.kind is Kind.DRAFT and not self.firm:
            # The agent types again after the outcome could not be saved: it is theirs to save once more.
            self._drop(Kind.WRAP_UP, write.subject)
            self._drop(Kind.CORRECTION, write.subject)
        self._drop(write.kind, write.subject)
        self._writes.append(write)

    def take_first(self) -> Write:
        """Remove and return the oldest; give it back by `put_back` if it has to wait longer."""
        return self._writes.pop(0)

    def put_back(self, write: Write) -> None:
        self._writes.insert(0, write)

    def everything(self) -> tuple[Write, ...]:
        return tuple(self._writes)

    def __contains__(self, write: Write) -> bool:
        return write in self._writes

    def clear(self) -> None:
        self._writes.clear()
        self.firm = False
        self.tries = 0

    def concluded(self) -> frozenset[DeliveryId]:
        """Deliveries whose attempt has ended although the database does not know it yet."""
        return frozenset(DeliveryId(w.subject) for w in self._writes if w.kind is Kind.ATTEMPT)

    def calls(self) -> frozenset[CallId]:
        return frozenset(w.call_id for w in self._writes if w.call_id)

    def next_delay_s(self) -> float:
        """Seconds until the next try; grows with each."""
        self.tries += 1
        return RETRY_AFTER_S[min(self.tries, len(RETRY_AFTER_S)) - 1]

    def _drop_correction(self, delivery_id: DeliveryId | None) -> None:
        corrections = (Kind.CORRECTION, Kind.DRAFT)
        self._writes = [w for w in self._writes if w.kind not in corrections or w.delivery_id != delivery_id]

    def _drop(self, kind: Kind, subject: str) -> None:
        """What these were made on is needed again when they are made again: nothing before them is left out,
        if they are relied on."""
        made_on_others = (Kind.CORRECTION, Kind.WRAP_UP, Kind.EARLY_LOG)
        corrections = [i for i, w in enumerate(self._writes) if self.firm and w.kind in made_on_others]
        first = corrections[-1] + 1 if corrections else 0
        kept = [w for w in self._writes[first:] if (w.kind, w.subject) != (kind, subject)]
        self._writes = self._writes[:first] + kept
