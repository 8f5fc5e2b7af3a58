"""The outbox in the database: what waits, in which order, and how attempts ended."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryState, promise_of
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.turns import OWN_FAULTS, STEPS_ASIDE_AFTER, Place, turn
from softphone.store.codec import content_of, from_us, read_content, read_log, to_cell, to_us
from softphone.store.database import Database, Row

_OWN_FAULT_WORDS = ", ".join(f"'{trouble.value}'" for trouble in sorted(OWN_FAULTS))

_COLUMNS = (
    "id, kind, crm, log, created_at, attempts, next_attempt_at, state, trouble, detail, content, remote_id,"
    " revision"
)

OUTCOMES = ", ".join(f"'{kind.value}'" for kind in DeliveryKind if kind.brings_outcome)
"""The kinds that carry a call's outcome, as SQL; a call has one such entry at most."""

_EXTRA = ("decided_at", "own_faults")

_ONE = f"SELECT {_COLUMNS} FROM outbox WHERE id = ?"  # noqa: S608 - constant parts only

_LINE = f"""
    SELECT {_COLUMNS}, {", ".join(_EXTRA)} FROM outbox
    WHERE state = 'waiting' AND crm = ?1 AND seq <= coalesce((
        SELECT seq FROM outbox WHERE state = 'waiting' AND crm = ?1
            AND (own_faults < {STEPS_ASIDE_AFTER} OR trouble NOT IN ({_OWN_FAULT_WORDS})) ORDER BY seq LIMIT 1
    ), 9223372036854775807)
    ORDER BY seq
"""  # noqa: S608 - constant parts only
"""What may be tried for one CRM: everything up to the first that holds the line."""


@dataclass(frozen=True, slots=True)
class Due:
    """What to try now, and when to look again."""

    deliveries: tuple[Delivery, ...]
    next_due_at: datetime | None


