"""Ids that never repeat, and deliveries that sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from softphone.system.identities import RandomIdentities


def test_ids_are_uuids_of_the_promised_versions_and_never_repeat() -> None:
    identities = RandomIdentities()
    now = datetime(2026, 3, 2, tzinfo=UTC)
    made = [make() for make in (identities.call, identities.query, lambda: identities.delivery(now)) * 50]
    assert len(set(made)) == 150
    assert [UUID(identity).version for identity in made[:3]] == [4, 4, 7]


def test_a_later_delivery_sorts_after_an_earlier_one() -> None:
    identities = RandomIdentities()
    start = datetime(2026, 3, 2, tzinfo=UTC)
    made = [identities.delivery(start + timedelta(milliseconds=n)) for n in range(100)]
    assert made == sorted(made)


def test_jitter_stays_between_0_and_1_and_varies() -> None:
    drawn = {RandomIdentities().jitter() for _ in range(100)}
    assert all(0.0 <= value <= 1.0 for value in drawn)
    assert len(drawn) > 50
