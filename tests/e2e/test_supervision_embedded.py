"""A lead's and an agent's desk at the embedded telephone system, directly, through `softphone ctl`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.demo.pbx.news import NewsKind
from softphone.demo.pbx.sound import RATE_HZ, Tone
from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld, RemoteCall
from softphone.domain.agent_state import AgentState
from softphone.domain.settings import AgentSettings, Settings
from softphone.domain.supervision import Role, SupervisionMode
from softphone.domain.team import TeamMember
from softphone.domain.team_settings import TeamSettings
from tests import tones
from tests.e2e.team_desks import Place, TeamDesk
from tests.peers.waiting import wait_for
from tests.phone.supervised import AGENT_HZ, CUSTOMER_HZ, LEAD_HZ, Ears

LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode
LEAD = COLLEAGUE


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


class Floor:
    """Two desks in the embedded world and a customer who hums."""

    def __init__(self, world: DemoWorld, folder: Path, stack: contextlib.ExitStack) -> None:
        place = Place(world.addresses.sip_host, world.addresses.sip_port)
        ready = Settings(agent=AgentSettings(ready_after_sign_in=True))
        team = TeamSettings(leads=(LEAD,))
        password = world.passwords[AGENT]
        self.agent = stack.enter_context(
            TeamDesk(folder / AGENT, place, AGENT, password, AGENT_HZ, team, ready)
        )
        leading = TeamSettings(Role.LEAD, members=(TeamMember(AGENT, "Anna"),))
        password = world.passwords[LEAD]
        self.lead = stack.enter_context(TeamDesk(folder / LEAD, place, LEAD, password, LEAD_HZ, leading))
        self._world = world

    def customer_calls(self) -> RemoteCall:
        customer = self._world.ring(source=Tone(CUSTOMER_HZ))
        self.agent.answer_next()
        return customer

    def ears(self, customer: RemoteCall) -> Ears:
        def heard(frequency_hz: float, last_s: float) -> tones.Samples:
            return customer.recording()[-round(last_s * RATE_HZ) :].astype(float) / 32_768

        def lately(frequency_hz: float) -> float:
            return tones.level_dbfs(heard(frequency_hz, 0.5), frequency_hz, RATE_HZ)

        def ever(frequency_hz: float, last_s: float) -> float:
            return tones.loudest_dbfs(heard(frequency_hz, last_s), frequency_hz, RATE_HZ)

        return Ears(lately, self.agent.heard_dbfs, self.lead.heard_dbfs, ever)

    def row(self) -> dict[str, object]:
        agents = self.lead.ok("team")["agents"]
        assert isinstance(agents, list)
        found = agents[0]
        assert isinstance(found, dict)
        return found


def test_the_lead_sees_the_agent_work_listens_whispers_barges_takes_over_and_gives_back(
    tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    world = stack.enter_context(DemoWorld())
    floor = Floor(world, tmp_path, stack)
    wait_for(lambda: floor.row()["state"] == AgentState.READY, "Anna is ready", timeout_s=20)
    assert (floor.row()["name"], floor.row()["call"], floor.row()["line_known"]) == ("Anna", None, True)

    customer = floor.customer_calls()
    wait_for(lambda: floor.row()["state"] == AgentState.ON_CALL, "Anna is on a call", timeout_s=20)
    call = floor.row()["call"]
    assert isinstance(call, dict)
    assert (call["number"], call["inbound"]) == ("…018", True)

    ears, began = floor.ears(customer), time.monotonic()
    session = floor.lead.supervise(AGENT)["call"]
    ears.expect(LISTEN)
    for mode in (WHISPER, LISTEN, WHISPER):
        assert floor.lead.supervise(AGENT, mode.value)["call"] == session
        ears.expect(mode)
    ears.expect_customer_never_heard_lead(began)
    for mode in (BARGE, TAKE_OVER, WHISPER):
        floor.lead.supervise(AGENT, mode.value.replace("_", "-"))
        ears.expect(mode)
    floor.lead.ok("supervise", "stop")

    asked = floor.agent.ok("help", "angry customer")["help"]
    assert isinstance(asked, dict)
    assert asked["reached"] == [LEAD]
    wait_for(lambda: floor.row()["help"], "the call for help in the lead's team", timeout_s=20)
    floor.lead.supervise(AGENT, "take-over")
    wait_for(lambda: not floor.row()["help"], "no help needed any more", timeout_s=20)
    ears.expect(TAKE_OVER)
    floor.agent.ok("hangup")  # released for good: the customer stays with the lead
    wait_for(lambda: floor.row()["call"] is None, "the agent is free", timeout_s=20)
    ears.expect(TAKE_OVER)
    floor.lead.ok("supervise", "stop")
    customer.wait_for(NewsKind.ENDED)
    assert floor.lead.refused("supervise", AGENT) == ("refused", "480")
