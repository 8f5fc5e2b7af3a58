"""Forms, policies and corrections as the agent meets them in the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from softphone.domain.campaign import Disposition
from softphone.domain.customer import CrmTrouble
from softphone.domain.form import FieldKind, FormField
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import RecordStatus
from softphone.ui.main import Interface
from tests.fakes.world import INSURER, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

SUM = FormField("sum", "Sum", FieldKind.AMOUNT, required=True)
PAYMENT = replace(
    INSURER, dispositions=(Disposition("paid", "Paid", fields=(SUM,)),), code_before_next_call=True
)


@pytest.fixture
def world() -> World:
    return World(replace(SETTINGS, campaigns=(PAYMENT,), window=ENGLISH))


def talked(world: World) -> CallId:
    ringing = world.phone.ring("one", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(ringing)
    world.run()
    world.phone.end(ringing)
    world.run()
    return ringing


def fill_in(qtbot: QtBot, interface: Interface, world: World, ended: CallId) -> None:
    world.desk.wrapping_up.choose_code(ended, "paid")
    world.run()
    editor = interface.window.sheet.wrap_up.form.editor("sum")
    assert isinstance(editor, QLineEdit)
    assert editor.isVisible()
    qtbot.keyClicks(editor, "12,50")
    interface.window.sheet.wrap_up.save.click()
    world.run()


def test_a_form_is_filled_in_beside_the_outcome_and_stored(qtbot: QtBot, build: Build, world: World) -> None:
    interface = build(world)
    fill_in(qtbot, interface, world, talked(world))
    assert world.store.deliveries[0].log.answers == (("sum", "12.50"),)


def test_a_second_caller_is_not_answered_first_and_the_window_says_why(build: Build, world: World) -> None:
    interface = build(world)
    talked(world)
    world.phone.ring("two")
    world.run()
    interface.window.stage.ringing.answered.emit("two")
    world.run()
    ringing = world.desk.calling.ringing()
    assert ringing is not None
    assert not ringing.answering
    assert "First complete the outcome" in interface.scene.messages[-1][1]


def test_a_second_caller_of_the_queue_is_passed_on_and_the_window_says_so(build: Build, world: World) -> None:
    interface = build(world)
    ended = talked(world)
    world.phone.ring("two", headers=(("X-Queue", "claims"),))
    world.run()
    assert world.phone.sent("reject") == [("two", 486)]
    assert "Passed on" in interface.scene.messages[-1][1]
    assert interface.scene.on_sheet() == ended
    assert not interface.window.stage.ringing.isVisible()


def test_a_refused_outcome_is_opened_from_the_list_and_sent_again(
    qtbot: QtBot, build: Build, world: World
) -> None:
    interface = build(world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    fill_in(qtbot, interface, world, talked(world))
    world.crm.answer_all()
    world.run()
    (row,) = interface.window.history.model.rows
    assert row.correctable
    interface.window.history.correction_wanted.emit(row)
    world.run()
    panel = interface.window.sheet.wrap_up
    panel.notes.setPlainText("as the CRM wants it")
    panel.save.click()
    world.run()
    world.crm.answer_all()
    world.run()
    (entry,) = world.desk.looking_back.loaded.entries
    assert (entry.status, entry.draft.notes) == (RecordStatus.DELIVERED, "as the CRM wants it")
