"""Five hundred times the headset is pulled out and plugged in again during one call."""

from __future__ import annotations

import pytest

from tests.engine.audio.unplugging import CYCLES, Call


@pytest.mark.parametrize(("by_name", "cycles"), [(False, CYCLES), (True, 50)])
def test_audio_is_on_the_right_device_within_half_a_second_of_each_of_500_unplugs_and_replugs(
    by_name: bool, cycles: int
) -> None:
    outcome = Call(by_name).suffer(cycles)
    assert len(outcome.on_fallback) == len(outcome.back) == cycles
    assert max(outcome.on_fallback) <= 0.5
    assert max(outcome.back) <= 0.5
    assert outcome.streams_left == 2