def put(database: Database, delivery: Delivery) -> None:
    """Append `delivery`; an id that is there already is a bug and raises: nothing is left out silently."""
    database.write(
        """
        INSERT INTO outbox (id, call_id, kind, crm, log, created_at, state, attempts, next_attempt_at,
            trouble, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            delivery.id,
            delivery.log.call_id,
            delivery.kind.value,
            delivery.crm,
            to_cell(delivery.log),
            to_us(delivery.created_at),
            delivery.state.value,
            delivery.attempts,
            _to_us_or_none(delivery.next_attempt_at),
            delivery.last_trouble.value,
            delivery.last_detail,
        ),
    )
    content = content_of(delivery)
    if content is not None:
        database.write("UPDATE outbox SET content = ? WHERE id = ?", (content, delivery.id))


def of_call(database: Database, call_id: CallId) -> DeliveryId | None:
    """The delivery of that call's outcome, if it has one."""
    row = database.row(f"SELECT id FROM outbox WHERE call_id = ? AND kind IN ({OUTCOMES})", (call_id,))  # noqa: S608 - constant parts only
    return DeliveryId(row[0]) if row else None


def has_task(database: Database, task: Delivery) -> bool:
    """That very task of its call is there already, under whatever id, and nobody has closed it."""
    if task.follow_up is None:
        return False
    found = database.rows(
        "SELECT content FROM outbox WHERE call_id = ? AND kind = ? AND state <> 'written_off'",
        (task.log.call_id, task.kind.value),
    )
    there = (read_content(cell).follow_up for (cell,) in found)
    return any(one is not None and promise_of(one) == promise_of(task.follow_up) for one in there)


def get(database: Database, delivery_id: DeliveryId) -> Delivery | None:
    row = database.row(_ONE, (delivery_id,))
    return _delivery(row) if row else None


def due(database: Database, now: datetime, limit: int, besides: frozenset[DeliveryId]) -> Due:
    """Per CRM the one whose turn it is (`domain.turns`), at most `limit` in all; never one of `besides`."""
    crms = database.rows("SELECT DISTINCT crm FROM outbox WHERE state = 'waiting'")
    ready: list[tuple[datetime, Delivery]] = []
    times: list[datetime] = []
    for (crm,) in crms:
        line = [row for row in database.rows(_LINE, (crm,)) if row[0] not in besides]
        found = turn([_place(row) for row in line], now)
        if found.who is not None:
            delivery = _delivery(line[found.who][: -len(_EXTRA)])
            ready.append((delivery.created_at, delivery))
        elif found.look_again_at:
            times.append(found.look_again_at)
    ready.sort(key=lambda pair: pair[0])
    times.extend(delivery.next_attempt_at or now for _, delivery in ready[limit:])
    return Due(tuple(delivery for _, delivery in ready[:limit]), min(times, default=None))


def begin(database: Database, delivery_id: DeliveryId) -> None:
    """Mark that an attempt is about to be made."""
    database.write("UPDATE outbox SET begun = 1 WHERE id = ? AND state = 'waiting'", (delivery_id,))


def count_interrupted(database: Database) -> int:
    """Count attempts whose end is not known, because the last desk died, as attempts; tell how many.

    They may have arrived: with `attempts` above zero the CRM is asked before anything is sent again.
    """
    return database.write("UPDATE outbox SET attempts = attempts + 1, begun = 0 WHERE begun = 1")


def conclude(
    database: Database, tried: Delivery, decided_at: datetime | None, remote_id: str
) -> Delivery | None:
    """Keep how an attempt ended (`tried` as it shall stand); None if that changes nothing any more: it is
    settled, or has been corrected since."""
    changed = database.write(
        """
        UPDATE outbox SET state = ?1, attempts = ?2, next_attempt_at = ?3, decided_at = ?4, begun = 0,
            trouble = ?5, detail = ?6, remote_id = CASE WHEN ?7 = '' THEN remote_id ELSE ?7 END,
            own_faults = own_faults + ?9
        WHERE id = ?8 AND state <> 'delivered' AND (state <> 'written_off' OR ?1 = 'delivered')
            AND kind = ?10 AND revision = ?11
        """,
        (
            tried.state.value,
            tried.attempts,
            _to_us_or_none(tried.next_attempt_at),
            _to_us_or_none(decided_at),
            tried.last_trouble.value,
            tried.last_detail,
            remote_id,
            tried.id,
            int(tried.last_trouble in OWN_FAULTS),
            tried.kind.value,
            tried.revision,
        ),
    )
    return tried if changed else None


def make_due(database: Database, delivery_id: DeliveryId, now: datetime) -> CallId | None:
    """Let a refused or waiting delivery be tried now; return its call, None if it is done or unknown."""
    row = database.row(
        """
        UPDATE outbox SET state = 'waiting', next_attempt_at = ?1, decided_at = ?1, own_faults = 0
        WHERE id = ?2 AND state IN ('waiting', 'refused') RETURNING call_id
        """,
        (to_us(now), delivery_id),
    )
    return CallId(row[0]) if row else None


def wake(database: Database, crm: str, now: datetime) -> None:
    """Let be tried now what waits because `crm` did not take the credentials."""
    database.write(
        """
        UPDATE outbox SET next_attempt_at = ?1, decided_at = ?1
        WHERE crm = ?2 AND state = 'waiting' AND trouble = ?3
        """,
        (to_us(now), crm, CrmTrouble.CREDENTIALS.value),
    )


def write_off(database: Database, delivery_id: DeliveryId, reason: str) -> bool:
    """Close a delivery that was refused, or has failed before, for good; tell whether there was one."""
    changed = database.write(
        """
        UPDATE outbox SET state = 'written_off', detail = ?1, begun = 0, next_attempt_at = NULL
        WHERE id = ?2 AND (state = 'refused' OR (state = 'waiting' AND attempts > 0))
        """,
        (reason, delivery_id),
    )
    return changed > 0


def refused_changes(database: Database) -> tuple[Delivery, ...]:
    """Changes of customers that the CRM has refused, oldest first."""
    found = database.rows(
        f"SELECT {_COLUMNS} FROM outbox WHERE state = 'refused' AND kind = ? ORDER BY seq",  # noqa: S608 - as above
        (DeliveryKind.UPDATE_CUSTOMER.value,),
    )
    return tuple(map(_delivery, found))


def counts(database: Database) -> tuple[int, int]:
    """How many wait and how many were refused, without calls that have no outcome yet."""
    counted = "SELECT count(*) FROM outbox WHERE state = ? AND NOT (early AND revised IS NULL)"
    waiting, refused = DeliveryState.WAITING.value, DeliveryState.REFUSED.value
    return database.number(counted, (waiting,)), database.number(counted, (refused,))


def _delivery(row: Row) -> Delivery:
    delivery_id, kind, crm, log, created_at, attempts, next_attempt_at, state, trouble, detail, *rest = row
    cell, remote_id, revision = rest
    content = read_content(cell)
    return Delivery(
        id=DeliveryId(delivery_id),
        kind=DeliveryKind(kind),
        crm=crm,
        log=read_log(log),
        created_at=from_us(created_at),
        attempts=attempts,
        next_attempt_at=_from_us_or_none(next_attempt_at),
        state=DeliveryState(state),
        last_trouble=CrmTrouble(trouble),
        last_detail=detail,
        change=content.change,
        follow_up=content.follow_up,
        remote_id=remote_id if kind == DeliveryKind.UPDATE_CALL else content.remote_id,
        revision=revision,
    )


def _place(row: Row) -> Place:
    created_at, next_attempt_at, trouble, decided_at, own_faults = row[4], row[6], row[8], row[-2], row[-1]
    return Place(
        created_at=from_us(created_at),
        next_attempt_at=_from_us_or_none(next_attempt_at),
        decided_at=_from_us_or_none(decided_at),
        trouble=CrmTrouble(trouble),
        own_faults=own_faults,
    )


def _from_us_or_none(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _to_us_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)
