"""An outcome that escalates: the leads hear of it at once, and the agent hears if they do not."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.call import Party
from softphone.domain.campaign import CodeAction, Disposition
from softphone.domain.ids import DeliveryId
from softphone.domain.record_events import ClosingAnswered
from softphone.domain.record_requests import RecordMessage, RecordWord, read_record_message
from softphone.domain.settings import Settings
from softphone.domain.supervision import Role
from softphone.domain.team import TeamMember
from softphone.domain.team_events import MessageAnswered
from softphone.domain.team_settings import TeamSettings
from softphone.domain.wrap_up import RecordStatus
from tests.fakes.world import INSURER, SETTINGS, World

ESCALATED = Disposition("boss", "Complaint", actions=(CodeAction.ESCALATE,))
CAMPAIGN = replace(INSURER, dispositions=(*INSURER.dispositions, ESCALATED))
AGENT = replace(SETTINGS, campaigns=(CAMPAIGN,), team=TeamSettings(leads=("7900", "7901")))
LEADING = replace(SETTINGS, team=TeamSettings(Role.LEAD, members=(TeamMember("7001", "Anna"),)))


def begun(settings: Settings = AGENT) -> World:
    world = World(settings)
    world.start()
    return world


def saved(world: World, code: str) -> None:
    call_id = world.phone.ring("in-1", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    world.desk.wrapping_up.choose_code(call_id, code)
    world.desk.wrapping_up.type_notes(call_id, "wants the boss")
    assert world.desk.wrapping_up.save(call_id)
    world.run()


def test_all_leads_are_told_once_and_nothing_of_the_customer() -> None:
    world = begun()
    saved(world, "boss")
    assert [target for _id, target, _text in world.team.told] == ["7900", "7901"]
    text = world.team.told[0][2]
    told = read_record_message(text)
    assert told is not None
    assert (told.word, told.company, told.outcome) == (RecordWord.ESCALATED, CAMPAIGN.name, "Complaint")
    assert "wants the boss" not in text
    assert next(iter(world.store.rows.values())).record.number not in text
    assert world.all(ClosingAnswered) == []


def test_another_outcome_tells_nobody() -> None:
    world = begun()
    saved(world, "solved")
    assert world.team.told == []


def test_that_no_lead_was_reached_is_said_and_the_outcome_is_saved() -> None:
    world = begun()
    world.team.obedient = False
    saved(world, "boss")
    first, second = (message_id for message_id, _target, _text in world.team.told)
    world.post(MessageAnswered(first, 480))
    world.run()
    assert world.all(ClosingAnswered) == []
    world.post(MessageAnswered(second, 404))
    world.run()
    assert [event.outcome for event in world.all(ClosingAnswered)] == ["not_escalated"]
    assert next(iter(world.store.rows.values())).status is RecordStatus.SAVED


def test_a_lead_who_is_reached_is_enough() -> None:
    world = begun()
    world.team.obedient = False
    saved(world, "boss")
    first, second = (message_id for message_id, _target, _text in world.team.told)
    world.post(MessageAnswered(first, 200))
    world.post(MessageAnswered(second, 404))
    world.run()
    assert world.all(ClosingAnswered) == []


def test_a_lead_keeps_it_until_it_is_put_away() -> None:
    world = begun(LEADING)
    text = RecordMessage(
        RecordWord.ESCALATED, DeliveryId("d"), company="Nordwind", outcome="Complaint"
    ).text()
    world.team.speak_of_record(Party("7001", "pbx.test", "Anna"), text, from_lead=False)
    world.team.speak_of_record(Party("7001", "pbx.test", "Anna"), text, from_lead=False)
    world.run()
    (heard,) = world.desk.hearing_escalations.heard
    assert (heard.name, heard.message.company) == ("Anna", "Nordwind")
    world.desk.hearing_escalations.dismiss(DeliveryId("d"))
    assert world.desk.hearing_escalations.heard == ()


def test_who_is_no_lead_hears_nothing() -> None:
    world = begun()
    text = RecordMessage(RecordWord.ESCALATED, DeliveryId("d")).text()
    world.team.speak_of_record(Party("7001", "pbx.test"), text, from_lead=False)
    world.run()
    assert world.desk.hearing_escalations.heard == ()
