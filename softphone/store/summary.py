"""What support may know of a database: numbers and states, nothing of any customer."""

from __future__ import annotations

from softphone.store.codec import from_us
from softphone.store.database import Database

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
