"""What stands half-typed in the customer's card outlives a killed desk, in a call and in after-call work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from softphone.domain.card_draft import NOTHING_TYPED
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble, Customer, EditableField
from softphone.domain.customer_work import EditState
from softphone.domain.ids import CallId
from softphone.domain.settings import CrmAuth
from softphone.ui.main import Interface
from softphone.ui.parts.label import TextLabel
from softphone.ui.presenters.customer_work import Panel
from tests.fakes.clock import FakeClock
from tests.fakes.world import MARIA, World
from tests.ui.conftest import Build
from tests.ui.test_scene import CLAIMS

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
EDITABLE = replace(
    MARIA, email="old@example.test", editable=(EditableField("email", "E-mail", "old@example.test"),)
)
Next = Callable[[], tuple[World, Interface]]
STRANGER = "+498999999"


def talk(world: World, *known: Customer, user: str = "+493012345678") -> CallId:
    world.crm.know(*known)
    call = world.phone.ring(user=user, headers=CLAIMS)
    world.run()
    world.desk.calling.answer(call)
    answer(world)
    return call


def answer(world: World) -> None:
    """The CRM says what it is and who is calling."""
    abilities = frozenset(CrmAbility)
    world.crm.describe(CrmDescription("crm", "CRM", abilities, CrmAuth.BEARER, required=("name",)))
    world.run()
    world.crm.answer_all()
    world.run()


@pytest.fixture
def next_desk(world: World, build: Build) -> Next:
    """The desk is killed a moment after the last key; another one begins with what is on the disk."""

    def begin() -> tuple[World, Interface]:
        world.clock.advance(0.5)
        world.run()
        after = World(
            world.settings, telephone=world.phone, records=world.store, clock=FakeClock(world.clock.now())
        )
        world.store.restart(after.post)
        after.crm.know(EDITABLE)
        interface = build(after)
        after.phone.start(after.settings.calls, after.settings.audio)
        answer(after)
        return after, interface

    return begin


def press(qtbot: QtBot, interface: Interface, key: Qt.Key) -> None:
    qtbot.keyClick(interface.window.dial.field, key, CONTROL | SHIFT)


def half_typed_customer(qtbot: QtBot, world: World, interface: Interface) -> CallId:
    call = talk(world, user=STRANGER)
    press(qtbot, interface, Qt.Key.Key_N)
    form = interface.window.sheet.customer.form
    qtbot.keyClicks(form.field("name"), "Ida van")
    qtbot.keyClicks(form.field("company"), "Loon")
    return call


def half_typed_change(qtbot: QtBot, world: World, interface: Interface) -> CallId:
    call = talk(world, EDITABLE)
    press(qtbot, interface, Qt.Key.Key_E)
    field = interface.window.sheet.customer.form.field("email")
    field.selectAll()
    qtbot.keyClicks(field, "new@exam")
    return call


def test_a_half_typed_new_customer_is_there_again_in_the_call(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    call = half_typed_customer(qtbot, world, interface)
    after, again = next_desk()
    form = again.window.sheet.customer.form
    assert form.isVisibleTo(again.window)
    assert (form.field("name").text(), form.field("company").text()) == ("Ida van", "Loon")
    qtbot.keyClicks(form.field("name"), " Loon")
    qtbot.keyClick(form.field("name"), Qt.Key.Key_Return)
    answer(after)
    customer = after.desk.recognising.customer(call)
    assert customer is not None
    assert customer.name == "Ida van Loon"
    assert after.desk.wrapping_up.draft(call).card == NOTHING_TYPED


def test_a_half_typed_new_customer_is_there_again_in_after_call_work(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    call = half_typed_customer(qtbot, world, interface)
    world.phone.end(call)
    world.run()
    after, again = next_desk()
    form = again.window.sheet.customer.form
    assert after.desk.wrapping_up.open_calls == (call,)
    assert form.field("name").text() == "Ida van"
    qtbot.keyClick(form.field("name"), Qt.Key.Key_Return)
    answer(after)
    assert after.desk.wrapping_up.draft(call).customer_name == "Ida van"


def test_a_customer_asked_for_before_the_kill_is_asked_for_under_the_same_id(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    half_typed_customer(qtbot, world, interface)
    qtbot.keyClick(interface.window.sheet.customer.form.field("name"), Qt.Key.Key_Return)
    (lost,) = world.crm.created
    after, again = next_desk()
    form = again.window.sheet.customer.form
    assert form.field("name").text() == "Ida van"
    qtbot.keyClick(form.field("name"), Qt.Key.Key_Return)
    (asked,) = after.crm.created
    assert (asked.id, asked.attempts) == (lost.id, 1)


def test_a_half_typed_change_is_there_again(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    half_typed_change(qtbot, world, interface)
    _, again = next_desk()
    form = again.window.sheet.customer.form
    assert form.isVisibleTo(again.window)
    assert form.field("email").text() == "new@exam"


def test_a_form_that_was_given_up_stays_away(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    call = half_typed_change(qtbot, world, interface)
    qtbot.keyClick(interface.window.sheet.customer.form.field("email"), Qt.Key.Key_Escape)
    after, again = next_desk()
    assert not again.window.sheet.customer.form.isVisibleTo(again.window)
    assert after.desk.wrapping_up.draft(call).card == NOTHING_TYPED


def search_for(qtbot: QtBot, world: World, interface: Interface, text: str) -> CallId:
    call = talk(world, EDITABLE)
    press(qtbot, interface, Qt.Key.Key_F)
    qtbot.keyClicks(interface.window.sheet.customer.search.field, text)
    world.clock.advance(1)
    world.run()
    answer(world)
    return call


def test_a_search_is_open_again_with_what_it_finds(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    call = search_for(qtbot, world, interface, "Sch")
    after, again = next_desk()
    search = again.window.sheet.customer.search
    assert again.scene.customers.panel(call) is Panel.SEARCH
    assert search.isVisibleTo(again.window)
    assert search.field.text() == "Sch"
    assert [c.name for c in after.desk.customers.searching.search(call).lookup.matches] == [EDITABLE.name]
    assert len(after.crm.searched) == 1, "it is asked again once"


def test_a_search_is_open_again_in_after_call_work(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    call = search_for(qtbot, world, interface, "Sch")
    world.phone.end(call)
    world.run()
    _, again = next_desk()
    assert again.window.sheet.customer.search.field.text() == "Sch"


def test_a_search_that_was_closed_stays_away(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    call = search_for(qtbot, world, interface, "Sch")
    qtbot.keyClick(interface.window.sheet.customer.search.field, Qt.Key.Key_Escape)
    after, again = next_desk()
    assert again.scene.customers.panel(call) is Panel.NONE
    assert after.desk.wrapping_up.draft(call).card == NOTHING_TYPED
    assert after.crm.searched == []


def test_who_was_taken_from_a_search_leaves_no_search_behind(
    qtbot: QtBot, world: World, interface: Interface, next_desk: Next
) -> None:
    call = search_for(qtbot, world, interface, "Sch")
    interface.window.sheet.customer.search.taken.emit(EDITABLE.id)
    world.run()
    after, again = next_desk()
    assert again.scene.customers.panel(call) is Panel.NONE
    assert after.crm.searched == []


def test_a_saved_outcome_keeps_nothing_half_typed(qtbot: QtBot, world: World, interface: Interface) -> None:
    call = half_typed_customer(qtbot, world, interface)
    world.phone.end(call)
    world.run()
    world.desk.wrapping_up.choose_code(call, "solved")
    world.desk.wrapping_up.save(call)
    world.run()
    assert world.store.rows[call].draft.card == NOTHING_TYPED


@pytest.mark.parametrize(
    ("trouble", "state", "words"),
    [
        (CrmTrouble.REFUSED, EditState.REFUSED, "The CRM refused your change."),
        (CrmTrouble.FORBIDDEN, EditState.REFUSED, "You may not change this record in the CRM."),
        (CrmTrouble.UNREACHABLE, EditState.KEPT, "Your change is saved here; the CRM gets it later."),
    ],
)
def test_how_a_change_stands_is_told_again(
    world: World, next_desk: Next, interface: Interface, trouble: CrmTrouble, state: EditState, words: str
) -> None:
    call = talk(world, EDITABLE)
    world.crm.fail_deliveries(trouble)
    world.desk.customers.editing.save(call, {"email": "taken@example.test"})
    world.run()
    answer(world)
    assert interface.window.isVisible()
    after, again = next_desk()
    if state is EditState.KEPT:
        after.crm.fail_deliveries(trouble)
        after.clock.advance(120)
        after.run()
        answer(after)
    edit = after.desk.customers.editing.edit(call)
    assert (edit.state, edit.fields) == (state, (("email", "taken@example.test"),))
    told = again.window.findChild(TextLabel, "customer_change")
    assert isinstance(told, TextLabel)
    assert told.text().startswith(words)
