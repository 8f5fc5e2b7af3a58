"""Calls without a desk: given up when the far side has been silent for long, never before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from softphone.domain.call import CallState, CallView, Direction, Party
from softphone.domain.errors import Refused
from softphone.domain.ids import AccountId, CallId
from softphone.engine.sip.left_alone import HELD_S, LOOK_EVERY_S, SILENT_S, LeftAlone

TALKING = CallView(
    CallId("c"),
    AccountId("a"),
    Direction.INBOUND,
    CallState.ESTABLISHED,
    Party("+4930"),
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
)


@dataclass
class Lone:
    view: CallView = TALKING
    packets: int | None = 100
    hung_up: int = 0
    fails: bool = False

    @property
    def id(self) -> CallId:
        return self.view.id

    def hang_up(self, sip_code: int = 0) -> None:
        self.hung_up += 1
        if self.fails:
            raise Refused("call", "gone")


class Night:
    """Hours without an agent, in a moment."""

    def __init__(self, call: Lone) -> None:
        self.call = call
        self.seconds = 0.0
        self._watch = LeftAlone[Lone](lambda lone: lone.packets, lambda: self.seconds)

    def passes(self, seconds: float, *, alone: bool = True, talking: bool = False) -> int:
        """How often the call has been hung up at its end."""
        end = self.seconds + seconds
        while self.seconds < end:
            if talking:
                self.call.packets = (self.call.packets or 0) + 250
            self._watch.look([self.call], alone)
            self.seconds += LOOK_EVERY_S
        return self.call.hung_up


def test_a_call_from_which_nothing_comes_is_given_up() -> None:
    night = Night(Lone())
    assert night.passes(SILENT_S - LOOK_EVERY_S) == 0
    assert night.passes(4 * LOOK_EVERY_S) > 0


def test_while_they_talk_it_goes_on_however_long() -> None:
    assert Night(Lone()).passes(8 * SILENT_S, talking=True) == 0


def test_each_sign_of_life_counts_anew() -> None:
    night = Night(Lone())
    for _ in range(5):
        night.passes(0.8 * SILENT_S)
        night.passes(LOOK_EVERY_S, talking=True)
    assert night.call.hung_up == 0


def test_with_a_desk_nothing_is_ended_and_alone_time_begins_anew() -> None:
    night = Night(Lone())
    assert night.passes(3 * SILENT_S, alone=False) == 0
    assert night.passes(0.9 * SILENT_S) == 0
    assert night.passes(LOOK_EVERY_S, alone=False) == 0
    assert night.passes(0.9 * SILENT_S) == 0


@pytest.mark.parametrize("hold", ["local_hold", "remote_hold"])
def test_on_hold_there_is_more_patience_but_an_end(hold: str) -> None:
    night = Night(Lone(replace(TALKING, **{hold: True})))  # type: ignore[arg-type]  # flags by name
    assert night.passes(HELD_S - LOOK_EVERY_S) == 0
    assert night.passes(4 * LOOK_EVERY_S) > 0


def test_a_call_that_has_lost_its_stream_is_silent() -> None:
    assert Night(Lone(packets=None)).passes(2 * SILENT_S) > 0


def test_one_that_still_rings_is_left_to_its_caller() -> None:
    ringing = replace(TALKING, state=CallState.INCOMING)
    assert Night(Lone(ringing)).passes(2 * SILENT_S) == 0


def test_one_that_cannot_be_hung_up_disturbs_nobody() -> None:
    assert Night(Lone(fails=True)).passes(2 * SILENT_S) > 0
