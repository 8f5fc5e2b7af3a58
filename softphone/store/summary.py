"""What support may know of a database: numbers and states, nothing of any customer."""

from __future__ import annotations

from softphone.store.codec import from_us
from softphone.store.database import Database, Row

Facts = tuple[tuple[str, str], ...]

_GROUPS = (
    ("calls", "SELECT status, count(*) FROM calls GROUP BY status ORDER BY status"),
    ("outbox", "SELECT state || '/' || trouble, count(*) FROM outbox GROUP BY 1 ORDER BY 1"),
)


def summary(database: Database) -> Facts:
    """Versions, sizes, how many calls and deliveries are in which state, and how old the oldest is."""
    pages = database.number("PRAGMA page_count") * database.number("PRAGMA page_size")
    facts = [
        ("schema", str(database.number("PRAGMA user_version"))),
        ("on_disk", str(database.on_disk).lower()),
        ("bytes", str(pages)),
    ]
    for name, grouped in _GROUPS:
        facts += [(f"{name}.{group}", str(count)) for group, count in database.rows(grouped)]
    oldest = database.row("SELECT min(created_at), max(attempts) FROM outbox WHERE state = 'waiting'")
    if oldest and oldest[0] is not None:
        facts += [("waiting_since", from_us(oldest[0]).isoformat()), ("most_attempts", str(oldest[1]))]
    return tuple(facts)


def for_support(database: Database) -> tuple[Facts, ...]:
    """One line per record, oldest first: ids of ours, states and times, and how the line of the call was.

    No number, name, note, answer, customer id, nor what a CRM wrote about a refusal: it may quote them.
    """
    found = database.rows(
        """
        SELECT c.id, c.status, c.started_at, w.finished_at, w.automatic, o.id, o.kind, o.crm, o.state,
            o.attempts, o.trouble, o.created_at, o.next_attempt_at,
            r.line ->> 'mos', r.line ->> 'worst_mos', r.line ->> 'rx_loss_percent',
            r.line ->> 'tx_loss_percent', r.line ->> 'rx_jitter_ms', r.line ->> 'tx_jitter_ms',
            r.line ->> 'round_trip_ms', r.line ->> 'codec', r.line ->> 'fault'
        FROM calls c LEFT JOIN wrap_ups w ON w.call_id = c.id LEFT JOIN outbox o ON o.call_id = c.id
            JOIN (SELECT seq, CAST(record AS TEXT) -> 'line' AS line FROM calls) r ON r.seq = c.seq
        ORDER BY c.seq, o.seq
        """
    )
    return tuple(_line(row) for row in found)


_LINE = (
    ("call", False),
    ("status", False),
    ("started_at", True),
    ("finished_at", True),
    ("automatic", False),
    ("delivery", False),
    ("kind", False),
    ("crm", False),
    ("state", False),
    ("attempts", False),
    ("trouble", False),
    ("created_at", True),
    ("next_attempt_at", True),
    ("mos", False),
    ("worst_mos", False),
    ("rx_loss_percent", False),
    ("tx_loss_percent", False),
    ("rx_jitter_ms", False),
    ("tx_jitter_ms", False),
    ("round_trip_ms", False),
    ("line_codec", False),
    ("line_fault", False),
)
"""The columns above, and whether they are times."""


def _line(row: Row) -> Facts:
    pairs = zip(_LINE, row, strict=True)
    return tuple(
        (name, from_us(value).isoformat() if is_time else str(value))
        for (name, is_time), value in pairs
        if value is not None
    )
