"""From the list of calls to the changed record in the CRM, in the real window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble
from softphone.ui.main import Interface
from softphone.ui.wrap_up.closing_record import ClosingDialog
from softphone.ui.wrap_up.history_panel import HistoryPanel
from tests.fakes.world import World
from tests.ui.conftest import Build
from tests.ui.wrap_up.test_records_list import wrapped_up


def shown(build: Build, world: World, *abilities: CrmAbility) -> tuple[Interface, HistoryPanel]:
    """The window with one record that the CRM has, chosen in the list."""
    interface = build(world)
    world.crm.describe(CrmDescription("crm", abilities=frozenset(abilities)))
    world.run()
    wrapped_up(world)
    interface.window.history.choose(0)
    return interface, interface.window.history


def test_from_the_list_to_the_changed_record(qtbot: QtBot, build: Build, world: World) -> None:
    interface, panel = shown(build, world, CrmAbility.LOG_UPDATE)
    actions, sheet = panel.record_actions, interface.window.sheet.wrap_up
    assert panel.model.rows[0].status == "In the CRM"
    assert actions.correct.isVisibleTo(panel)
    assert actions.correct.text() == "Change …"
    assert not actions.retry.isVisibleTo(panel)
    actions.correct.click()
    world.run()
    assert sheet.isVisible()
    assert sheet._title.text() == "Change the record"
    assert sheet.save.text() == "Change in the CRM"
    qtbot.keyClicks(sheet.notes, "She meant the car")
    sheet.save.click()
    world.run()
    assert panel.model.rows[0].status == "Change waits for the CRM"
    world.crm.answer_all()
    world.run()
    assert panel.model.rows[0].status == "In the CRM"
    (log,) = world.crm.records.values()
    assert log.notes == "She meant the car"


def test_escape_leaves_what_the_crm_has(qtbot: QtBot, build: Build, world: World) -> None:
    interface, panel = shown(build, world, CrmAbility.LOG_UPDATE)
    panel.record_actions.correct.click()
    world.run()
    qtbot.keyClicks(interface.window.sheet.wrap_up.notes, "half a sen")
    world.clock.advance(1)
    world.run()
    world.desk.looking_back.reload()
    world.run()
    assert panel.record_actions.why.text() == "A correction was begun and is not saved."
    qtbot.keyClick(interface.window.sheet.wrap_up.notes, Qt.Key.Key_Escape)
    world.run()
    world.desk.looking_back.reload()
    world.run()
    assert panel.record_actions.why.text() == ""
    assert not interface.window.sheet.wrap_up.isVisible()
    (log,) = world.crm.records.values()
    assert log.notes == ""


def test_a_crm_that_cannot_change_records_is_not_offered_and_it_says_why(build: Build, world: World) -> None:
    _interface, panel = shown(build, world)
    assert not panel.record_actions.correct.isVisibleTo(panel)
    assert panel.record_actions.why.text() == "This CRM does not let a record be changed once it is there."


def test_a_refused_change_says_that_it_is_one_and_can_be_closed(
    qtbot: QtBot, build: Build, world: World
) -> None:
    interface, panel = shown(build, world, CrmAbility.LOG_UPDATE)
    panel.record_actions.correct.click()
    world.run()
    qtbot.keyClicks(interface.window.sheet.wrap_up.notes, "too late")
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    interface.window.sheet.wrap_up.save.click()
    world.run()
    world.crm.answer_all()
    world.run()
    panel.choose(0)
    row = panel.model.rows[0]
    assert (row.status, row.why) == ("Change refused by the CRM", "The CRM refused the entry.")
    assert panel.record_actions.close_it.isVisibleTo(panel)
    entry = world.desk.looking_back.loaded.entries[0]
    world.desk.closing_records.close(entry, "locked there")
    world.run()
    closed = panel.model.rows[0]
    assert closed.status == "Change closed"
    assert "Closed: locked there" in closed.why
    assert "The CRM keeps what it had." in closed.why


def test_the_dialog_says_that_the_crm_keeps_what_it_has(qtbot: QtBot, interface: Interface) -> None:
    dialog = ClosingDialog(interface.kit, interface.window, "Eve", change=True)
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == "Close the change"
