"""Listen, whisper, barge, keys and take over by Asterisk's feature codes, through `softphone ctl` of real
desks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.supervision import DIRECT, Role, SupervisionMode
from softphone.domain.team_settings import TeamSettings
from tests import tones
from tests.e2e.floors import AsteriskFloor
from tests.e2e.supervision_scenes import (
    from_barge_to_whisper,
    hold_and_transfer,
    matrix,
    the_agent_hangs_up,
    the_lead_is_lost,
    two_leads,
)
from tests.e2e.team_desks import TeamDesk
from tests.peers.asterisk import Asterisk
from tests.peers.waiting import wait_for

pytestmark = [pytest.mark.peer("asterisk"), pytest.mark.alone, pytest.mark.timeout(300)]

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


def test_codes_of_their_own_for_each_mode_taking_over_and_giving_back(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = AsteriskFloor(asterisk, tmp_path, "asterisk", stack)
    matrix(floor)
    hold_and_transfer(floor)


def test_keys_switch_the_mode_inside_one_call(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = AsteriskFloor(asterisk, tmp_path, "asterisk-keys", stack)
    lead = floor.lead
    assert isinstance(lead, TeamDesk)

    def waiting() -> dict[str, object]:
        queues = lead.ok("team")["queues"]
        assert isinstance(queues, list)
        return dict(queues[0])

    wait_for(lambda: floor.row()["state"] == "on_call", "the agent's line is busy", timeout_s=20)
    wait_for(lambda: waiting()["waiting"] == 0, "the queue is known to be empty", timeout_s=20)
    caller = asterisk.customer_calls("5000", number="+49301111111")
    wait_for(lambda: waiting()["waiting"] == 1, "somebody waits in the queue", timeout_s=20)
    assert waiting()["at_least"]
    caller.hang_up()
    matrix(floor)
    hold_and_transfer(floor)
    wait_for(
        lambda: lead.refused("supervise", "7009", "--mode", "take-over")[0] == "refused",
        "nobody left to take over",
    )


def test_directly_through_a_telephone_system_that_answers_changes_of_mode_by_itself(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = AsteriskFloor(asterisk, tmp_path, DIRECT, stack)
    from_barge_to_whisper(floor)
    assert floor.badges() == [(floor.lead_user, "whisper")]


def test_two_leads_a_lost_lead_and_an_agent_who_hangs_up_leave_nobody_behind(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = AsteriskFloor(asterisk, tmp_path, "asterisk-keys", stack)
    two_leads(floor)
    floor.customer = floor.customer_calls()
    the_agent_hangs_up(floor)
    floor.customer = floor.customer_calls()
    the_lead_is_lost(floor, TAKE_OVER)


def test_an_agent_who_dials_the_codes_gets_nowhere_by_desk_or_by_server(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = AsteriskFloor(asterisk, tmp_path, "asterisk", stack)
    place, password = floor.place_of("7004")
    knows = TeamSettings(way="asterisk", leads=(floor.lead_user,))
    agent = stack.enter_context(TeamDesk(tmp_path / "7004", place, "7004", password, 1000, knows))
    assert agent.refused("supervise", floor.agent_user) == (
        "refused",
        "policy does not name this desk's user as a team lead",
    )
    for code in ("*557001", "*567001", "*577001"):
        assert agent.refused("call", code)[0] == "refused"
    # whoever claims to be a lead in their own settings meets the server
    claims = TeamSettings(Role.LEAD, way="asterisk", leads=(floor.lead_user,))
    agent.end()
    agent = stack.enter_context(TeamDesk(tmp_path / "again", place, "7004", password, 1000, claims))
    for mode in ("listen", "whisper", "barge"):
        assert agent.refused("supervise", floor.agent_user, "--mode", mode) == ("refused", "404")
    assert floor.ears.customer(1000) < tones.UNHEARD_DBFS
