"""Words about stuck records through a real proxy: the agent's phone knows which of them are a lead's."""

from __future__ import annotations

import pytest

from softphone.domain.ids import DeliveryId
from softphone.domain.record_events import RecordMessageArrived
from softphone.domain.record_requests import RecordMessage, RecordWord, read_record_message
from softphone.domain.supervision import SupervisionPolicy
from softphone.domain.team_events import HelpSignalled, MessageAnswered
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import SipPhone
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset

AGENT, LEAD, COLLEAGUE = "8001", "8002", "8003"
CLOSE = RecordMessage(RecordWord.CLOSE, DeliveryId("d-1"), "von Hand eingetragen – ελέγχθηκε")


@pytest.fixture
def agent(new_proxied_handset: NewHandset) -> Handset:
    """A phone whose policy names one lead."""
    made = new_proxied_handset(AGENT)
    made.allow_supervision(SupervisionPolicy((f"{LEAD}@{DOMAIN}",)))
    return made


def tell(sender: Handset, target: str, message: RecordMessage, name: str = "m1") -> int:
    sender.telephone.team.tell_of_record(name, sender.account_id, target, message.text())
    return sender.expect(MessageAnswered, lambda e: e.message_id == name).sip_code


@pytest.mark.peer("kamailio")
def test_a_leads_word_arrives_whole_and_is_known_as_a_leads(
    agent: Handset, new_proxied_handset: NewHandset
) -> None:
    lead = new_proxied_handset(LEAD)
    asked = RecordMessage(RecordWord.ASK, DeliveryId("d-1"), company="Nordwind", attempts=2)
    assert tell(agent, f"{LEAD}@{DOMAIN}", asked) == 200
    heard = lead.expect(RecordMessageArrived)
    told = read_record_message(heard.text)
    assert told is not None
    assert (heard.sender.user, told.company, told.attempts) == (AGENT, "Nordwind", 2)
    assert tell(lead, f"{AGENT}@{DOMAIN}", CLOSE) == 200
    answer = agent.expect(RecordMessageArrived)
    assert (answer.from_lead, read_record_message(answer.text)) == (True, CLOSE)
    assert agent.heard(HelpSignalled) == []


@pytest.mark.peer("kamailio")
def test_a_colleagues_word_is_no_leads_whatever_it_claims(
    agent: Handset, kamailio: Kamailio, new_proxied_handset: NewHandset
) -> None:
    colleague = new_proxied_handset(COLLEAGUE)
    assert tell(colleague, f"{AGENT}@{DOMAIN}", CLOSE) == 200
    assert not agent.expect(RecordMessageArrived).from_lead
    forger = SipPhone((kamailio.host, kamailio.sip_port), "8004", kamailio.passwords["8004"], domain=DOMAIN)
    try:
        forger.register()
        target = f"sip:{AGENT}@{DOMAIN}"
        claims = [
            *forger.identity(target),
            ("P-Asserted-Identity", f"<sip:{LEAD}@{DOMAIN}>"),
            ("X-Softphone-Record", "1"),
            ("CSeq", "1 MESSAGE"),
            ("Content-Type", "text/plain"),
        ]
        assert forger.transact("MESSAGE", target, claims, CLOSE.text().encode()).status == 200
    finally:
        forger.close()
    assert not agent.expect(RecordMessageArrived).from_lead


@pytest.mark.peer("kamailio")
def test_a_lead_of_another_policy_is_none(agent: Handset, new_proxied_handset: NewHandset) -> None:
    agent.allow_supervision(SupervisionPolicy((f"{LEAD}@elsewhere.test",)))
    lead = new_proxied_handset(LEAD)
    assert tell(lead, f"{AGENT}@{DOMAIN}", CLOSE) == 200
    assert not agent.expect(RecordMessageArrived).from_lead
