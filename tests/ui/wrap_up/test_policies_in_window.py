"""After-call work policies, outcomes and what they ask, as the agent meets them in the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from softphone.domain.agent_state import AgentState
from softphone.domain.campaign import AcwPolicy, Campaign, CodeAction, Disposition
from softphone.domain.form import FormField
from softphone.domain.ids import CallId
from softphone.ui.main import Interface
from softphone.ui.main_window import Tab
from tests.fakes.world import INSURER, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

CLAIMS = (("X-Queue", "claims"),)


def world_with(campaign: Campaign) -> World:
    return World(replace(SETTINGS, campaigns=(campaign,), window=ENGLISH))


def ring(world: World, name: str = "one") -> CallId:
    call_id = world.phone.ring(name, headers=CLAIMS)
    world.run()
    return call_id


def talk(world: World, name: str = "one") -> CallId:
    call_id = ring(world, name)
    world.desk.calling.answer(call_id)
    world.run()
    return call_id


def hang_up(world: World, call_id: CallId) -> None:
    world.phone.end(call_id)
    world.run()


def state(world: World) -> AgentState:
    return world.desk.being_available.status.state


def answers_of(world: World) -> Sequence[tuple[str, str]]:
    return world.store.deliveries[0].log.answers


# --- policies ---


def test_on_request_there_is_no_after_call_work_unless_it_was_ticked(build: Build) -> None:
    world = world_with(replace(INSURER, acw=AcwPolicy.ON_REQUEST, code_required=False))
    interface = build(world)
    world.desk.being_available.choose_ready()
    panel = interface.window.sheet.wrap_up
    call_id = talk(world)
    assert panel.work.isVisible()
    hang_up(world, call_id)
    assert state(world) is AgentState.READY
    call_id = talk(world, "two")
    tick(panel.work)
    world.run()
    assert panel.work.isChecked()
    hang_up(world, call_id)
    assert state(world) is AgentState.AFTER_CALL_WORK
    assert panel.isVisible()
    assert not panel.work.isVisible()  # it is too late to ask for it
    panel.save.click()
    world.run()
    assert state(world) is AgentState.READY


def tick(box: QCheckBox) -> None:
    box.click()


def test_a_fixed_time_cannot_be_left_early_nor_extended(build: Build) -> None:
    world = world_with(replace(INSURER, acw=AcwPolicy.TIMED_FIXED, acw_limit_s=60))
    interface = build(world)
    world.desk.being_available.choose_ready()
    panel = interface.window.sheet.wrap_up
    call_id = talk(world)
    hang_up(world, call_id)
    assert panel._timer.text() == "1:00"
    assert not panel._more_time.isVisible()
    world.desk.wrapping_up.choose_code(call_id, "solved")
    panel.save.click()
    world.run()
    assert panel.status.text() == "Saved"
    assert state(world) is AgentState.AFTER_CALL_WORK
    world.clock.advance(61)
    world.run()
    assert state(world) is AgentState.READY


def test_a_limit_is_extended_by_a_minute_and_ends_with_the_default_code(build: Build) -> None:
    campaign = replace(INSURER, acw=AcwPolicy.TIMED, acw_limit_s=30, default_code="solved")
    world = world_with(campaign)
    interface = build(world)
    panel = interface.window.sheet.wrap_up
    call_id = talk(world)
    hang_up(world, call_id)
    panel._more_time.click()
    world.run()
    assert panel._timer.text() == "1:30"
    world.clock.advance(31)
    world.run()
    assert world.desk.wrapping_up.open_calls == (call_id,)
    world.clock.advance(60)
    world.run()
    (delivery,) = world.store.deliveries
    assert delivery.log.disposition == "solved"
    assert world.store.rows[call_id].wrap_up is not None
    assert world.store.rows[call_id].wrap_up.automatic  # type: ignore[union-attr]  # seen above


def test_the_next_call_waits_for_the_outcome_and_is_answered_after_it(build: Build) -> None:
    world = world_with(replace(INSURER, code_before_next_call=True))
    interface = build(world)
    first = talk(world)
    second = ring(world, "two")
    hang_up(world, first)
    card = interface.window.stage.ringing
    assert card.isVisible()
    card.answered.emit(second)
    world.run()
    assert world.phone.sent("answer") == [("one",)]
    assert "First complete the outcome" in interface.scene.messages[-1][1]
    world.desk.wrapping_up.choose_code(first, "solved")  # complete is enough; saving can wait for the call
    world.run()
    card.answered.emit(second)
    world.run()
    assert world.phone.sent("answer") == [("one",), ("two",)]


# --- outcomes ---


def test_an_outcome_is_searched_and_chosen_with_the_keyboard_alone(qtbot: QtBot, build: Build) -> None:
    world = world_with(INSURER)
    interface = build(world)
    call_id = talk(world)
    hang_up(world, call_id)
    outcome = interface.window.sheet.wrap_up.outcome
    qtbot.keyClicks(outcome.field, "compl")
    assert [outcome._model.item(i).text() for i in range(outcome._model.rowCount())] == [
        "Follow-up › Complaint · with note"
    ]
    qtbot.keyClick(outcome.field, Qt.Key.Key_Return)
    world.run()
    assert world.desk.wrapping_up.draft(call_id).code == "complaint"
    panel = interface.window.sheet.wrap_up
    assert panel.status.text() == "This outcome needs a note."
    qtbot.keyClicks(panel.notes, "angry")
    qtbot.keyClick(panel.notes, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    panel.save.click()
    world.run()
    assert world.store.deliveries[0].log.notes.startswith("angry")


def test_the_most_used_outcomes_come_first(build: Build) -> None:
    world = world_with(INSURER)
    interface = build(world)
    for number in range(2):
        call_id = talk(world, f"c{number}")
        hang_up(world, call_id)
        world.desk.wrapping_up.choose_code(call_id, "complaint")
        world.desk.wrapping_up.type_notes(call_id, "again")
        assert world.desk.wrapping_up.save(call_id)
        world.run()
    hang_up(world, talk(world, "last"))
    outcome = interface.window.sheet.wrap_up.outcome
    outcome.open_list()
    assert outcome._model.item(0).text().startswith("★ Follow-up › Complaint")


def test_a_required_callback_is_asked_for_and_planned(build: Build) -> None:
    world = world_with(INSURER)
    interface = build(world)
    call_id = talk(world)
    hang_up(world, call_id)
    panel = interface.window.sheet.wrap_up
    world.desk.wrapping_up.choose_code(call_id, "callback")
    world.run()
    assert panel.status.text() == "This outcome needs a time to call back."
    panel.callback.planned.emit(world.clock.now() + timedelta(hours=2), "+4930777")
    world.run()
    panel.save.click()
    world.run()
    (promise,) = world.desk.calling_back.promised
    assert promise.number == "+4930777"


def test_each_key_of_another_number_to_call_back_is_kept_at_once(qtbot: QtBot, build: Build) -> None:
    world = world_with(INSURER)
    interface = build(world)
    call_id = talk(world)
    hang_up(world, call_id)
    work, row = world.desk.wrapping_up, interface.window.sheet.wrap_up.callback
    work.plan_callback(call_id, world.clock.now() + timedelta(hours=2))
    work.choose_code(call_id, "callback")
    world.run()
    row.number.setFocus()
    for typed in ("+49", "+49307", "+4930777"):
        qtbot.keyClicks(row.number, typed.removeprefix(row.number.text()))
        assert work.draft(call_id).callback_number == typed
    interface.window.sheet.wrap_up.save.click()  # by its key, the field keeps the focus
    world.run()
    (promise,) = world.desk.calling_back.promised
    assert promise.number == "+4930777"


def test_the_callback_of_one_call_is_not_taken_for_that_of_another(qtbot: QtBot, build: Build) -> None:
    world = world_with(INSURER)
    interface = build(world)
    first = talk(world, "one")
    hang_up(world, first)
    second = talk(world, "two")
    hang_up(world, second)
    work, row = world.desk.wrapping_up, interface.window.sheet.wrap_up.callback
    tomorrow = world.clock.now() + timedelta(days=1)
    work.plan_callback(first, tomorrow, "+4930111")
    work.plan_callback(second, tomorrow + timedelta(hours=3), "")
    interface.scene.select(first)
    world.run()
    interface.window.activateWindow()
    row.number.setFocus()
    qtbot.waitUntil(row.number.hasFocus)
    assert row.number.text() == "+4930111"
    interface.scene.select(second)
    world.run()
    assert row.number.text() == ""
    assert row.moment.dateTime().toSecsSinceEpoch() == int((tomorrow + timedelta(hours=3)).timestamp())


def test_what_the_chosen_outcomes_set_off_is_said_and_sent(build: Build) -> None:
    stop = Disposition("stop", "Wants no calls", actions=(CodeAction.DO_NOT_CALL, CodeAction.CLOSE_CASE))
    boss = Disposition("boss", "To the lead", actions=(CodeAction.ESCALATE,))
    world = world_with(replace(INSURER, dispositions=(stop, boss), max_codes=2))
    interface: Interface = build(world)
    call_id = talk(world)
    hang_up(world, call_id)
    panel = interface.window.sheet.wrap_up
    assert not panel.effects.isVisible()
    world.desk.wrapping_up.choose_codes(call_id, ("stop", "boss"))
    world.run()
    assert (
        panel.effects.text()
        == "number is never called again · has the case closed in the CRM · goes to the team lead"
    )
    panel.save.click()
    world.run()
    assert world.store.deliveries[0].log.actions == ("do_not_call", "close_case", "escalate")
    assert world.desk.calling.forbids("+493012345678", INSURER.id)


def test_many_questions_get_the_room_and_the_customer_a_tab(build: Build) -> None:
    asked = tuple(FormField(f"q{number}", f"Question {number}") for number in range(3))
    world = world_with(replace(INSURER, fields=asked))
    interface = build(world)
    window = interface.window
    call_id = talk(world)
    assert window.sheet.customer.isVisible()
    hang_up(world, call_id)
    assert window.sheet.wrap_up.isVisible()
    assert not window.sheet.customer.isVisible()
    window.tabs.buttons[Tab.CUSTOMER].click()
    assert window.sheet.customer.isVisible()
    window.tabs.buttons[Tab.NOTES].click()
    world.desk.wrapping_up.choose_code(call_id, "solved")
    assert world.desk.wrapping_up.save(call_id)
    world.run()
    talk(world, "next")
    assert window.sheet.customer.isVisible()
    assert window.sheet.wrap_up.isVisible()
