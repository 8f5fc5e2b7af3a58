"""A note is never cut without a word, and a correction can be left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from softphone.domain.customer import CrmTrouble
from softphone.domain.ids import CallId
from softphone.domain.text import NOTE_LIMIT
from softphone.domain.wrap_up import RecordStatus
from softphone.ui.main import Interface
from softphone.ui.presenters.notes import note_room
from softphone.ui.presenters.wording import Wording
from softphone.ui.wrap_up.panel import WrapUpPanel
from tests.fakes.world import World
from tests.ui.conftest import Build


def talked(world: World) -> CallId:
    call_id = world.phone.ring("one", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    world.phone.end(call_id)
    world.run()
    return call_id


@pytest.fixture
def panel(interface: Interface, world: World) -> WrapUpPanel:
    talked(world)
    return interface.window.sheet.wrap_up


def paste(panel: WrapUpPanel, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    panel.notes.insertFromMimeData(data)


def test_a_paste_that_does_not_fit_says_how_much_was_left_out(panel: WrapUpPanel, world: World) -> None:
    paste(panel, "a" * (NOTE_LIMIT + 5))
    world.run()
    assert panel.notes.used == NOTE_LIMIT
    assert panel.room.text() == "The note is full: 5 characters were left out."
    assert panel.room.isVisible()
    assert len(world.desk.wrapping_up.draft(CallId("one")).notes) == NOTE_LIMIT


def test_near_the_end_the_room_left_is_told_and_before_it_nothing(panel: WrapUpPanel) -> None:
    paste(panel, "a" * 100)
    assert not panel.room.isVisible()
    paste(panel, "a" * (NOTE_LIMIT - 110))
    assert panel.room.text() == "Room for 10 more characters"


def test_typing_into_a_full_note_is_refused_with_a_word(qtbot: QtBot, panel: WrapUpPanel) -> None:
    paste(panel, "a" * NOTE_LIMIT)
    qtbot.keyClicks(panel.notes, "b")
    assert "b" not in panel.notes.toPlainText()
    assert panel.room.text() == "The note is full: 1 character was left out."
    qtbot.keyClick(panel.notes, Qt.Key.Key_Backspace)
    qtbot.keyClicks(panel.notes, "c")
    assert panel.notes.toPlainText().endswith("c")


def test_text_from_anywhere_else_is_bounded_too(panel: WrapUpPanel) -> None:
    panel.notes.setPlainText("x" * (NOTE_LIMIT + 3))
    assert panel.notes.used == NOTE_LIMIT
    assert "3 characters" in panel.room.text()


def test_the_words_about_room(wording: Wording) -> None:
    assert note_room(wording, 17_999, 0)[0] == ""
    assert note_room(wording, 19_999, 0)[0] == "Room for 1 more character"


# --- leaving a correction ---


@pytest.fixture
def correcting(build: Build, world: World) -> Interface:
    interface = build(world)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    call_id = talked(world)
    world.desk.wrapping_up.choose_code(call_id, "solved")
    world.desk.wrapping_up.save(call_id)
    world.run()
    world.crm.answer_all()
    world.run()
    interface.window.history.correction_wanted.emit(interface.window.history.model.rows[0])
    world.run()
    return interface


def test_escape_leaves_a_correction_and_nothing_has_changed(
    qtbot: QtBot, correcting: Interface, world: World
) -> None:
    panel = correcting.window.sheet.wrap_up
    assert panel.leave.isVisible()
    assert "Escape" in panel.status.text()
    qtbot.keyClicks(panel.notes, "half a thou")
    world.run()
    qtbot.keyClick(panel.notes, Qt.Key.Key_Escape)
    world.run()
    assert world.desk.wrapping_up.open_calls == ()
    (entry,) = world.desk.looking_back.loaded.entries
    assert (entry.status, entry.draft.notes) == (RecordStatus.REFUSED, "")
    assert not correcting.window.sheet.wrap_up.isVisible()


def test_escape_in_the_open_list_of_outcomes_only_closes_the_list(
    qtbot: QtBot, correcting: Interface, world: World
) -> None:
    outcome = correcting.window.sheet.wrap_up.outcome
    outcome.open_list()
    qtbot.keyClick(outcome.field, Qt.Key.Key_Escape)
    world.run()
    assert not outcome.is_open
    assert list(world.desk.wrapping_up.open_calls) == [CallId("one")]
    qtbot.keyClick(outcome.field, Qt.Key.Key_Escape)
    world.run()
    assert world.desk.wrapping_up.open_calls == ()


def test_the_button_leaves_it_too(correcting: Interface, world: World) -> None:
    correcting.window.sheet.wrap_up.leave.click()
    world.run()
    assert world.desk.wrapping_up.open_calls == ()


def test_a_wrap_up_that_is_no_correction_cannot_be_left(
    qtbot: QtBot, panel: WrapUpPanel, world: World
) -> None:
    assert not panel.leave.isVisible()
    qtbot.keyClick(panel.notes, Qt.Key.Key_Escape)
    assert isinstance(panel, QWidget)
    assert list(world.desk.wrapping_up.open_calls) == [CallId("one")]
