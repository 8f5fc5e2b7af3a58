"""The script in the window: beside the customer, with the keyboard alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.form import FieldKind, FormField
from softphone.domain.ids import CallId
from softphone.domain.script import ScriptAnswer, ScriptStep
from softphone.ui.main import Interface
from softphone.ui.presenters.customer_work import Panel
from tests.fakes.world import INSURER, MARIA, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

SCRIPT = (
    ScriptStep(
        "hello",
        "Good morning, {customer.name|welcome}.",
        (ScriptAnswer("Storm damage", next="sum"), ScriptAnswer("A bill", next="bye", code="solved")),
    ),
    ScriptStep("sum", "How much?", ask=FormField("sum", "Sum", FieldKind.AMOUNT, required=True)),
    ScriptStep("bye", "Good bye."),
)


@pytest.fixture
def world() -> World:
    campaign = replace(INSURER, script=SCRIPT)
    made = World(replace(SETTINGS, campaigns=(campaign, *SETTINGS.campaigns[1:]), window=ENGLISH))
    made.crm.know(MARIA)
    return made


def ring(world: World, queue: str = "claims") -> CallId:
    call_id = world.phone.ring("one", headers=(("X-Queue", queue),))
    world.run()
    world.crm.answer_all()
    world.run()
    return call_id


def talk(world: World) -> CallId:
    call_id = ring(world)
    world.desk.calling.answer(call_id)
    world.run()
    return call_id


def test_the_script_is_there_while_it_rings_and_in_front_once_they_talk(build: Build, world: World) -> None:
    interface = build(world)
    call_id = ring(world)
    window = interface.window
    assert window.script_there
    assert not window.sheet.script.isVisible()  # the customer comes first
    world.desk.calling.answer(call_id)
    world.run()
    assert window.sheet.script.isVisible()
    assert window.sheet.script.text.text() == "Good morning, María Schäfer."


def test_a_search_that_opens_by_itself_comes_before_the_script_too(build: Build, world: World) -> None:
    """As one that an earlier desk has left open, and that is known only after the script has come up."""
    interface = build(world)
    world.crm.describe(CrmDescription("crm", "CRM", frozenset(CrmAbility), required=("name",)))
    call_id = talk(world)
    assert interface.window.sheet.script.isVisible()
    interface.scene.customers.open(call_id, Panel.SEARCH)
    world.run()
    assert interface.window.sheet.customer.search.isVisible()


def test_searching_for_the_customer_comes_before_the_script(qtbot: QtBot, build: Build, world: World) -> None:
    interface = build(world)
    world.crm.describe(CrmDescription("crm", "CRM", frozenset(CrmAbility), required=("name",)))
    talk(world)
    window = interface.window
    assert window.sheet.script.isVisible()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window.dial.field, Qt.Key.Key_F, control | shift)
    assert window.sheet.customer.search.isVisible()


def test_in_a_wide_window_it_stands_below_the_customer(build: Build, world: World) -> None:
    interface = build(world)
    interface.window.resize(1200, 860)
    talk(world)
    assert interface.window.sheet.script.isVisible()
    assert interface.window.sheet.customer.isVisible()
    assert interface.window.sheet.wrap_up.isVisible()


def test_a_call_without_a_script_has_no_such_tab(build: Build, world: World) -> None:
    interface = build(world)
    ring(world, "orders")
    assert not interface.window.script_there
    assert not interface.window.sheet.script.isVisible()


def test_the_keyboard_goes_through_the_whole_script(qtbot: QtBot, build: Build, world: World) -> None:
    interface = build(world)
    call_id, panel = talk(world), interface.window.sheet.script
    interface.window.activateWindow()
    qtbot.waitUntil(interface.window.isActiveWindow)
    panel.take_focus()
    assert interface.window.focusWidget() is panel.answers[0]
    qtbot.keyClick(panel.answers[0], Qt.Key.Key_Return)
    world.run()
    editor = panel.field.editor("sum")
    assert isinstance(editor, QLineEdit)
    assert interface.window.focusWidget() is editor  # the focus goes along with the step
    assert not panel.next.isEnabled()
    qtbot.keyClicks(editor, "12,50")
    world.run()
    assert panel.next.isEnabled()
    panel.next.setFocus()
    qtbot.keyClick(panel.next, Qt.Key.Key_Return)
    world.run()
    assert panel.text.text() == "Good bye."
    panel.next.click()
    world.run()
    assert panel.text.text() == "The script is done."
    assert not panel.next.isVisible()
    assert dict(world.desk.wrapping_up.draft(call_id).answers) == {"hello": "Storm damage", "sum": "12.50"}
    panel.back.click()
    world.run()
    assert panel.text.text() == "Good bye."


def test_an_answer_has_a_key_and_prepares_its_outcome(qtbot: QtBot, build: Build, world: World) -> None:
    interface = build(world)
    call_id = talk(world)
    interface.window.activateWindow()
    qtbot.waitUntil(interface.window.isActiveWindow)
    qtbot.keyClick(interface.window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    world.run()
    assert world.desk.wrapping_up.draft(call_id).code == "solved"
    assert interface.window.sheet.wrap_up.outcome.field.text() == "Solved"


def test_what_a_customer_is_called_is_shown_as_plain_text(build: Build, world: World) -> None:
    world.crm._known[:] = [replace(MARIA, name="<b>Eve</b> {campaign.name}")]
    interface: Interface = build(world)
    talk(world)
    assert interface.window.sheet.script.text.text() == "Good morning, <b>Eve</b> {campaign.name}."
    assert interface.window.sheet.script.text.textFormat() is Qt.TextFormat.PlainText


def test_after_the_call_the_notes_come_to_the_front(build: Build, world: World) -> None:
    interface = build(world)
    call_id = talk(world)
    world.phone.end(call_id)
    world.run()
    assert interface.window.sheet.wrap_up.isVisible()
