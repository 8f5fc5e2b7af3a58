"""The figures of the store in small: far beyond these the agent would notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bench.store import acknowledging, big_database

pytestmark = pytest.mark.alone


def test_saving_is_acknowledged_before_anybody_notices(tmp_path: Path) -> None:
    figures: dict[str, Any] = acknowledging(tmp_path, rounds=60)
    slack = max(1.0, figures["sqlite"]["p50"] / 0.3)  # a busy machine slows SQLite's own commits, too
    assert figures["wrap_up"]["p50"] < 10 * slack
    assert figures["draft"]["p50"] < 10 * slack


def test_opening_and_listing_do_not_grow_with_the_number_of_calls(tmp_path: Path) -> None:
    figures: dict[str, Any] = big_database(tmp_path, 3_000)
    assert figures["open_ms"] < 500
    assert figures["list_ms"]["p50"] < 100
    assert figures["search_absent_ms"]["p50"] < 100
