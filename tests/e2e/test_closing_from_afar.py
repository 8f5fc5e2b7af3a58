"""A record that a real CRM refuses, closed by a lead at another desk, over a real telephone system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.composition import Profile
from softphone.demo.crm_faults import Asked, Fault
from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld
from softphone.domain.call import CallState
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.domain.supervision import Role
from softphone.domain.team import TeamMember
from softphone.domain.team_settings import TeamSettings
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from tests.e2e.headless import HeadlessDesk, profile_in

MERIDIAN = (("X-Queue", "meridian-claims"),)
PATIENCE_S = 30.0


def profile_of(world: DemoWorld, user: str, team: TeamSettings) -> Profile:
    made = profile_in(world)
    (account,) = made.settings.accounts
    settings = replace(made.settings, accounts=(replace(account, user=user),), team=team)
    return Profile(settings, {**made.secrets, f"account/{account.id}": world.passwords[user]})


@pytest.fixture
def agent(world: DemoWorld, tmp_path: Path) -> Iterator[HeadlessDesk]:
    with HeadlessDesk(profile_of(world, AGENT, TeamSettings(leads=(COLLEAGUE,))), tmp_path / "agent") as seat:
        company_names_leads(seat)
        seat.registered()
        yield seat


@pytest.fixture
def lead(world: DemoWorld, tmp_path: Path) -> Iterator[HeadlessDesk]:
    team = TeamSettings(Role.LEAD, members=(TeamMember(AGENT, "Anna"),))
    with HeadlessDesk(profile_of(world, COLLEAGUE, team), tmp_path / "lead") as seat:
        seat.registered()
        yield seat


def company_names_leads(seat: HeadlessDesk) -> None:
    """As a policy does; the demo's settings come from no layer."""
    fixed = {"team.leads": SetBy(SettingsLayer.POLICY)}
    seat.desk.configuring.locked = lambda: fixed  # type: ignore[method-assign]  # the one fact that is staged


def record_of(seat: HeadlessDesk) -> HistoryEntry:
    (entry,) = seat.desk.looking_back.loaded.entries
    return entry


def refused(world: DemoWorld, agent: HeadlessDesk) -> HistoryEntry:
    """A call was wrapped up, and the CRM did not take it."""
    world.crm.faults.add(Fault(Asked.LOG, status=422))
    world.ring("+442079460018", headers=MERIDIAN)
    call_id = agent.ringing().id
    desk = agent.desk
    desk.calling.answer(call_id)
    agent.until(lambda: [c.state for c in desk.calling.calls] == [CallState.ESTABLISHED], "they talk")
    desk.calling.hang_up(call_id)
    agent.until(lambda: desk.wrapping_up.open_calls, "after-call work", PATIENCE_S)
    desk.wrapping_up.choose_code(call_id, "claim_opened")
    desk.wrapping_up.type_notes(call_id, "water")
    assert desk.wrapping_up.save(call_id)
    loaded = desk.looking_back
    agent.until(
        lambda: loaded.loaded.entries and record_of(agent).status is RecordStatus.REFUSED,
        "the CRM refuses it",
        PATIENCE_S,
    )
    return record_of(agent)


def test_an_agent_asks_and_a_lead_closes_it_at_another_desk(
    world: DemoWorld, agent: HeadlessDesk, lead: HeadlessDesk
) -> None:
    entry = refused(world, agent)
    assert entry.delivery_id is not None
    agent.desk.asking_to_close.ask(entry)
    decides = lead.desk.closing_for_others
    lead.until(lambda: decides.asked, "the lead is asked", PATIENCE_S)
    (asked,) = decides.asked
    assert (asked.name, asked.asked.delivery_id) == ("Anna", entry.delivery_id)
    decides.close(entry.delivery_id, "entered by hand")
    agent.until(lambda: record_of(agent).status is RecordStatus.WRITTEN_OFF, "it is closed", PATIENCE_S)
    lead.until(lambda: not decides.asked, "the lead sees it done", PATIENCE_S)
    assert record_of(agent).last_error == "entered by hand"
    assert world.crm.records.calls == []
