"""When a media port counts as flooded."""

from __future__ import annotations

import pytest

from softphone.domain.ids import CallId
from softphone.engine.sip.flooding import Flooding


class Call:
    """A call of which packets are counted, and which may be moved."""

    id = CallId("c")

    def __init__(self) -> None:
        self.packets: int | None = 0
        self.moved = 0

    def refresh(self, new_address: bool) -> None:
        assert new_address
        self.moved += 1
        self.packets = 0  # the new stream begins to count


@pytest.fixture
def call() -> Call:
    return Call()


def moves(call: Call, *a_second: int | None) -> int:
    """How often the call was moved after so many packets in each second."""
    now = 0.0
    flooding = Flooding[Call](lambda _call: call.packets, lambda: now)
    flooding.look([call])
    for count in a_second:
        now += 1.0
        call.packets = None if count is None else (call.packets or 0) + count
        flooding.look([call])
    return call.moved


def test_packets_of_ten_ms_and_what_a_stall_has_held_up_are_no_flood(call: Call) -> None:
    assert moves(call, 100, 0, 0, 300, 100, 100) == 0


def test_a_flood_that_lasts_moves_the_call_once_in_ten_seconds(call: Call) -> None:
    assert moves(call, 50, 2000, 2000) == 1
    assert moves(Call(), *[2000] * 11) == 1


def test_a_stream_that_is_not_there_is_no_flood(call: Call) -> None:
    assert moves(call, None, 2000, None, 2000) == 0
