"""A power cut at any moment breaks no promise; `python -m tests.store.power_cuts` plays as many as wanted."""

from __future__ import annotations

from tests.store.power_cuts import SMALL_LOG, cut_often


def test_a_power_cut_at_any_moment_breaks_no_promise() -> None:
    assert cut_often(seed=100, count=250) == []


def test_these_power_cuts_notice_a_database_that_does_not_sync_each_commit() -> None:
    assert cut_often(seed=100, count=60, settings=(SMALL_LOG, "PRAGMA synchronous = NORMAL")) != []
