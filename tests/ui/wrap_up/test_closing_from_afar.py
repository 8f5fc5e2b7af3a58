"""An agent asks a lead to close a record; the lead sees it, decides, and both are told how it went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.audit import AuditAction
from softphone.domain.call import Party
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import DeliveryId
from softphone.domain.record_requests import RecordMessage, RecordWord, read_record_message
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.domain.supervision import Role
from softphone.domain.team import TeamMember
from softphone.domain.team_settings import TeamSettings
from softphone.ui.main import Interface
from softphone.ui.wrap_up.closing_record import ClosingDialog, Decided, Decision
from tests.fakes.team import LEAD
from tests.fakes.world import SETTINGS, World
from tests.ui.conftest import ENGLISH, Build
from tests.ui.wrap_up.test_records_list import shown, wrapped_up

AGENT = replace(SETTINGS, team=TeamSettings(leads=("7900",)), window=ENGLISH)
LEADING = replace(
    SETTINGS, team=TeamSettings(Role.LEAD, members=(TeamMember("7001", "Anna"),)), window=ENGLISH
)
ASK = RecordMessage(
    RecordWord.ASK,
    DeliveryId("d-1"),
    company="Nordwind",
    outcome="Complaint",
    trouble=CrmTrouble.REFUSED,
    attempts=2,
)


def told(world: World) -> list[RecordMessage | None]:
    return [read_record_message(text) for _id, _target, text in world.team.told]


def asked(build: Build) -> tuple[World, Interface]:
    """A lead's desk that has been asked."""
    world = World(LEADING)
    interface = build(world)
    world.team.speak_of_record(Party("7001", "pbx.test", "Anna"), ASK.text(), from_lead=False)
    world.run()
    return world, interface


def test_an_agent_asks_from_the_list_and_sees_that_it_was_asked(build: Build) -> None:
    world = World(AGENT)
    world.file.locks["team.leads"] = SetBy(SettingsLayer.POLICY)
    interface, panel = shown(build, world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    wrapped_up(world)
    panel.choose(0)
    assert not panel.record_actions.close_it.isVisibleTo(panel)
    panel.record_actions.ask.click()
    world.run()
    (message,) = told(world)
    assert message is not None
    assert message.word is RecordWord.ASK
    assert "has been asked" in interface.scene.messages[-1][1]
    assert "has been asked" in panel.record_actions.why.text()
    assert not panel.record_actions.ask.isVisibleTo(panel)
    world.team.speak_of_record(LEAD, RecordMessage(RecordWord.KEEP, message.delivery_id).text(), True)
    world.run()
    assert "Team Lead leaves the record open" in interface.scene.messages[-1][1]
    assert panel.record_actions.ask.isVisibleTo(panel)


def test_where_the_company_names_no_leads_the_agent_is_not_offered_to_ask(build: Build) -> None:
    world = World(AGENT)
    _interface, panel = shown(build, world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    wrapped_up(world)
    panel.choose(0)
    assert not panel.record_actions.ask.isVisibleTo(panel)


def test_a_lead_closes_it_from_the_banner(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    world, interface = asked(build)
    (banner,) = interface.window.notices.texts
    assert "Anna asks you to close a record" in banner
    assert "Nordwind · Complaint" in banner
    decisions = iter([Decided(), Decided(Decision.CLOSE, "entered by hand")])
    monkeypatch.setattr(interface.intents.closing, "_decides", lambda _agent: next(decisions))
    (notice,) = interface.window.notices._shown
    interface.window.notices.acted.emit(notice)  # looked at, and put off
    assert world.team.told == []
    interface.window.notices.acted.emit(notice)
    world.run()
    assert told(world) == [RecordMessage(RecordWord.CLOSE, DeliveryId("d-1"), "entered by hand")]
    assert len(world.audit.said(AuditAction.RECORD_CLOSED)) == 1
    done = RecordMessage(RecordWord.CLOSED, DeliveryId("d-1")).text()
    world.team.speak_of_record(Party("7001", "pbx.test"), done, from_lead=False)
    world.run()
    assert not [text for text in interface.window.notices.texts if "asks you" in text]
    assert interface.scene.messages[-1][1] == "The record at Anna is closed."


def test_a_lead_leaves_it_open_and_the_agent_is_told(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    world, interface = asked(build)
    monkeypatch.setattr(interface.intents.closing, "_decides", lambda _agent: Decided(Decision.KEEP))
    (notice,) = interface.window.notices._shown
    interface.window.notices.acted.emit(notice)
    world.run()
    assert told(world) == [RecordMessage(RecordWord.KEEP, DeliveryId("d-1"))]
    assert interface.window.notices.texts == ()


def test_the_leads_dialog_can_be_put_off(build: Build) -> None:
    _world, interface = asked(build)
    dialog = ClosingDialog(interface.kit, interface.window, "Anna", afar=True)
    assert dialog.later.isVisibleTo(dialog)
    dialog.keep.click()
    assert dialog.left_open
    dialog.deleteLater()


def test_an_escalation_is_a_banner_until_the_lead_puts_it_away(build: Build) -> None:
    world = World(LEADING)
    interface = build(world)
    told = replace(ASK, word=RecordWord.ESCALATED)
    world.team.speak_of_record(Party("7001", "pbx.test", "Anna"), told.text(), from_lead=False)
    world.run()
    (banner,) = interface.window.notices.texts
    assert banner.startswith("Anna escalates a call to you Nordwind · Complaint")
    (notice,) = interface.window.notices._shown
    interface.window.notices.dismissed.emit(notice)
    world.run()
    assert interface.window.notices.texts == ()
