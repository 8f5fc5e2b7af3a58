"""A lead's and an agent's desk at the embedded telephone system, directly, through `softphone ctl`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld
from softphone.domain.agent_state import AgentState
from softphone.domain.supervision import SupervisionMode
from tests.e2e.floors import EmbeddedFloor
from tests.e2e.supervision_scenes import hold_and_transfer, matrix
from tests.e2e.team_desks import TeamDesk
from tests.peers.waiting import wait_for

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

TAKE_OVER = SupervisionMode.TAKE_OVER


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[EmbeddedFloor]:
    with contextlib.ExitStack() as stack:
        world = stack.enter_context(DemoWorld())
        yield EmbeddedFloor(world, tmp_path, stack)


def test_the_lead_sees_the_agent_work_and_every_mode_lets_those_hear_who_should(
    floor: EmbeddedFloor,
) -> None:
    wait_for(lambda: floor.row()["state"] == AgentState.ON_CALL, "Anna is on a call", timeout_s=20)
    row = floor.row()
    assert (row["name"], row["line_known"], row["call"]["number"]) == ("Anna", True, "…018")
    matrix(floor)
    assert floor.badges() == [(COLLEAGUE, "listen")]
    hold_and_transfer(floor)
    assert floor.badges() == []
    assert isinstance(floor.lead, TeamDesk)
    assert floor.lead.refused("supervise", AGENT) == ("refused", "480")


def test_a_call_for_help_is_taken_over_and_the_customer_stays_with_the_lead(floor: EmbeddedFloor) -> None:
    lead = floor.lead
    assert isinstance(lead, TeamDesk)
    asked = floor.agent.ok("help", "angry customer")["help"]
    assert isinstance(asked, dict)
    assert COLLEAGUE in asked["reached"]
    wait_for(lambda: floor.row()["help"], "the call for help in the lead's team", timeout_s=20)
    lead.begin(AGENT, TAKE_OVER)
    wait_for(lambda: not floor.row()["help"], "no help needed any more", timeout_s=20)
    floor.ears.expect(TAKE_OVER)
    floor.agent.ok("hangup")  # released for good
    wait_for(lambda: floor.row()["call"] is None, "the agent is free", timeout_s=20)
    floor.ears.expect(TAKE_OVER)
    lead.leave()
    wait_for(floor.customer.ended, "the customer's call ended", timeout_s=20)
