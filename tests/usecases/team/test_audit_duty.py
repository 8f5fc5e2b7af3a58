"""While what happens cannot be recorded nobody listens to anybody, at either desk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.audit import AuditAction
from softphone.domain.errors import Refused
from softphone.domain.supervision import Role, SupervisionMode, SupervisionState
from softphone.domain.team_events import AuditFailed, AuditOpened
from softphone.domain.team_settings import TeamSettings
from tests.fakes.world import SETTINGS, World

LEADING, LED = TeamSettings(Role.LEAD), TeamSettings(leads=("7900",))


def desk(team: TeamSettings) -> World:
    world = World(replace(SETTINGS, team=team))
    world.start()
    return world


def may_come_in(world: World) -> bool:
    assert world.team.policy is not None
    return world.team.policy.recordable


@pytest.mark.parametrize("team", [LEADING, LED])
def test_the_log_is_opened_with_the_first_registration_and_once(team: TeamSettings) -> None:
    world = desk(team)
    assert world.audit.opened == 1
    world.phone.die()
    world.run()
    assert world.audit.opened == 1


def test_a_desk_that_neither_leads_nor_is_led_has_no_log() -> None:
    world = desk(TeamSettings())
    assert world.audit.opened == 0
    world.desk.configuring.change(replace(world.settings, team=LED))
    assert world.audit.opened == 1


def test_an_agent_s_phone_lets_nobody_in_until_the_log_can_be_written() -> None:
    world = desk(LED)
    assert may_come_in(world)
    world.bus.publish(AuditFailed("key store: locked", 0))
    assert not may_come_in(world)
    assert world.team.policy is not None
    assert world.team.policy.leads == ("7900",)
    world.bus.publish(AuditOpened())
    assert may_come_in(world)


def test_a_new_policy_does_not_let_anybody_in_either() -> None:
    world = desk(LED)
    world.bus.publish(AuditFailed("no room on the disk", 2))
    world.desk.configuring.change(replace(world.settings, team=TeamSettings(leads=("7901",))))
    assert not may_come_in(world)


def test_a_lead_s_desk_listens_to_nobody_and_leaves_where_it_listened() -> None:
    world = desk(LEADING)
    supervising = world.desk.team.supervising
    call_id = supervising.supervise("7001", SupervisionMode.WHISPER)
    world.run()
    world.bus.publish(AuditFailed("no room on the disk", 1))
    assert ("hang_up", call_id) in world.phone.commands
    assert supervising.current is not None
    assert (supervising.current.state, supervising.current.trouble) == (SupervisionState.ENDED, "unrecorded")
    with pytest.raises(Refused) as refused:
        supervising.supervise("7001", SupervisionMode.LISTEN)
    assert refused.value.thing == "unrecorded"
    assert world.audit.entries[-1].action is AuditAction.SUPERVISION_ENDED
    world.bus.publish(AuditOpened())
    supervising.supervise("7001", SupervisionMode.LISTEN)
