"""The list of records in the window: its parts, why a record is stuck, and what can be done about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from softphone.domain.audit import AuditAction
from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import CallId
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.domain.supervision import Role
from softphone.domain.team_settings import TeamSettings
from softphone.domain.wrap_up import RecordStatus
from softphone.ui.main import Interface
from softphone.ui.presenters.history import CALLBACKS
from softphone.ui.wrap_up.closing_record import ClosingDialog
from softphone.ui.wrap_up.history_panel import HistoryPanel
from tests.fakes.world import SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

LEAD = replace(SETTINGS, window=ENGLISH, team=TeamSettings(role=Role.LEAD))


def wrapped_up(world: World, name: str = "one", callback: bool = False) -> CallId:
    call_id = world.phone.ring(name, headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    work = world.desk.wrapping_up
    work.choose_code(call_id, "callback" if callback else "solved")
    if callback:
        work.type_notes(call_id, "Ask about the roof")
        work.plan_callback(call_id, world.clock.now() + timedelta(hours=1), "+4930777")
    assert work.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    return call_id


def choose_part(panel: HistoryPanel, part: str) -> None:
    panel.part.setCurrentIndex(panel.part.findData(part))
    panel.part.activated.emit(panel.part.currentIndex())


def names(panel: HistoryPanel) -> list[str]:
    return [row.call_id for row in panel.model.rows]


def test_the_list_is_narrowed_to_what_was_refused_and_says_why(build: Build, world: World) -> None:
    interface, panel = shown(build, world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    wrapped_up(world, "bad")
    wrapped_up(world, "good")
    assert names(panel) == ["good", "bad"]
    choose_part(panel, "refused")
    world.run()
    assert names(panel) == ["bad"]
    assert not panel.record_actions.isVisibleTo(panel)
    panel.choose(0)
    assert panel.record_actions.isVisibleTo(panel)
    assert panel.record_actions.why.text() == "The CRM refused the entry."
    assert panel.record_actions.retry.isVisibleTo(panel)
    assert panel.record_actions.correct.isVisibleTo(panel)
    assert not panel.record_actions.close_it.isVisibleTo(panel)  # an agent may not
    choose_part(panel, "open")
    world.run()
    assert names(panel) == []
    assert interface.window.history._empty.text() == "Nothing here."


def shown(build: Build, world: World) -> tuple[Interface, HistoryPanel]:
    interface = build(world)
    return interface, interface.window.history


def test_a_refused_record_is_sent_again_from_the_list(build: Build, world: World) -> None:
    _interface, panel = shown(build, world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    wrapped_up(world)
    panel.choose(0)
    panel.record_actions.retry.click()
    world.run()
    world.crm.answer_all()
    world.run()
    (entry,) = world.desk.looking_back.loaded.entries
    assert entry.status is RecordStatus.DELIVERED
    assert not panel.record_actions.retry.isVisibleTo(panel)
    assert not panel.record_actions.correct.isVisibleTo(panel)  # this CRM does not say that it can


def test_correcting_from_the_list_opens_the_record(build: Build, world: World) -> None:
    interface, panel = shown(build, world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    wrapped_up(world)
    panel.choose(0)
    panel.record_actions.correct.click()
    world.run()
    assert interface.window.sheet.wrap_up.isVisible()


def test_a_lead_closes_a_stuck_record_with_a_reason(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(LEAD)
    world.file.locks["team.role"] = SetBy(SettingsLayer.POLICY)
    interface, panel = shown(build, world)
    reasons = iter(["", "entered by hand"])
    monkeypatch.setattr(interface.intents.closing, "_asks_reason", lambda _name, _change: next(reasons))
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    wrapped_up(world)
    panel.choose(0)
    assert panel.record_actions.close_it.isVisibleTo(panel)
    panel.record_actions.close_it.click()  # asked, and thought better of it
    world.run()
    assert world.audit.said(AuditAction.RECORD_CLOSED) == []
    panel.record_actions.close_it.click()
    world.run()
    assert [entry.detail for entry in world.audit.said(AuditAction.RECORD_CLOSED)] == [
        "refused: entered by hand"
    ]
    (row,) = panel.model.rows
    assert (row.status, row.why) == ("Closed, not in the CRM", "Closed: entered by hand")
    assert panel.record_actions.why.isVisibleTo(panel)
    assert not panel.record_actions.retry.isVisibleTo(panel)


def test_the_dialog_wants_a_reason(qtbot: QtBot, interface: Interface) -> None:
    dialog = ClosingDialog(interface.kit, interface.window, "Eve")
    qtbot.addWidget(dialog)
    assert not dialog.close_it.isEnabled()
    qtbot.keyClicks(dialog.field, " no ")
    assert not dialog.close_it.isEnabled()
    qtbot.keyClicks(dialog.field, "w by hand")
    assert dialog.close_it.isEnabled()
    assert dialog.reason == "no w by hand"


def test_promised_callbacks_are_a_part_of_the_list(qtbot: QtBot, build: Build, world: World) -> None:
    _interface, panel = shown(build, world)
    world.phone.registered(next(iter(world.phone.accounts)))
    world.run()
    call_id = wrapped_up(world, callback=True)
    choose_part(panel, CALLBACKS)
    world.run()
    (row,) = panel.model.rows
    assert (row.call_id, row.status, row.dial) == (call_id, "Promised", "+4930777")
    assert "Ask about the roof" in row.detail
    panel.search.setText("nobody")
    world.run()
    assert panel.model.rows == ()
    panel.search.setText("roof")
    world.run()
    panel.choose(0)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)  # calls, for the promise's company
    world.run()
    (call,) = world.desk.calling.calls
    assert call.party.user == "+4930777"
    world.phone.establish(call.id)
    world.run()
    assert panel.model.rows == ()


def test_a_callback_that_is_due_is_reminded_of_and_can_be_put_off(build: Build, world: World) -> None:
    interface, panel = shown(build, world)
    call_id = wrapped_up(world, callback=True)
    assert not any("Call back" in text for text in interface.window.notices.texts)
    world.clock.advance(3_601)
    world.run()
    (notice,) = [n for n in interface.window.notices._shown if n.subject == call_id]
    assert "+4930777" in notice.text
    assert "Ask about the roof" in notice.advice
    interface.window.notices.dismissed.emit(notice)
    world.run()
    assert not interface.scene.due
    choose_part(panel, CALLBACKS)
    world.run()
    assert panel.model.rows[0].status == "Due"  # it stays in the list
    panel.choose(0)
    panel.record_actions.done.click()
    world.run()
    assert panel.model.rows == ()
