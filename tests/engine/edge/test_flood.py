"""A flood of forged calls neither rings nor keeps good calls from ringing (in full: `tests.bench.edge`)."""

from __future__ import annotations

import pytest

from tests.engine.edge.flood import run

pytestmark = pytest.mark.alone


def test_good_calls_ring_on_time_during_a_flood_and_memory_stays_flat() -> None:
    figures = run(5.0)
    assert figures["calls"] >= 10
    assert figures["forged_seen"] > 500
    assert figures["faults"] == 0
    assert figures["added_median_ms"] <= 10
    assert figures["memory_growth_mb"] < 3
