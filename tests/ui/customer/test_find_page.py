"""Looking a customer up without a call, in the real window and by the keyboard alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import Customer
from softphone.domain.ids import CustomerId
from softphone.domain.settings import CrmConnection
from softphone.ui.main import Interface
from softphone.ui.main_window import Tab
from softphone.ui.parts.button import Button
from softphone.ui.theme.tokens import Size
from tests.fakes.world import INSURER, MARIA, ORDERS, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build
from tests.ui.test_scene import CLAIMS

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
JON = Customer(CustomerId("c9"), "Jon Marsh", "Marsh Ltd", ("+49 30 5550101",), url="https://crm.test/c9")
OTHERS = replace(ORDERS, crm="second")
SECOND = CrmConnection("second", "rest", "https://second.test")


def know(world: World) -> None:
    for crm in world.settings.crms:
        world.crm.describe(CrmDescription(crm.name, "CRM", frozenset(CrmAbility)))
    world.crm.know(MARIA, JON)
    world.run()


@pytest.fixture
def one(interface: Interface, world: World) -> Interface:
    know(world)
    return interface


@pytest.fixture
def two_worlds() -> World:
    return World(
        replace(SETTINGS, window=ENGLISH, campaigns=(INSURER, OTHERS), crms=(*SETTINGS.crms, SECOND))
    )


@pytest.fixture
def two(build: Build, two_worlds: World) -> Interface:
    made = build(two_worlds)
    know(two_worlds)
    return made


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def seek(qtbot: QtBot, interface: Interface) -> None:
    qtbot.keyClick(interface.window.dial.field, Qt.Key.Key_F, CONTROL | SHIFT)


def find_jon(qtbot: QtBot, interface: Interface, world: World) -> None:
    seek(qtbot, interface)
    qtbot.keyClicks(focused(), "marsh")
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    world.crm.answer_all()
    world.run()


def test_a_customer_is_found_opened_and_called_by_the_keyboard_alone(
    qtbot: QtBot, one: Interface, world: World
) -> None:
    find_jon(qtbot, one, world)
    page = one.window.find_page
    assert page.isVisible()
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    assert focused().accessibleName().startswith("Jon Marsh")
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    assert page.card.isVisible()
    assert page.card.accessibleName().startswith("Jon Marsh")
    assert focused() is page.back
    qtbot.keyClick(focused(), Qt.Key.Key_R, CONTROL)
    assert world.links == [JON.url]
    call = page.card.findChild(Button, "call_customer")
    assert isinstance(call, Button)
    for _ in range(12):
        if focused() is call:
            break
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    assert focused() is call
    qtbot.keyClick(call, Qt.Key.Key_Space)
    (placed,) = world.desk.calling.calls
    assert world.desk.recognising.customer(placed.id) == JON
    assert one.window.sheet.isVisible()


def test_escape_leads_back_step_by_step(qtbot: QtBot, one: Interface, world: World) -> None:
    find_jon(qtbot, one, world)
    page = one.window.find_page
    world.desk.customers.finding.open(JON.id)
    assert page.card.isVisible()
    qtbot.keyClick(page.back, Qt.Key.Key_Escape)
    assert not page.card.isVisible()
    assert page.search.field.hasFocus()
    assert page.search.field.text() == "marsh"
    qtbot.keyClick(page.search.field, Qt.Key.Key_Escape)
    assert page.search.field.text() == ""
    qtbot.keyClick(page.search.field, Qt.Key.Key_Escape)
    assert one.window.dial.field.hasFocus()


def test_a_number_of_the_card_is_copied(qtbot: QtBot, one: Interface, world: World) -> None:
    find_jon(qtbot, one, world)
    world.desk.customers.finding.open(JON.id)
    card = one.window.find_page.card
    copy = next(b for b in card.findChildren(Button) if b.accessibleName() == "Copy Phone")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == JON.numbers[0]


def test_nobody_who_asked_not_to_be_called_has_a_call_button(one: Interface, world: World) -> None:
    quiet = replace(JON, do_not_call=True)
    world.crm.forget_all()
    world.crm.know(quiet)
    world.desk.customers.finding.type("marsh", at_once=True)
    world.crm.answer_all()
    world.run()
    world.desk.customers.finding.open(quiet.id)
    assert one.window.find_page.card.findChild(Button, "call_customer") is None


def test_with_several_companies_the_company_comes_first(
    qtbot: QtBot, two: Interface, two_worlds: World
) -> None:
    seek(qtbot, two)
    page = two.window.find_page
    assert page.company.isVisible()
    assert page.company.currentIndex() == -1
    assert not page.search.field.isEnabled()
    assert focused() is page.company
    qtbot.keyClick(page.company, Qt.Key.Key_Down)
    qtbot.keyClick(page.company, Qt.Key.Key_Down)
    assert two_worlds.desk.customers.finding.finding.campaign_id is not None
    assert page.search.field.isEnabled()


def test_changing_the_company_empties_the_box(qtbot: QtBot, two: Interface, two_worlds: World) -> None:
    finding = two_worlds.desk.customers.finding
    finding.choose_company(INSURER.id)
    find_jon(qtbot, two, two_worlds)
    finding.choose_company(OTHERS.id)
    page = two.window.find_page
    assert page.search.field.text() == ""
    assert page.company.currentText() == OTHERS.name


def test_a_call_takes_the_place_and_gives_it_back(qtbot: QtBot, one: Interface, world: World) -> None:
    find_jon(qtbot, one, world)
    call = world.phone.ring(user="+493012345678", headers=CLAIMS)
    world.run()
    assert one.window.sheet.isVisible()
    assert not one.window.find_page.isVisible()
    seek(qtbot, one)
    assert not one.window.find_page.isVisible(), "in a call the card's own search opens"
    world.phone.end(call)
    world.run()
    assert one.window.find_page.isVisible()
    assert one.window.find_page.search.field.text() == "marsh"


def test_the_wide_window_has_it_beside_the_telephone(one: Interface) -> None:
    one.window.resize(Size.WIDE_FROM + 200, Size.WINDOW_HEIGHT)
    assert one.window.find_page.isVisible()


def test_without_a_crm_there_is_no_page_for_it(qtbot: QtBot, interface: Interface, world: World) -> None:
    assert not interface.window.tabs.buttons[Tab.FIND].isVisible()
    seek(qtbot, interface)
    assert not interface.window.find_page.isVisible()
