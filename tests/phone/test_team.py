"""What a team knows of its members through a real presence server and a real telephone system."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from softphone.domain.agent_state import AgentState
from softphone.domain.team import Activity, AgentPresence, CurrentCall
from softphone.domain.team_events import HelpSignalled, MessageAnswered, PresenceChanged
from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import DOMAIN
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READY = AgentPresence(AgentState.READY, "", NOW)
LUNCH = AgentPresence(AgentState.NOT_READY, 'lunch & "tea" <now>', NOW)
TALKING = AgentPresence(
    AgentState.ON_CALL, "", NOW, CurrentCall(Activity.TALKING, NOW, "…018", "Εταιρεία", True), "angry"
)


def expect_presence(lead: Handset, wanted: AgentPresence) -> PresenceChanged:
    return lead.expect(PresenceChanged, lambda e: e.presence == wanted)


@pytest.mark.peer("kamailio")
def test_what_an_agent_publishes_reaches_the_lead_through_kamailio(new_proxied_handset: NewHandset) -> None:
    agent, lead = new_proxied_handset("8001"), new_proxied_handset("8002")
    target = "8001"
    lead.telephone.team.watch_presence(lead.account_id, target)
    for state in (READY, LUNCH, TALKING, READY):
        agent.telephone.team.publish_presence(agent.account_id, state)
        assert expect_presence(lead, state).target == target
    agent.telephone.close_account(agent.account_id)
    lead.expect(
        PresenceChanged,
        lambda e: e.presence is None or e.presence.state in (None, AgentState.OFFLINE),
    )


@pytest.mark.peer("kamailio")
def test_a_state_published_before_the_lead_watches_is_seen_too(new_proxied_handset: NewHandset) -> None:
    agent = new_proxied_handset("8001")
    agent.telephone.team.publish_presence(agent.account_id, LUNCH)
    lead = new_proxied_handset("8002")
    lead.telephone.team.watch_presence(lead.account_id, "8001")
    lead.expect(PresenceChanged, lambda e: e.presence == LUNCH)


@pytest.mark.peer("kamailio")
def test_a_call_for_help_reaches_the_lead_through_kamailio(new_proxied_handset: NewHandset) -> None:
    agent, lead = new_proxied_handset("8001"), new_proxied_handset("8002")
    reason = "Kunde schreit – ελάτε"
    agent.telephone.team.ask_for_help("m1", agent.account_id, f"8002@{DOMAIN}", reason)
    asked = lead.expect(HelpSignalled)
    assert (asked.sender.user, asked.sender.asserted, asked.reason, asked.over) == (
        "8001",
        True,
        reason,
        False,
    )
    assert agent.expect(MessageAnswered) == MessageAnswered("m1", 200)
    agent.telephone.team.ask_for_help("m2", agent.account_id, f"8002@{DOMAIN}", reason, over=True)
    assert lead.expect(HelpSignalled).over
    agent.telephone.team.ask_for_help("m3", agent.account_id, f"8004@{DOMAIN}", reason)
    assert agent.expect(MessageAnswered, lambda e: e.message_id == "m3").sip_code == 404


@pytest.mark.peer("asterisk")
def test_a_call_for_help_reaches_the_lead_through_asterisk(new_handset: NewHandset) -> None:
    agent, lead = new_handset("7001"), new_handset("7900")
    agent.telephone.team.ask_for_help("m1", agent.account_id, "7900", "angry customer")
    asked = lead.expect(HelpSignalled)
    assert (asked.sender.user, asked.reason) == ("7001", "angry customer")
    assert agent.expect(MessageAnswered).sip_code in (200, 202)


@pytest.mark.peer("asterisk")
def test_a_telephone_system_without_presence_is_left_alone_and_nothing_is_claimed(
    new_handset: NewHandset, asterisk: Asterisk
) -> None:
    agent, lead = new_handset("7001"), new_handset("7900")
    lead.telephone.team.watch_presence(lead.account_id, "7001")
    agent.telephone.team.publish_presence(agent.account_id, READY)
    agent.call_and_talk("600")
    told = [e.presence for e in lead.heard(PresenceChanged) if e.presence is not None]
    assert all((p.state, p.reason, p.call) == (None, "", None) for p in told)  # Asterisk's own: open, no more
