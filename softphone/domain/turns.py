"""Whose turn it is among the records that wait for one CRM: in order, unless one of them is itself at fault.

A record that the CRM cannot stomach must not block those behind it for ever; a CRM that is ill must get
everything in order once it is well. One failed attempt looks the same in both cases. So a record that has
failed often by its own fault steps aside, but whoever wants to pass it waits until it was asked once more:
only if it fails again by its own fault, the next one is tried. Trouble that concerns the whole CRM holds the
line whoever meets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from softphone.domain.customer import CrmTrouble
from softphone.domain.facts import dataclass

OWN_FAULTS = frozenset({CrmTrouble.SERVER_ERROR, CrmTrouble.BAD_ANSWER, CrmTrouble.TOO_LARGE})
"""Troubles that may come from one record. All others concern the whole CRM."""

STEPS_ASIDE_AFTER = 6
"""Attempts failed by its own fault after which a record lets those behind it pass (about 20 minutes)."""

IN_THE_WAKE = timedelta(seconds=60)
"""So long after a failed attempt those behind it may still be tried as a part of the same round."""


@dataclass(frozen=True, slots=True)
class Place:
    """How one waiting record stands. `decided_at` is when its last attempt ended, or somebody asked for it to
    be sent again; None before the first."""

    created_at: datetime
    next_attempt_at: datetime | None = None
    decided_at: datetime | None = None
    trouble: CrmTrouble = CrmTrouble.NONE
    own_faults: int = 0

    @property
    def holds_the_line(self) -> bool:
        """Nobody behind it is tried before it has arrived."""
        return self.own_faults < STEPS_ASIDE_AFTER or self.trouble not in OWN_FAULTS

    @property
    def since(self) -> datetime:
        """When it began to want its next attempt."""
        return self.next_attempt_at or self.created_at

    @property
    def waits_for_others(self) -> bool:
        """Behind others its own time does not count: it is tried in their wake."""
        by_hand = self.next_attempt_at == self.decided_at
        return self.trouble in OWN_FAULTS and not by_hand


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is to be tried now, as an index into the line, or None; and when to look again."""

    who: int | None
    look_again_at: datetime | None


def turn(line: Sequence[Place], now: datetime) -> Turn:
    """Whose turn it is in `line`: the oldest first, only its last one may hold the line."""
    wanted = next((i for i in range(len(line)) if _is_wanted(line, i, now)), None)
    if wanted is None:
        times = (place.since for i, place in enumerate(line) if i == 0 or not place.waits_for_others)
        return Turn(None, min(times, default=None))
    passed = line[:wanted] if not line[wanted].waits_for_others else ()
    unasked = (i for i, place in enumerate(passed) if _unasked(place, line[wanted].since, now))
    return Turn(next(unasked, wanted), None)


def _is_wanted(line: Sequence[Place], index: int, now: datetime) -> bool:
    place = line[index]
    if index == 0 or not place.waits_for_others:
        return place.since <= now or place.next_attempt_at is None or _clock_was_set_back(place, now)
    before = line[index - 1].decided_at
    if before is None or place.decided_at is None or not now - IN_THE_WAKE <= before <= now:
        return False
    return place.decided_at < before or _clock_was_set_back(place, now)


def _clock_was_set_back(place: Place, now: datetime) -> bool:
    """Its next time was decided in what is now the future."""
    return place.decided_at is not None and now < place.decided_at


def _unasked(place: Place, since: datetime, now: datetime) -> bool:
    return since <= now and (place.decided_at is None or place.decided_at < since)
