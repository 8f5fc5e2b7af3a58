"""The figures of the screen pop in small: far beyond these the agent would notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.pop import pops

pytestmark = pytest.mark.alone


def test_a_kept_card_is_there_long_before_a_slow_crm_has_answered(tmp_path: Path) -> None:
    figures = pops(tmp_path, calls=2, held=500)
    kept = figures["kept_card_beside_a_crm_of_500_ms"]["customer_card"]
    asked = figures["crm_takes_500_ms"]["customer_card"]
    assert asked["best"] >= 500
    assert kept["best"] < asked["best"] / 2
