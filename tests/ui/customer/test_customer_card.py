"""The customer's card in the real window: choosing, searching, making and correcting by the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble, Customer, EditableField
from softphone.domain.customer_cache import CacheKey, CacheScope, KeptCustomers
from softphone.domain.ids import CallId, CampaignId, CustomerId
from softphone.domain.settings import CrmAuth
from softphone.ui.customer.refused_changes import Decision
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button
from softphone.ui.parts.label import TextLabel
from tests.fakes.world import MARIA, World
from tests.ui.test_scene import CLAIMS

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
EDITABLE = replace(
    MARIA, email="old@example.test", editable=(EditableField("email", "E-mail", "old@example.test"),)
)
BROTHER = Customer(CustomerId("c2"), "Jorge Schäfer", numbers=MARIA.numbers)
JON = Customer(CustomerId("c9"), "Jon Marsh", "Marsh Ltd")


@pytest.fixture
def talk(world: World, interface: Interface) -> Callable[..., CallId]:
    """A call that is talked to, after the CRM has answered."""
    all_of_it = frozenset(CrmAbility)
    world.crm.describe(CrmDescription("crm", "CRM", all_of_it, CrmAuth.BEARER, required=("name",)))

    def ring(*known: Customer, user: str = "+493012345678") -> CallId:
        world.crm.know(*known)
        call = world.phone.ring(user=user, headers=CLAIMS)
        world.run()
        world.desk.calling.answer(call)
        world.crm.answer_all()
        world.run()
        assert interface.window.isVisible()
        return call

    return ring


def press(qtbot: QtBot, interface: Interface, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    """A key pressed somewhere in the window."""
    qtbot.keyClick(interface.window.dial.field, key, modifier)


def shown(interface: Interface, name: str) -> str:
    label = interface.window.findChild(TextLabel, name)
    assert isinstance(label, TextLabel)
    return label.text() if label.isVisible() else ""


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_one_of_several_customers_is_chosen_by_a_key(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    call = talk(MARIA, BROTHER)
    press(qtbot, interface, Qt.Key.Key_2, CONTROL)
    assert world.desk.recognising.customer(call) == BROTHER
    assert world.desk.wrapping_up.draft(call).customer_id == BROTHER.id
    press(qtbot, interface, Qt.Key.Key_1, CONTROL)
    assert world.desk.recognising.customer(call) == MARIA, "a choice can be changed"


def test_a_customer_is_searched_for_and_taken_by_the_keyboard_alone(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    call = talk(JON, user="+498999999")
    press(qtbot, interface, Qt.Key.Key_F, CONTROL | SHIFT)
    field = interface.window.sheet.customer.search.field
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "marsh")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    world.crm.answer_all()
    world.run()
    assert shown(interface, "customer_search_status") == "1 customer found"
    assert world.desk.recognising.customer(call) is None, "nobody is taken before somebody takes them"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert focused().objectName() == "customer_found"
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    assert world.desk.recognising.customer(call) == JON
    assert not interface.window.sheet.customer.search.isVisible()


def test_escape_closes_the_search_and_nothing_is_left_of_it(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    call = talk(user="+498999999")
    press(qtbot, interface, Qt.Key.Key_F, CONTROL | SHIFT)
    field = interface.window.sheet.customer.search.field
    qtbot.keyClicks(field, "marsh")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not interface.window.sheet.customer.search.isVisible()
    assert world.desk.customers.searching.search(call).text == ""


def test_a_new_customer_is_made_from_the_form_with_the_number_filled_in(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    call = talk(user="+498999999")
    press(qtbot, interface, Qt.Key.Key_N, CONTROL | SHIFT)
    form = interface.window.sheet.customer.form
    number = form.field("number")
    assert (number.text(), number.isReadOnly()) == ("+49 89 99999", True)
    qtbot.keyClick(form.field("name"), Qt.Key.Key_Return)
    assert shown(interface, "customer_form_status") == "The CRM needs a name."
    qtbot.keyClicks(form.field("name"), "Ida van Loon")
    qtbot.keyClick(form.field("name"), Qt.Key.Key_Return)
    assert not form.submit.isEnabled(), "being made"
    world.crm.answer_all()
    world.run()
    customer = world.desk.recognising.customer(call)
    assert customer is not None
    assert customer.name == "Ida van Loon"
    assert not form.isVisible()


def test_a_new_customer_that_the_crm_refuses_keeps_what_was_typed(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    talk(user="+498999999")
    press(qtbot, interface, Qt.Key.Key_N, CONTROL | SHIFT)
    form = interface.window.sheet.customer.form
    qtbot.keyClicks(form.field("name"), "Ida")
    world.crm.fail_work(CrmTrouble.REFUSED)
    qtbot.keyClick(form.field("name"), Qt.Key.Key_Return)
    world.crm.answer_all()
    world.run()
    assert form.field("name").text() == "Ida"
    assert shown(interface, "customer_form_status").startswith("The CRM refused the entry.")


def test_a_field_is_corrected_and_the_card_says_how_far_it_has_come(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    talk(EDITABLE)
    press(qtbot, interface, Qt.Key.Key_E, CONTROL | SHIFT)
    field = interface.window.sheet.customer.form.field("email")
    assert field.text() == "old@example.test"
    field.selectAll()
    qtbot.keyClicks(field, "new@example.test")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert shown(interface, "customer_change") == "Your change is being saved …"
    world.run()
    assert shown(interface, "customer_change").startswith("Your change is saved here")
    world.crm.answer_all()
    world.run()
    assert shown(interface, "customer_change") == "Your change is in the CRM."
    assert any(c.text() == "\u2066new@example.test\u2069" for c in interface.window.findChildren(TextLabel))


def test_what_is_typed_in_a_form_waits_while_the_notes_are_used(
    qtbot: QtBot, interface: Interface, talk: Callable[..., CallId]
) -> None:
    talk(EDITABLE)
    press(qtbot, interface, Qt.Key.Key_E, CONTROL | SHIFT)
    form = interface.window.sheet.customer.form
    form.field("email").selectAll()
    qtbot.keyClicks(form.field("email"), "half")
    press(qtbot, interface, Qt.Key.Key_N, CONTROL)
    assert interface.window.sheet.wrap_up.notes.hasFocus()
    assert not form.isVisible()
    press(qtbot, interface, Qt.Key.Key_E, CONTROL | SHIFT)
    assert form.field("email").text() == "half"


def test_cancelling_a_form_changes_nothing(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    talk(EDITABLE)
    press(qtbot, interface, Qt.Key.Key_E, CONTROL | SHIFT)
    form = interface.window.sheet.customer.form
    qtbot.keyClicks(form.field("email"), "x")
    qtbot.keyClick(form.field("email"), Qt.Key.Key_Escape)
    world.run()
    assert not form.isVisible()
    assert world.store.deliveries == []
    press(qtbot, interface, Qt.Key.Key_E, CONTROL | SHIFT)
    assert form.field("email").text() == "old@example.test"


def test_what_one_call_is_being_typed_is_not_shown_for_another(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    talk(JON, user="+498999999")
    press(qtbot, interface, Qt.Key.Key_F, CONTROL | SHIFT)
    qtbot.keyClicks(interface.window.sheet.customer.search.field, "marsh")
    second = world.phone.ring("in-2", user="+498999998", headers=CLAIMS)
    world.run()
    world.desk.calling.answer(second)
    world.crm.answer_all()
    world.run()
    assert interface.scene.on_sheet() == second
    assert not interface.window.sheet.customer.search.isVisible()
    press(qtbot, interface, Qt.Key.Key_F, CONTROL | SHIFT)
    assert interface.window.sheet.customer.search.field.text() == ""


def test_a_kept_card_says_how_old_it_is_until_the_crm_has_answered(
    interface: Interface, world: World
) -> None:
    scope = CacheScope(CampaignId("insurer"), "crm", "https://crm.test")
    kept = KeptCustomers((MARIA,), world.clock.now() - timedelta(hours=3))
    world.customers.kept[CacheKey(scope, "+493012345678")] = kept
    world.crm.know(MARIA)
    world.phone.ring(user="+493012345678", headers=CLAIMS)
    world.run()
    assert shown(interface, "customer_age") == "As of 3 hours ago; the CRM is being asked …"
    world.crm.answer_all()
    world.run()
    assert shown(interface, "customer_age") == ""


def test_a_fact_is_copied_with_its_button(
    qtbot: QtBot, interface: Interface, talk: Callable[..., CallId]
) -> None:
    talk(MARIA)
    copy = next(b for b in interface.window.findChildren(Button) if b.accessibleName() == "Copy Phone")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "+49 30 12345678"


def test_refused_changes_are_sent_again_or_given_up_by_the_agents_word(
    interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    call = talk(EDITABLE)
    world.crm.fail_deliveries(CrmTrouble.REFUSED)
    world.desk.customers.editing.save(call, {"email": "bad"})
    world.run()
    world.crm.answer_all()
    world.run()
    assert any("refused 1 change" in text for text in interface.window.notices.texts)
    interface.intents.customers.settle(Decision.LATER)
    assert len(world.desk.customers.editing.refused) == 1
    interface.intents.customers.settle(Decision.DISCARD)
    world.run()
    assert not any("refused" in text for text in interface.window.notices.texts)


def test_a_lost_sign_in_is_renewed_on_the_settings_page(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    talk(MARIA)
    world.crm.refuse_credentials("crm")
    world.run()
    assert any("asks you to sign in again" in text for text in interface.window.notices.texts)
    interface.open_settings("crm")
    dialog = interface.settings_window
    assert dialog is not None
    secret = dialog.findChild(QLineEdit, "crm_secret")
    assert isinstance(secret, QLineEdit)
    assert secret.echoMode() is QLineEdit.EchoMode.Password
    qtbot.keyClicks(secret, "n3w")
    qtbot.keyClick(secret, Qt.Key.Key_Return)
    assert world.secrets["crm/crm"] == "n3w"
    assert world.crm.signing_in == ["crm"]
    assert secret.text() == ""


def test_the_age_of_a_kept_card_grows_while_the_crm_is_down(interface: Interface, world: World) -> None:
    scope = CacheScope(CampaignId("insurer"), "crm", "https://crm.test")
    kept = KeptCustomers((MARIA,), world.clock.now() - timedelta(minutes=5))
    world.customers.kept[CacheKey(scope, "+493012345678")] = kept
    world.crm.fail_finds(CrmTrouble.UNREACHABLE)
    world.phone.ring(user="+493012345678", headers=CLAIMS)
    world.run()
    world.crm.answer_all()
    world.run()
    assert shown(interface, "customer_age") == "As of 5 minutes ago. The CRM cannot be reached."
    world.clock.advance(180)
    interface.rendering.tick()
    assert shown(interface, "customer_age") == "As of 8 minutes ago. The CRM cannot be reached."


def test_somebody_else_on_a_known_customers_phone_is_made_from_the_search(
    qtbot: QtBot, interface: Interface, world: World, talk: Callable[..., CallId]
) -> None:
    call = talk(MARIA)
    press(qtbot, interface, Qt.Key.Key_F, CONTROL | SHIFT)
    search = interface.window.sheet.customer.search
    qtbot.keyClicks(search.field, "tenant")
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    world.crm.answer_all()
    world.run()
    assert shown(interface, "customer_search_status") == "Nobody found."
    qtbot.mouseClick(search.new, Qt.MouseButton.LeftButton)
    form = interface.window.sheet.customer.form
    form.field("name").selectAll()
    qtbot.keyClicks(form.field("name"), "New Tenant")
    qtbot.keyClick(form.field("name"), Qt.Key.Key_Return)
    world.crm.answer_all()
    world.run()
    customer = world.desk.recognising.customer(call)
    assert customer is not None
    assert customer.name == "New Tenant"
    assert world.desk.wrapping_up.draft(call).customer_id == customer.id
