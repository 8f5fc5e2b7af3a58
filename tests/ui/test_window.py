"""The real widgets of the real window, on a desk of fakes."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallState, EndCause
from softphone.domain.customer import Customer, Lookup
from softphone.domain.events import EngineLost
from softphone.domain.ids import CallId, CustomerId
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button
from softphone.ui.theme.tokens import Size
from tests.fakes.world import MARIA, World
from tests.ui.conftest import Build
from tests.ui.test_scene import CLAIMS, ORDERS, talk

W = TypeVar("W", bound=QWidget)


def find(interface: Interface, kind: type[W], name: str) -> W:
    """The visible widget of that name."""
    found = [w for w in interface.window.findChildren(kind, name) if w.isVisible()]
    assert found, f"no visible {name}"
    return found[0]


def click(qtbot: QtBot, interface: Interface, name: str) -> None:
    """A person's click: when the button is there, and after the moment in which it is inert."""
    qtbot.waitUntil(lambda: any(b.isVisible() for b in interface.window.findChildren(Button, name)))
    button = find(interface, Button, name)
    qtbot.waitUntil(lambda: not button.inert)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_call_is_answered_noted_ended_and_wrapped_up_with_the_mouse_and_the_keyboard(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    world.crm.know(MARIA)
    call = world.phone.ring(user="+493012345678", headers=CLAIMS)
    world.run()
    world.crm.answer_all()
    world.run()
    assert interface.window.sheet.customer.accessibleName().startswith("María Schäfer")
    click(qtbot, interface, "answer")
    world.run()
    qtbot.keyClicks(find(interface, QPlainTextEdit, "notes"), "wants a callback")
    click(qtbot, interface, "hang_up")
    world.run()
    outcome = find(interface, QLineEdit, "outcome")
    outcome.setFocus()
    qtbot.keyClicks(outcome, "sol")
    qtbot.keyClick(outcome, Qt.Key.Key_Return)
    qtbot.keyClick(outcome, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    world.run()
    draft = world.desk.wrapping_up.draft(call)
    assert (draft.code, draft.notes) == ("solved", "wants a callback")
    assert world.desk.wrapping_up.state(call).saved
    assert interface.window.sheet.wrap_up.status.text() == "Saved"


def test_the_buttons_of_a_new_call_do_nothing_for_a_moment(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    world.phone.ring(headers=CLAIMS)
    world.run()
    for name in ("answer", "decline", "busy", "ignore"):
        button = find(interface, Button, name)
        button.guard(10_000)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Return)
        qtbot.keyClick(button, Qt.Key.Key_Space)
    world.run()
    assert [c[0] for c in world.phone.commands if c[0] in ("answer", "reject", "silence_ringer")] == []


def test_a_double_click_on_answer_does_not_touch_the_call(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    call = world.phone.ring(headers=CLAIMS)
    world.run()
    answer = find(interface, Button, "answer")
    where = answer.mapTo(interface.window, QPoint(answer.width() // 2, answer.height() // 2))
    click(qtbot, interface, "answer")
    world.run()
    under = interface.window.childAt(where)
    assert under is not None
    qtbot.mouseClick(under, Qt.MouseButton.LeftButton)
    world.run()
    state = world.desk.calling.call(call)
    assert state is not None
    assert (state.state, state.muted, state.local_hold) == (CallState.ESTABLISHED, False, False)


def test_typing_goes_on_when_it_rings_and_enter_does_not_answer(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    go_ready = find(interface, Button, "go_ready")
    go_ready.setFocus()
    call = world.phone.ring(headers=CLAIMS)
    world.run()
    focused = QApplication.focusWidget() or interface.window
    qtbot.waitUntil(lambda: not find(interface, Button, "answer").inert)
    qtbot.keyClick(focused, Qt.Key.Key_Return)
    qtbot.keyClick(focused, Qt.Key.Key_Space)
    world.run()
    state = world.desk.calling.call(call)
    assert state is not None
    assert state.state is CallState.INCOMING


def test_nothing_moves_when_it_rings(interface: Interface, world: World) -> None:
    window = interface.window
    places = [window.agent, window.dial, window.stage, window.tabs]
    before = [w.geometry() for w in places]
    world.phone.ring(headers=CLAIMS)
    world.run()
    assert [w.geometry() for w in places] == before


def test_nothing_moves_when_it_rings_a_second_time(qtbot: QtBot, interface: Interface, world: World) -> None:
    talk(world)
    window = interface.window
    places = [window.stage, window.tabs, window.sheet.wrap_up, window.sheet.wrap_up.notes]
    qtbot.waitUntil(window.sheet.wrap_up.notes.isVisible)
    before = [(w.mapTo(window, QPoint(0, 0)), w.size()) for w in places]
    world.phone.ring("in-2", headers=ORDERS)
    world.run()
    assert window.second_rings.isVisible()
    assert [(w.mapTo(window, QPoint(0, 0)), w.size()) for w in places] == before


def test_the_keyboard_alone_answers_mutes_holds_and_hangs_up(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    call = world.phone.ring(headers=CLAIMS)
    world.run()
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.waitUntil(lambda: not find(interface, Button, "answer").inert)
    field = interface.window.dial.field
    qtbot.keyClick(field, Qt.Key.Key_A, control | shift)
    world.run()
    qtbot.keyClick(field, Qt.Key.Key_M, control)
    qtbot.keyClick(field, Qt.Key.Key_H, control)
    world.run()
    state = world.desk.calling.call(call)
    assert state is not None
    assert (state.muted, state.local_hold) == (True, True)
    qtbot.keyClick(field, Qt.Key.Key_H, control | shift)
    world.run()
    assert world.desk.wrapping_up.open_calls == (call,)


def test_the_state_menu_queues_a_break_during_a_call(interface: Interface, world: World) -> None:
    talk(world)
    interface.window.agent.chosen.emit("lunch")
    status = world.desk.being_available.status
    assert (status.state, status.chosen, status.reason) == (AgentState.ON_CALL, AgentState.NOT_READY, "lunch")
    assert "then: Lunch" in interface.window.agent.state.accessibleName()


def test_the_agent_chooses_among_several_customers(qtbot: QtBot, interface: Interface, world: World) -> None:
    other = Customer(CustomerId("c2"), "Mario Rossi", "Garage", url="https://crm.test/c2")
    call = world.phone.ring(headers=CLAIMS)
    world.run()
    world.crm.answer_with(world.crm.asked[-1].id, Lookup.found((MARIA, other)))
    world.run()
    choices = interface.window.findChildren(QPushButton, "customer_choice")
    assert [b.accessibleName().split(", ")[0] for b in choices] == ["María Schäfer", "Mario Rossi"]
    qtbot.mouseClick(choices[1], Qt.MouseButton.LeftButton)
    assert world.desk.recognising.customer(call) == other
    click(qtbot, interface, "open_record")
    assert world.links == ["https://crm.test/c2"]


def test_what_a_caller_sends_is_shown_as_plain_text(interface: Interface, world: World) -> None:
    world.phone.ring(headers=CLAIMS)
    world.run()
    evil = Customer(CustomerId("x"), "<b>Bold</b><img src=x>", fields=(("<i>a</i>", "<script>1</script>"),))
    world.crm.answer_with(world.crm.asked[-1].id, Lookup.found((evil,)))
    world.run()
    labels = [w for w in interface.window.findChildren(QLabel) if "<" in w.text()]
    assert labels
    assert {w.textFormat() for w in labels} == {Qt.TextFormat.PlainText}


def test_blind_and_attended_transfer_from_the_drawer(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    first = talk(world)
    click(qtbot, interface, "transfer")
    target = find(interface, QLineEdit, "transfer_target")
    qtbot.keyClicks(target, "7002")
    click(qtbot, interface, "transfer_consult")
    world.run()
    consultation = CallId(str(world.phone.sent("place_call")[0][0]))
    world.phone.establish(consultation)
    world.run()
    click(qtbot, interface, "transfer")
    click(qtbot, interface, "transfer_connect")
    world.run()
    assert world.phone.sent("transfer_to_call") == [(first, consultation)]


def test_the_keypad_sends_tones_from_the_keyboard_too(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    call = talk(world)
    click(qtbot, interface, "keypad")
    drawer = interface.window.keypad
    qtbot.keyClicks(drawer, "42#")
    assert [c[1] for c in world.phone.sent("send_dtmf")] == ["4", "2", "#"]
    assert {c[0] for c in world.phone.sent("send_dtmf")} == {call}
    qtbot.keyClick(drawer, Qt.Key.Key_Escape)
    assert not drawer.isVisible()


def test_a_held_call_is_taken_back_by_a_click_on_its_row(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    first, second = talk(world), talk(world, "in-2")
    click(qtbot, interface, "line")
    world.run()
    assert world.phone.sent("resume") == [(first,)]
    assert interface.scene.on_stage() == first
    assert second in interface.scene.aside()


def test_the_second_call_can_be_answered_from_its_row(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    talk(world)
    second = world.phone.ring("in-2", headers=ORDERS)
    world.run()
    ring = interface.window.second_rings._rings[second]
    qtbot.waitUntil(lambda: not ring.answer.inert)
    qtbot.mouseClick(ring.answer, Qt.MouseButton.LeftButton)
    world.run()
    assert interface.scene.on_stage() == second


def test_wide_shows_card_and_notes_side_by_side_and_narrow_fits_beside_a_crm(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    talk(world)
    window = interface.window
    window.resize(1_200, 800)
    qtbot.waitUntil(lambda: window.wide)
    card, notes = window.sheet.customer, window.sheet.wrap_up
    assert card.mapTo(window, QPoint(0, 0)).y() == notes.mapTo(window, QPoint(0, 0)).y()
    assert card.mapTo(window, QPoint(0, 0)).x() < notes.mapTo(window, QPoint(0, 0)).x()
    window.resize(Size.PHONE_WIDTH, 900)
    qtbot.waitUntil(lambda: not window.wide)
    assert window.width() == Size.PHONE_WIDTH
    assert card.mapTo(window, QPoint(0, 0)).y() < notes.mapTo(window, QPoint(0, 0)).y()


def test_a_low_window_shows_customer_and_notes_one_at_a_time(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    talk(world)
    window = interface.window
    window.resize(Size.PHONE_WIDTH, 700)
    qtbot.waitUntil(lambda: window.sheet.customer.isVisible() and not window.sheet.wrap_up.isVisible())
    click(qtbot, interface, "tab_notes")
    assert window.sheet.wrap_up.isVisible()
    assert window.sheet.wrap_up.status.visibleRegion().boundingRect().height() > 0


def test_saving_stays_in_sight_where_the_questions_have_to_scroll(
    qtbot: QtBot, interface: Interface, world: World
) -> None:
    call = talk(world)
    window = interface.window
    panel = window.sheet.wrap_up
    world.phone.end(call)
    world.run()
    window.resize(Size.PHONE_WIDTH, window.minimumSizeHint().height())
    click(qtbot, interface, "tab_notes")
    panel.notes.setFixedHeight(3 * window.height())
    qtbot.waitUntil(lambda: panel.notes.visibleRegion().boundingRect().height() < panel.notes.height())
    assert panel.save.visibleRegion().boundingRect().height() == panel.save.height()


def test_a_lost_engine_and_its_lost_call_are_told(interface: Interface, world: World) -> None:
    call = talk(world)
    interface.window.sheet.wrap_up.notes.setPlainText("half a note")
    world.post(EngineLost("killed"))
    world.run()
    names = [w.accessibleName() for w in interface.window.notices.findChildren(QWidget)]
    assert any("is being restarted" in name for name in names)
    state = world.desk.calling.call(call)
    assert state is not None
    assert state.end_cause is EndCause.ENGINE_LOST
    assert world.desk.wrapping_up.draft(call).notes == "half a note"


def test_escape_leaves_the_outcome_as_it_was(qtbot: QtBot, interface: Interface, world: World) -> None:
    call = talk(world)
    outcome = find(interface, QLineEdit, "outcome")
    outcome.setFocus()
    qtbot.keyClicks(outcome, "comp")
    qtbot.keyClick(outcome, Qt.Key.Key_Escape)
    assert outcome.text() == ""
    assert world.desk.wrapping_up.draft(call).code == ""


def test_arrows_skip_folders_in_the_outcome_list(qtbot: QtBot, interface: Interface, world: World) -> None:
    call = talk(world)
    outcome = find(interface, QLineEdit, "outcome")
    outcome.setFocus()
    qtbot.keyClick(outcome, Qt.Key.Key_Down)
    qtbot.keyClick(outcome, Qt.Key.Key_Return)
    assert world.desk.wrapping_up.draft(call).code == "callback"


class StrangeWindows(QObject):
    """Notes every window that appears beside the main window."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


def test_no_part_of_the_window_flashes_up_as_a_window_of_its_own(
    qtbot: QtBot, qapp: QApplication, build: Build, world: World
) -> None:
    watcher = StrangeWindows()
    qapp.installEventFilter(watcher)
    interface = build(world)
    first = talk(world)
    world.crm.know(MARIA)
    world.crm.answer_all()
    second = world.phone.ring("in-2", headers=ORDERS)
    world.run()
    interface.scene.say("a message")
    world.desk.calling.answer(second)
    world.run()
    interface.window.stage.talking.transfer_wanted.emit(second)
    world.phone.end(first)
    world.run()
    qtbot.wait(50)
    qapp.removeEventFilter(watcher)
    assert set(watcher.seen) == {"MainWindow"}
