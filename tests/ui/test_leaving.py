"""Quitting asks before it costs a call or words that are not on disk, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from softphone.domain.ids import CallId
from softphone.domain.store_trouble import StoreTrouble
from softphone.ui.leaving import may_quit
from softphone.ui.main import Interface
from tests.fakes.world import World

Press = Callable[[int], list[str]]


@pytest.fixture
def press(qapp: QApplication) -> Iterator[Press]:
    """Presses that button, first or second, of the next question; the returned list gets its text."""
    timer = QTimer()

    def prepare(button: int) -> list[str]:
        asked: list[str] = []

        def look() -> None:
            for box in (w for w in qapp.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()):
                asked.append(box.text())
                box.buttons()[button].click()

        timer.timeout.connect(look)
        timer.start(5)
        return asked

    yield prepare
    timer.stop()


def talking(world: World) -> CallId:
    call = world.phone.ring(headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call)
    world.run()
    return call


def locked_out(world: World) -> None:
    """The database works in memory only."""
    world.store.open_trouble = StoreTrouble.KEY_STORE_LOCKED
    world.store.open()
    world.run()


def quits(interface: Interface) -> bool:
    return may_quit(interface.kit, interface.desk, interface.window)


@pytest.mark.parametrize(("button", "leaves"), [(0, False), (1, True)])
def test_a_running_call_is_ended_only_after_a_question(
    build: Callable[[World], Interface], world: World, press: Press, button: int, leaves: bool
) -> None:
    interface = build(world)
    talking(world)
    asked = press(button)
    assert quits(interface) is leaves
    assert asked == ["Quitting ends the call."]


@pytest.mark.parametrize(("button", "leaves"), [(0, False), (1, True)])
def test_words_that_are_in_memory_only_are_lost_only_after_a_question(
    build: Callable[[World], Interface], world: World, press: Press, button: int, leaves: bool
) -> None:
    interface = build(world)
    locked_out(world)
    call = talking(world)
    world.desk.wrapping_up.type_notes(call, "wants a paper form")
    world.phone.end(call)
    world.run()
    asked = press(button)
    assert quits(interface) is leaves
    assert asked == ["Outcomes or notes are not on disk. Quitting loses them and ends a running call."]


def test_a_missing_outcome_that_is_kept_on_disk_needs_no_question(
    build: Callable[[World], Interface], world: World, press: Press
) -> None:
    interface = build(world)
    call = talking(world)
    world.desk.wrapping_up.type_notes(call, "wants a paper form")
    world.phone.end(call)
    world.run()
    asked = press(0)
    assert quits(interface)
    assert asked == []
