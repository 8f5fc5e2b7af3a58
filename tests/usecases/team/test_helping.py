"""The help button on both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.audit import AuditAction
from softphone.domain.errors import BadInput, Refused
from softphone.domain.supervision import REASON_LIMIT, Role, SupervisionMode
from softphone.domain.team import TeamMember
from softphone.domain.team_events import MessageAnswered, OwnHelpChanged
from softphone.domain.team_settings import TeamSettings
from tests.fakes.world import SETTINGS, World


def agent(leads: tuple[str, ...] = ("7900", "7901")) -> World:
    world = World(replace(SETTINGS, team=TeamSettings(leads=leads)))
    world.start()
    return world


def lead() -> World:
    world = World(replace(SETTINGS, team=TeamSettings(Role.LEAD, members=(TeamMember("7001", "Anna"),))))
    world.start()
    return world


def test_all_leads_are_asked_and_each_answer_is_told() -> None:
    world = agent()
    world.team.obedient = False
    world.desk.team.asking_for_help.ask("angry\r\ncustomer")
    first, second = (message[0] for message in world.team.messages)
    assert [message[1:] for message in world.team.messages] == [
        ("7900", "angry customer", False),
        ("7901", "angry customer", False),
    ]
    world.post(MessageAnswered(first, 200))
    world.post(MessageAnswered(second, 480))
    world.run()
    assert world.desk.team.asking_for_help.own == OwnHelpChanged("angry customer", ("7900",), ("7901",), ())
    assert world.audit.entries[-1].action is AuditAction.HELP_ASKED


def test_the_end_of_the_call_takes_the_request_back() -> None:
    world = agent(("7900",))
    call_id = world.phone.ring()
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.desk.team.asking_for_help.ask("angry")
    world.run()
    world.phone.end(call_id)
    world.run()
    assert world.team.messages[-1][1:] == ("7900", "angry", True)
    assert world.desk.team.asking_for_help.own == OwnHelpChanged()


def test_a_lead_who_speaks_takes_the_request_back_one_who_listens_does_not() -> None:
    world = agent(("7900",))
    world.desk.team.asking_for_help.ask("angry")
    world.run()
    call_id = world.team.arrive()
    world.run()
    assert world.desk.team.asking_for_help.own.reason == "angry"
    world.team.change(call_id, SupervisionMode.WHISPER)
    world.run()
    assert world.desk.team.asking_for_help.own.reason == ""


def test_help_needs_a_reason_a_lead_and_an_account() -> None:
    world = agent()
    with pytest.raises(BadInput):
        world.desk.team.asking_for_help.ask("  \n ")
    with pytest.raises(Refused) as nobody:
        agent(()).desk.team.asking_for_help.ask("angry")
    assert nobody.value.thing == "leads"
    unregistered = World(replace(SETTINGS, team=TeamSettings(leads=("7900",))))
    with pytest.raises(Refused) as offline:
        unregistered.desk.team.asking_for_help.ask("angry")
    assert offline.value.thing == "account"


def test_a_long_reason_is_cut() -> None:
    world = agent(("7900",))
    world.desk.team.asking_for_help.ask("x" * 1_000)
    assert len(world.team.messages[0][2]) == REASON_LIMIT


def test_a_request_appears_at_the_lead_s_with_the_agent_s_name_and_goes_again() -> None:
    world = lead()
    world.team.call_for_help("7001", "angry")
    world.run()
    (request,) = world.desk.team.giving_help.requests
    assert (request.extension, request.name, request.reason) == ("7001", "Anna", "angry")
    row = world.desk.team.watching.row("7001")
    assert row is not None
    assert row.help == request
    world.team.call_for_help("7001", "angry", over=True)
    world.run()
    assert world.desk.team.giving_help.requests == ()
    row = world.desk.team.watching.row("7001")
    assert row is not None
    assert row.help is None


def test_a_lead_may_put_a_request_away() -> None:
    world = lead()
    world.team.call_for_help("7001", "angry")
    world.run()
    world.desk.team.giving_help.dismiss("7001")
    assert world.desk.team.giving_help.requests == ()
    world.desk.team.giving_help.dismiss("7001")


def test_a_request_at_a_desk_without_a_lead_is_not_shown() -> None:
    world = agent()
    world.team.call_for_help("7001", "angry")
    world.run()
    assert world.desk.team.giving_help.requests == ()
