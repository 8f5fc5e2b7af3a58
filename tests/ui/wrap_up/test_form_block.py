"""The questions of a campaign in the window: typed, chosen, and kept while somebody types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.form import FieldRow
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.look import Look
from softphone.ui.wrap_up.form_block import FormBlock

ROWS = (
    FieldRow("name", "Name *", ""),
    FieldRow("mark", "Mark", "", choices=(("1", "1"), ("2", "2"))),
    FieldRow("day", "Day", "2026-03-02", is_date=True),
)


@pytest.fixture
def block(qapp: QApplication, qtbot: QtBot, wording: Wording) -> Iterator[FormBlock]:
    look = Look(qapp)
    made = FormBlock(Kit(look, wording))
    qtbot.addWidget(made)
    made.show_rows(ROWS, enabled=True, other_call=True)
    made.show()
    yield made
    look.deleteLater()


def test_what_is_typed_and_chosen_is_told_with_its_field(qtbot: QtBot, block: FormBlock) -> None:
    heard: list[tuple[str, str]] = []
    block.answered.connect(lambda name, value: heard.append((name, value)))
    qtbot.keyClicks(block.editor("name"), "Jo")
    mark = block.editor("mark")
    assert isinstance(mark, Choice)
    qtbot.keyClick(mark, Qt.Key.Key_Down)
    qtbot.keyClick(mark, Qt.Key.Key_Down)
    assert heard == [("name", "J"), ("name", "Jo"), ("mark", "1"), ("mark", "2")]


def test_a_day_is_shown_and_read_as_people_here_write_it(qtbot: QtBot, block: FormBlock) -> None:
    day = block.editor("day")
    assert isinstance(day, QLineEdit)
    shown = day.text()
    assert shown
    assert shown != "2026-03-02"
    heard: list[str] = []
    block.answered.connect(lambda _name, value: heard.append(value))
    day.selectAll()
    qtbot.keyClicks(day, shown)
    assert heard[-1] == "2026-03-02"


def test_another_calls_answers_take_the_place_of_these(block: FormBlock) -> None:
    name = block.editor("name")
    assert isinstance(name, QLineEdit)
    name.setFocus()
    name.setText("half")
    block.show_rows(ROWS, enabled=True, other_call=True)
    assert name.text() == ""


def test_without_questions_the_form_takes_no_room(block: FormBlock) -> None:
    block.show_rows((), enabled=True, other_call=False)
    assert not block.isVisible()
