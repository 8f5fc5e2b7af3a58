"""The dial field of the window: typed into, pasted into, offered a link."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from softphone.ui.main import Interface
from tests.fakes.world import World


def test_the_dial_field_formats_while_typing_and_keeps_the_cursor(qtbot: QtBot, interface: Interface) -> None:
    field = interface.window.dial.field
    qtbot.keyClicks(field, "+493012345678")
    assert field.text() == "+49 30 12345678"
    field.setCursorPosition(3)
    qtbot.keyClicks(field, "1")
    assert field.text().replace(" ", "") == "+4913012345678"
    assert field.text()[: field.cursorPosition()].replace(" ", "") == "+491"


@pytest.mark.parametrize("pasted", ["tel:+49-30-12345678", "+49 (0)30 / 1234 5678", "0049 30 12345678"])
def test_a_pasted_number_is_dialled_whatever_its_decoration(
    qtbot: QtBot, interface: Interface, world: World, pasted: str
) -> None:
    QGuiApplication.clipboard().setText(pasted)
    interface.window.dial.field.paste()
    qtbot.keyClick(interface.window.dial.field, Qt.Key.Key_Return)
    assert world.phone.sent("place_call")[0][1] == "+493012345678"
    assert interface.window.dial.field.text() == ""


def test_what_cannot_be_dialled_is_told_and_stays_in_the_field(qtbot: QtBot, interface: Interface) -> None:
    qtbot.keyClicks(interface.window.dial.field, "nonsense!")
    qtbot.keyClick(interface.window.dial.field, Qt.Key.Key_Return)
    assert interface.scene.messages[0][1] == "This is neither a telephone number nor a SIP address."
    assert interface.window.dial.field.text() == "nonsense!"


def test_a_link_of_a_web_page_is_offered_but_not_dialled(interface: Interface, world: World) -> None:
    interface.offer_to_dial("tel:+493012345678")
    assert interface.window.dial.field.text() == "+493012345678"
    assert world.phone.sent("place_call") == []
