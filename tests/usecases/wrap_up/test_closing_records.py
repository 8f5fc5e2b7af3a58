"""Closing what the CRM does not take: only with the company's leave, a reason, and a trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.audit import AuditAction
from softphone.domain.customer import CrmTrouble
from softphone.domain.errors import BadInput, Refused
from softphone.domain.keeping_events import HistoryLoaded
from softphone.domain.record_settings import CloseStuck, RecordSettings
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.domain.supervision import Role
from softphone.domain.team_settings import TeamSettings
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from tests.fakes.world import SETTINGS, World
from tests.usecases.wrap_up.changing import deliver, saved

BY_POLICY = SetBy(SettingsLayer.POLICY, "policy.toml")
LEAD = replace(SETTINGS, team=TeamSettings(role=Role.LEAD))
AGENT_MAY = replace(SETTINGS, records=RecordSettings(close_stuck=CloseStuck.AGENT))
NOBODY = replace(LEAD, records=RecordSettings(close_stuck=CloseStuck.NOBODY))


def desk(settings: Settings, fixed: tuple[str, ...] = ()) -> World:
    world = World(settings=settings)
    world.file.locks = dict.fromkeys(fixed, BY_POLICY)
    world.start()
    return world


def stuck(world: World, trouble: CrmTrouble = CrmTrouble.REFUSED) -> HistoryEntry:
    """A saved record whose first attempt failed."""
    world.crm.fail_deliveries(trouble)
    saved(world)
    deliver(world)
    return entry(world)


def entry(world: World) -> HistoryEntry:
    world.desk.looking_back.reload()
    world.run()
    return world.last(HistoryLoaded).entries[0]


@pytest.mark.parametrize("trouble", [CrmTrouble.REFUSED, CrmTrouble.SERVER_ERROR])
def test_a_lead_by_policy_closes_a_stuck_record_and_it_is_noted(trouble: CrmTrouble) -> None:
    world = desk(LEAD, ("team.role",))
    found = stuck(world, trouble)
    assert world.desk.closing_records.can_close(found)
    world.desk.closing_records.close(found, " entered\nby hand ")
    world.run()
    after = entry(world)
    assert (after.status, after.last_error) == (RecordStatus.WRITTEN_OFF, "entered by hand")
    (noted,) = [e for e in world.audit.entries if e.action is AuditAction.RECORD_CLOSED]
    assert noted.detail == f"{trouble.value}: entered by hand"
    assert noted.call_id == "in-1"
    world.clock.advance(3600)
    world.run()
    assert len(world.crm.attempted) == 1  # it is not sent any more


@pytest.mark.parametrize(
    ("settings", "fixed", "allowed"),
    [
        (LEAD, ("team.role",), True),
        (LEAD, (), False),  # an agent who calls themselves lead
        (SETTINGS, ("team.role",), False),
        (AGENT_MAY, ("records.close_stuck",), True),
        (AGENT_MAY, (), False),
        (NOBODY, ("team.role", "records.close_stuck"), False),
    ],
)
def test_only_the_company_gives_the_right(settings: Settings, fixed: tuple[str, ...], allowed: bool) -> None:
    world = desk(settings, fixed)
    assert world.desk.closing_records.allowed is allowed
    if not allowed:
        with pytest.raises(Refused):
            world.desk.closing_records.close(stuck(world), "a good reason")
        assert world.audit.entries == []
        assert entry(world).status is RecordStatus.REFUSED


@pytest.mark.parametrize("reason", ["", "  \n", "x"])
def test_a_reason_is_required(reason: str) -> None:
    world = desk(LEAD, ("team.role",))
    found = stuck(world)
    with pytest.raises(BadInput):
        world.desk.closing_records.close(found, reason)


def test_a_delivered_record_is_not_closed() -> None:
    world = desk(LEAD, ("team.role",))
    found = stuck(world, CrmTrouble.NONE)
    assert found.status is RecordStatus.DELIVERED
    with pytest.raises(Refused):
        world.desk.closing_records.close(found, "a good reason")
