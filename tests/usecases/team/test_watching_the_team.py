"""The team view at the lead's desk, and what an agent's desk tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from softphone.domain.agent_state import AgentState
from softphone.domain.events import LineStateChanged
from softphone.domain.ids import AccountId
from softphone.domain.lines import LineState
from softphone.domain.supervision import Role
from softphone.domain.team import Activity, AgentPresence, NumberShown, TeamMember, TeamRow, WatchedQueue
from softphone.domain.team_events import TeamChanged
from softphone.domain.team_settings import TeamSettings
from tests.fakes.world import SETTINGS, World

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEAM = TeamSettings(
    Role.LEAD,
    members=(TeamMember("7001", "Anna"), TeamMember("7002", "Ben")),
    queues=(WatchedQueue("Claims", "claims"),),
)


def desk(team: TeamSettings = TEAM) -> World:
    world = World(replace(SETTINGS, team=team))
    world.start()
    return world


def line(world: World, target: str, state: LineState, calls: int = 0) -> None:
    world.post(LineStateChanged(AccountId("work"), target, state, NOW, None, "+442079460018", "", calls))
    world.run()


def row(world: World, extension: str = "7001") -> TeamRow:
    found = world.desk.team.watching.row(extension)
    assert found is not None
    return found


def test_members_and_queues_are_watched_once_an_account_is_registered() -> None:
    world = desk()
    assert {args[1] for args in world.phone.sent("watch_line")} == {"7001", "7002", "claims"}
    assert world.team.watched == {"7001", "7002"}


def test_a_desk_without_a_lead_watches_nobody() -> None:
    world = desk(replace(TEAM, role=Role.AGENT))
    assert world.phone.sent("watch_line") == []
    assert world.team.watched == set()
    assert world.desk.team.watching.rows() == ()


def test_a_change_names_the_one_row_that_changed() -> None:
    world = desk()
    line(world, "7002", LineState.TALKING)
    change = world.last(TeamChanged)
    assert [r.member.extension for r in change.rows] == ["7002"]
    assert row(world, "7002").state is AgentState.ON_CALL
    before = len(world.all(TeamChanged))
    line(world, "7002", LineState.TALKING)
    assert len(world.all(TeamChanged)) == before


def test_a_line_that_may_not_be_watched_is_not_known() -> None:
    world = desk()
    line(world, "7001", LineState.TALKING)
    line(world, "7001", LineState.REFUSED)
    assert (row(world).state, row(world).line_known) == (None, False)


def test_what_an_agent_publishes_is_shown() -> None:
    world = desk()
    world.team.present("7001", AgentPresence(AgentState.NOT_READY, "lunch", NOW))
    world.run()
    assert (row(world).state, row(world).reason) == (AgentState.NOT_READY, "lunch")


def test_a_queue_is_unknown_empty_or_holds_so_many() -> None:
    world = desk()
    line(world, "claims", LineState.UNKNOWN)
    assert [q.waiting for q in world.desk.team.watching.queues] == [None]
    line(world, "claims", LineState.IDLE)
    assert [q.waiting for q in world.desk.team.watching.queues] == [0]
    line(world, "claims", LineState.RINGING, 3)
    assert (world.last(TeamChanged).queues[0].waiting, world.last(TeamChanged).queues[0].at_least) == (
        3,
        False,
    )
    line(world, "claims", LineState.TALKING, 1)
    assert (world.last(TeamChanged).queues[0].waiting, world.last(TeamChanged).queues[0].at_least) == (
        1,
        True,
    )
    line(world, "claims", LineState.UNKNOWN)
    assert world.desk.team.watching.queues[0].waiting is None


def test_another_team_in_the_settings_is_watched_at_once() -> None:
    world = desk()
    team = replace(TEAM, members=(TeamMember("7003", "Cleo"),), queues=())
    world.desk.configuring.change(replace(world.settings, team=team))
    world.run()
    assert world.team.watched == {"7003"}
    assert [r.member.name for r in world.desk.team.watching.rows()] == ["Cleo"]


# --- the agent's side --------------------------------------------------------------------------------------


def test_an_agent_tells_state_call_and_campaign_with_a_masked_number() -> None:
    world = desk(TeamSettings(leads=("7900",)))
    world.desk.being_available.choose_ready()
    world.run()
    assert world.team.published[-1].state is AgentState.READY
    call_id = world.phone.ring(headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    told = world.team.published[-1]
    assert told.call is not None
    assert (told.state, told.call.campaign, told.call.number) == (
        AgentState.ON_CALL,
        "Storm Insurance",
        "…678",
    )
    assert told.call.activity is Activity.TALKING


def test_numbers_that_policy_hides_never_leave_the_phone() -> None:
    world = desk(TeamSettings(leads=("7900",), numbers=NumberShown.HIDDEN))
    world.phone.ring()
    world.run()
    assert all(p.call is None or p.call.number == "" for p in world.team.published)


def test_a_request_for_help_is_published_too() -> None:
    world = desk(TeamSettings(leads=("7900",)))
    world.desk.team.asking_for_help.ask("angry")
    world.run()
    assert world.team.published[-1].help == "angry"


def test_without_leads_or_against_policy_nothing_is_published() -> None:
    assert desk(TeamSettings()).team.published == []
    assert desk(TeamSettings(leads=("7900",), publish_state=False)).team.published == []
