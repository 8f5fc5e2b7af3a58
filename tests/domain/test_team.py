"""The team view's rows: sources brought together, honest about what is not known."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from softphone.domain.agent_state import AgentState
from softphone.domain.supervision import HelpRequest
from softphone.domain.team import (
    Activity,
    AgentPresence,
    Alarm,
    AlarmLimits,
    CurrentCall,
    LineFacts,
    NumberShown,
    Team,
    TeamMember,
    TeamOrder,
    TeamRow,
    TeamView,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIMITS = AlarmLimits(600, 180)
ANNA, BEN = TeamMember("7001", "Anna"), TeamMember("7002", "Ben")
ON_CALL = AgentPresence(
    AgentState.ON_CALL, "", NOW, CurrentCall(Activity.TALKING, NOW, "+442079460018", "Meridian", True)
)


def team(shown: NumberShown = NumberShown.MASKED) -> Team:
    return Team((ANNA, BEN), shown)


def row(made: Team, extension: str = "7001") -> TeamRow:
    found = made.row(extension)
    assert found is not None
    return found


def test_without_a_source_nothing_is_claimed() -> None:
    assert row(team()) == TeamRow(ANNA)


def test_an_idle_line_says_nothing_about_the_agent_s_state() -> None:
    made = team()
    assert made.note_line("7001", LineFacts(Activity.IDLE, NOW))
    assert (row(made).state, row(made).line_known, row(made).on_call) == (None, True, False)


def test_a_busy_line_alone_is_a_call_with_a_masked_number() -> None:
    made = team()
    made.note_line("7001", LineFacts(Activity.TALKING, NOW, "+442079460018", True))
    found = row(made)
    assert found.state is AgentState.ON_CALL
    assert found.call == CurrentCall(Activity.TALKING, NOW, "…018", "", True)


def test_the_agent_s_own_word_beats_the_line() -> None:
    made = team()
    made.note_line("7001", LineFacts(Activity.TALKING, NOW, "1"))
    made.note_presence("7001", AgentPresence(AgentState.NOT_READY, "lunch", NOW))
    assert (row(made).state, row(made).reason) == (AgentState.NOT_READY, "lunch")


def test_hidden_numbers_are_not_even_kept_in_the_row() -> None:
    made = team(NumberShown.HIDDEN)
    made.note_presence("7001", ON_CALL)
    call = row(made).call
    assert call is not None
    assert (call.number, call.campaign) == ("", "Meridian")


def test_lost_sources_make_the_state_unknown_again() -> None:
    made = team()
    made.note_presence("7001", ON_CALL)
    made.forget_sources()
    assert row(made) == TeamRow(ANNA)


def test_the_same_fact_again_is_no_change() -> None:
    made = team()
    assert made.note_presence("7001", ON_CALL)
    assert not made.note_presence("7001", ON_CALL)


def test_user_at_host_is_the_same_member() -> None:
    made = team()
    assert made.note_presence("7001@pbx.test", ON_CALL)
    assert row(made, "7001@other.test").state is AgentState.ON_CALL
    assert not made.note_presence("9999", ON_CALL)


def test_alarms_come_for_help_long_calls_and_long_wrap_ups() -> None:
    made = team()
    made.note_presence("7001", ON_CALL)
    made.note_presence("7002", AgentPresence(AgentState.AFTER_CALL_WORK, "", NOW))
    later = NOW + timedelta(seconds=601)
    assert row(made).alarms(NOW, LIMITS) == frozenset()
    assert row(made).alarms(later, LIMITS) == {Alarm.LONG_CALL}
    assert row(made, "7002").alarms(later, LIMITS) == {Alarm.LONG_WRAP_UP}
    assert row(made, "7002").alarms(later, AlarmLimits(0, 0)) == frozenset()
    made.note_help(HelpRequest("7001", "Anna", "angry", NOW))
    assert Alarm.HELP in row(made).alarms(NOW, LIMITS)
    made.forget_help("7001")
    assert Alarm.HELP not in row(made).alarms(NOW, LIMITS)


def test_a_published_call_for_help_is_seen_without_a_message() -> None:
    made = team()
    made.note_presence("7001", AgentPresence(AgentState.ON_CALL, since=NOW, help="angry"))
    assert row(made).help == HelpRequest("7001", "Anna", "angry", NOW)


def test_help_comes_first_then_alarms_then_calls() -> None:
    made = Team((TeamMember("1", "Zoe"), TeamMember("2", "Yan"), ANNA, BEN), NumberShown.MASKED)
    made.note_presence("7001", AgentPresence(AgentState.READY, since=NOW))
    made.note_presence("7002", ON_CALL)
    made.note_presence("2", AgentPresence(AgentState.AFTER_CALL_WORK, since=NOW - timedelta(hours=1)))
    made.note_help(HelpRequest("1", "Zoe", "angry", NOW))
    order = [r.member.name for r in TeamView().arrange(made.rows, NOW, LIMITS)]
    assert order == ["Zoe", "Yan", "Ben", "Anna"]
    by_name = TeamView(order=TeamOrder.NAME).arrange(made.rows, NOW, LIMITS)
    assert [r.member.name for r in by_name] == ["Anna", "Ben", "Yan", "Zoe"]


def test_a_filter_keeps_what_is_wanted() -> None:
    made = team()
    made.note_presence("7002", ON_CALL)
    wanted = TeamView(search="merid").arrange(made.rows, NOW, LIMITS)
    assert [r.member for r in wanted] == [BEN]
    unknown = TeamView(states=frozenset({None})).arrange(made.rows, NOW, LIMITS)
    assert [r.member for r in unknown] == [ANNA]
    assert TeamView(alarms_only=True).arrange(made.rows, NOW, LIMITS) == ()


def test_two_hundred_agents_cost_next_to_nothing_per_change() -> None:
    """A frame has 16 ms; a change of one agent and a whole new arrangement must be far below."""
    members = [TeamMember(str(number), f"Agent {number}") for number in range(200)]
    made, took = Team(members, NumberShown.MASKED), []
    for turn in range(200):
        began = time.perf_counter()
        made.note_presence(str(turn), ON_CALL)
        TeamView().arrange(made.rows, NOW, LIMITS)
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.008
