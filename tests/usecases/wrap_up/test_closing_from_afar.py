"""A lead closes a record that lies at an agent's desk: both desks talk to each other, the agent's decides."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from softphone.domain.audit import AuditAction, Side
from softphone.domain.call import Party
from softphone.domain.customer import CrmTrouble
from softphone.domain.errors import BadInput, Refused
from softphone.domain.ids import DeliveryId
from softphone.domain.record_events import ClosingAnswered
from softphone.domain.record_requests import RecordMessage, RecordWord, read_record_message
from softphone.domain.record_settings import CloseStuck, RecordSettings
from softphone.domain.supervision import Role
from softphone.domain.team import TeamMember
from softphone.domain.team_events import MessageAnswered
from softphone.domain.team_settings import TeamSettings
from softphone.domain.wrap_up import HistoryEntry, RecordStatus
from tests.fakes.team import LEAD
from tests.fakes.world import SETTINGS, World
from tests.usecases.wrap_up.test_closing_records import BY_POLICY, entry, stuck

ANNA = Party("7001", "pbx.test", "Anna")
WITH_LEADS = replace(SETTINGS, team=TeamSettings(leads=("7900",)))
LEADING = replace(SETTINGS, team=TeamSettings(Role.LEAD, members=(TeamMember("7001", "Anna"),)))


class TwoDesks:
    """An agent's and a lead's; `carry` brings what one has said to the other."""

    def __init__(self, named_by_company: bool = True) -> None:
        self.agent, self.lead = World(WITH_LEADS), World(LEADING)
        self.agent.file.locks = {"team.leads": BY_POLICY} if named_by_company else {}
        for world in (self.agent, self.lead):
            world.start()

    def stuck(self) -> HistoryEntry:
        return stuck(self.agent)

    def asked(self) -> HistoryEntry:
        found = self.stuck()
        self.agent.desk.asking_to_close.ask(found)
        self.carry()
        return found

    def carry(self) -> None:
        """Until both have nothing more to say."""
        moved = True
        while moved:
            moved = self._bring(self.agent, self.lead, ANNA) | self._bring(self.lead, self.agent, LEAD)

    def _bring(self, of: World, to: World, sender: Party) -> bool:
        of.run()
        told, of.team.told = of.team.told, []
        for _message_id, _target, text in told:
            to.team.speak_of_record(sender, text, from_lead=sender == LEAD)
        to.run()
        return bool(told)


@pytest.fixture
def desks() -> TwoDesks:
    return TwoDesks()


def answers(world: World) -> list[str]:
    return [event.outcome for event in world.all(ClosingAnswered)]


def test_a_lead_sees_what_an_agent_asks_and_closes_it_with_a_reason(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    (asked,) = desks.lead.desk.closing_for_others.asked
    assert (asked.agent, asked.name) == ("7001", "Anna")
    assert (asked.asked.company, asked.asked.outcome) == (found.record.campaign_name, found.code_label)
    assert (asked.asked.trouble, asked.asked.attempts) == (CrmTrouble.REFUSED, 1)
    desks.lead.desk.closing_for_others.close(found.delivery_id, "entered by hand")
    desks.carry()
    closed = entry(desks.agent)
    assert (closed.status, closed.last_error) == (RecordStatus.WRITTEN_OFF, "entered by hand")
    assert desks.lead.desk.closing_for_others.asked == ()
    assert (answers(desks.agent), answers(desks.lead)) == (["asked", "closed"], ["closed"])


def test_both_desks_note_who_closed_what_and_why(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    desks.lead.desk.closing_for_others.close(found.delivery_id, "entered by hand")
    desks.carry()
    (there,) = desks.agent.audit.said(AuditAction.RECORD_CLOSED)
    (here,) = desks.lead.audit.said(AuditAction.RECORD_CLOSED)
    assert (there.side, there.actor, there.subject) == (Side.AGENT, "7900@pbx.test", found.delivery_id)
    assert there.detail == "refused: entered by hand"
    assert (here.side, here.subject) == (Side.LEAD, found.delivery_id)
    assert "7001" in here.detail
    assert "entered by hand" in here.detail


def test_nothing_of_the_customer_crosses_the_network(desks: TwoDesks) -> None:
    found = desks.stuck()
    desks.agent.desk.asking_to_close.ask(found)
    ((_id, target, text),) = desks.agent.team.told
    assert target == "7900"
    assert set(json.loads(text)) == {"word", "id", "company", "outcome", "trouble", "attempts", "at"}
    assert found.record.number not in text


def test_a_lead_who_leaves_it_open_is_heard_and_may_be_asked_again(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    desks.lead.desk.closing_for_others.keep(found.delivery_id)
    desks.carry()
    assert answers(desks.agent) == ["asked", "kept"]
    assert entry(desks.agent).status is RecordStatus.REFUSED
    assert not desks.agent.desk.asking_to_close.asked(found.delivery_id)


@pytest.mark.parametrize("asked_before", [True, False])
def test_who_is_not_asserted_as_a_lead_closes_nothing(desks: TwoDesks, asked_before: bool) -> None:
    found = desks.asked() if asked_before else desks.stuck()
    assert found.delivery_id is not None
    order = RecordMessage(RecordWord.CLOSE, found.delivery_id, "because I can").text()
    desks.agent.team.speak_of_record(Party("7900", "pbx.test"), order, from_lead=False)
    desks.carry()
    assert entry(desks.agent).status is RecordStatus.REFUSED
    assert desks.agent.audit.said(AuditAction.RECORD_CLOSED) == []
    (noted,) = desks.agent.audit.said(AuditAction.CLOSING_REFUSED)
    assert (noted.actor, noted.subject) == ("7900@pbx.test", found.delivery_id)


def test_a_lead_closes_only_what_this_desk_has_asked_about_and_only_once(desks: TwoDesks) -> None:
    found = desks.stuck()
    assert found.delivery_id is not None
    order = RecordMessage(RecordWord.CLOSE, found.delivery_id, "replayed").text()
    desks.agent.team.speak_of_record(LEAD, order, from_lead=True)
    desks.agent.run()
    assert entry(desks.agent).status is RecordStatus.REFUSED
    ((_id, target, text),) = desks.agent.team.told
    assert (target, read_record_message(text)) == (
        "7900",
        RecordMessage(RecordWord.SETTLED, found.delivery_id),
    )


def test_a_record_that_the_agent_has_corrected_meanwhile_stays(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    agent = desks.agent.desk.wrapping_up
    agent.correct(found)
    agent.type_notes(found.record.call.id, "as the CRM wants it")
    assert agent.save(found.record.call.id)
    desks.carry()
    assert desks.lead.desk.closing_for_others.asked == ()
    desks.agent.team.speak_of_record(
        LEAD, RecordMessage(RecordWord.CLOSE, found.delivery_id, "too late").text(), from_lead=True
    )
    desks.agent.run()
    assert entry(desks.agent).status is RecordStatus.SAVED


def test_a_record_that_the_crm_takes_after_all_is_taken_from_the_leads_list(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    desks.agent.desk.delivering.retry(found.delivery_id)
    desks.agent.run()
    desks.agent.crm.answer_all()
    desks.carry()
    assert entry(desks.agent).status is RecordStatus.DELIVERED
    assert desks.lead.desk.closing_for_others.asked == ()
    assert answers(desks.lead) == []


def test_a_lead_who_cannot_be_reached_is_told_about(desks: TwoDesks) -> None:
    desks.agent.team.obedient = False
    found = desks.stuck()
    assert found.delivery_id is not None
    desks.agent.desk.asking_to_close.ask(found)
    ((message_id, _target, _text),) = desks.agent.team.told
    desks.agent.post(MessageAnswered(message_id, 480))
    desks.agent.run()
    assert answers(desks.agent) == ["not_reached"]
    assert not desks.agent.desk.asking_to_close.asked(found.delivery_id)


def test_an_agent_who_cannot_be_reached_keeps_the_request_at_the_leads(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    desks.lead.team.obedient = False
    desks.lead.desk.closing_for_others.close(found.delivery_id, "entered by hand")
    ((message_id, _target, _text),) = desks.lead.team.told
    assert [asked.answered for asked in desks.lead.desk.closing_for_others.asked] == [True]
    desks.lead.post(MessageAnswered(message_id, 480))
    desks.lead.run()
    assert [asked.answered for asked in desks.lead.desk.closing_for_others.asked] == [False]
    assert answers(desks.lead) == ["not_reached"]


def test_only_leads_that_the_company_has_named_are_asked() -> None:
    own_friends = TwoDesks(named_by_company=False)
    found = own_friends.stuck()
    assert not own_friends.agent.desk.asking_to_close.can_ask(found)
    with pytest.raises(Refused):
        own_friends.agent.desk.asking_to_close.ask(found)


def test_where_nobody_may_close_nobody_is_asked_and_no_word_counts(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    nobody = replace(WITH_LEADS, records=RecordSettings(close_stuck=CloseStuck.NOBODY))
    desks.agent.desk.configuring.change(nobody)
    assert not desks.agent.desk.asking_to_close.can_ask(found)
    desks.lead.desk.closing_for_others.close(found.delivery_id, "entered by hand")
    desks.carry()
    assert entry(desks.agent).status is RecordStatus.REFUSED


def test_a_reason_is_required(desks: TwoDesks) -> None:
    found = desks.asked()
    assert found.delivery_id is not None
    with pytest.raises(BadInput):
        desks.lead.desk.closing_for_others.close(found.delivery_id, " x ")


def test_who_is_no_lead_keeps_no_requests(desks: TwoDesks) -> None:
    text = RecordMessage(RecordWord.ASK, DeliveryId("d")).text()
    desks.agent.team.speak_of_record(ANNA, text, from_lead=False)
    desks.agent.run()
    assert desks.agent.desk.closing_for_others.asked == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"word":"close"}',
        '{"word":"open","id":"d"}',
        '{"word":"close","id":7}',
        '{"word":"ask","id":"d","company":"c","outcome":"o","trouble":"t","attempts":1,"at":"now"}',
        "[" * 900,
    ],
)
def test_what_is_no_such_message_is_none(text: str) -> None:
    assert read_record_message(text) is None


def test_a_message_comes_back_as_it_was_sent_and_fits_a_datagram() -> None:
    long = "Ελλάδα " * 100
    for word in RecordWord:
        message = RecordMessage(word, DeliveryId("d"), long, long, long)
        text = message.text()
        assert len(text.encode()) <= 1_000
        back = read_record_message(text)
        assert back is not None
        assert (back.word, back.delivery_id) == (word, "d")
