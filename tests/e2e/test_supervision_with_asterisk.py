"""Listen, whisper, barge, keys and take over by Asterisk's feature codes, through `softphone ctl` of real
desks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softphone.domain.supervision import Role, SupervisionMode
from softphone.domain.team import TeamMember, WatchedQueue
from softphone.domain.team_settings import TeamSettings
from tests import tones
from tests.e2e.team_desks import Place, TeamDesk
from tests.peers.asterisk import Asterisk
from tests.peers.rtp_tone import RATE_HZ
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for
from tests.phone.supervised import AGENT_HZ, CUSTOMER_HZ, LEAD_HZ, Ears

pytestmark = pytest.mark.peer("asterisk")

AGENT, LEAD = "7001", "7900"
LISTEN, WHISPER, BARGE, TAKE_OVER = SupervisionMode


class Floor:
    """An agent's and a lead's desk at one telephone system, and a customer who hums."""

    def __init__(
        self, asterisk: Asterisk, folder: Path, way: str, stack: contextlib.ExitStack, caller: str = "7002"
    ) -> None:
        """`caller` is the customer's own account: what he hears is what arrives at his telephone. Asterisk's
        recorders fall silent after its Bridge(), the one that hears the customer himself too."""
        self.asterisk = asterisk
        self._folder = folder
        self._stack = stack
        leads = TeamSettings(leads=(LEAD,))
        self.agent = self.desk(AGENT, AGENT_HZ, leads)
        members, queues = (TeamMember(AGENT, "Anna"),), (WatchedQueue("Support", "support"),)
        leading = TeamSettings(Role.LEAD, way=way, members=members, queues=queues)
        self.lead = self.desk(LEAD, LEAD_HZ, leading)
        password = asterisk.accounts[caller].password
        phone = SipPhone((asterisk.host, asterisk.sip_port), caller, password)
        stack.callback(phone.close)
        self.customer = phone.call(AGENT, hum_hz=CUSTOMER_HZ)
        self.agent.answer_next()
        self.customer.wait_established()

    def desk(self, user: str, hum_hz: float, team: TeamSettings) -> TeamDesk:
        place = Place(self.asterisk.host, self.asterisk.sip_port)
        password = self.asterisk.accounts[user].password
        made = TeamDesk(self._folder / user, place, user, password, hum_hz, team)
        return self._stack.enter_context(made)

    def team(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the lead sees of the agent and of the queue."""
        answer: dict[str, Any] = self.lead.ok("team")
        return answer["agents"][0], answer["queues"][0]

    @property
    def ears(self) -> Ears:
        media = self.customer.media

        def ever(frequency_hz: float, last_s: float) -> float:
            return tones.loudest_dbfs(media.heard(last_s), frequency_hz, RATE_HZ)

        return Ears(media.heard_dbfs, self.agent.heard_dbfs, self.lead.heard_dbfs, ever)


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


def test_codes_of_their_own_for_each_mode_and_taking_over(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = Floor(asterisk, tmp_path, "asterisk", stack)
    ears, began = floor.ears, time.monotonic()
    for mode in (LISTEN, WHISPER, LISTEN):
        assert floor.lead.supervise(AGENT, mode.value)["mode"] == mode.value
        ears.expect(mode)
    ears.expect_customer_never_heard_lead(began)
    floor.lead.supervise(AGENT, "barge")
    ears.expect(BARGE)
    assert floor.lead.supervise(AGENT, "take-over")["heard_by"] == ["customer"]
    ears.expect(TAKE_OVER)
    wait_for(lambda: not floor.agent.calls, "the agent to be released", timeout_s=20)
    assert not floor.customer.ended
    floor.lead.ok("supervise", "stop")
    floor.customer.wait_ended()


def test_keys_switch_the_mode_inside_one_call(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = Floor(asterisk, tmp_path, "asterisk-keys", stack)
    wait_for(lambda: floor.team()[0]["state"] == "on_call", "the agent's line is busy", timeout_s=20)
    wait_for(lambda: floor.team()[1]["waiting"] == 0, "the queue is known to be empty", timeout_s=20)
    waiting = asterisk.customer_calls("5000", number="+49301111111")
    wait_for(lambda: floor.team()[1]["waiting"] == 1, "somebody waits in the queue", timeout_s=20)
    assert floor.team()[1]["at_least"]
    waiting.hang_up()
    ears, began = floor.ears, time.monotonic()
    first = floor.lead.supervise(AGENT)
    ears.expect(LISTEN)
    for mode in (WHISPER, LISTEN, WHISPER):
        assert floor.lead.supervise(AGENT, mode.value)["call"] == first["call"]
        ears.expect(mode)
    ears.expect_customer_never_heard_lead(began)
    floor.lead.supervise(AGENT, "barge")
    ears.expect(BARGE)
    floor.lead.supervise(AGENT, "whisper")
    ears.expect(WHISPER)
    floor.customer.hang_up()
    asterisk.wait_no_channels(LEAD)
    wait_for(
        lambda: floor.lead.refused("supervise", "7009", "--mode", "take-over")[0] == "refused",
        "nobody left to take over",
    )


def test_an_agent_who_dials_the_codes_gets_nowhere_by_desk_or_by_server(
    asterisk: Asterisk, tmp_path: Path, stack: contextlib.ExitStack
) -> None:
    floor = Floor(asterisk, tmp_path, "asterisk", stack)
    password = asterisk.accounts["7004"].password
    place = Place(asterisk.host, asterisk.sip_port)
    knows = TeamSettings(way="asterisk", leads=(LEAD,))
    agent = stack.enter_context(TeamDesk(tmp_path / "7004", place, "7004", password, 1000, knows))
    assert agent.refused("supervise", AGENT) == (
        "refused",
        "policy does not name this desk's user as a team lead",
    )
    for code in ("*557001", "*567001", "*577001"):
        assert agent.refused("call", code)[0] == "refused"
    # whoever claims to be a lead in their own settings meets the server
    claims = TeamSettings(Role.LEAD, way="asterisk", leads=(LEAD,))
    agent.end()
    agent = stack.enter_context(TeamDesk(tmp_path / "again", place, "7004", password, 1000, claims))
    for mode in ("listen", "whisper", "barge"):
        assert agent.refused("supervise", AGENT, "--mode", mode) == ("refused", "404")
    assert floor.ears.customer(1000) < tones.UNHEARD_DBFS
