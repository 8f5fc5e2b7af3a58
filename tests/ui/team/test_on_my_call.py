"""What the agent sees of a lead on the call, and the help button."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from softphone.domain.supervision import Notice, SupervisionMode
from softphone.domain.team_events import MessageAnswered
from softphone.domain.team_settings import TeamSettings
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button
from tests.fakes.world import SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

WHISPER, TAKE_OVER = SupervisionMode.WHISPER, SupervisionMode.TAKE_OVER


def talking(
    build: Build, notice: Notice = Notice.BADGE, leads: tuple[str, ...] = ("7900",)
) -> tuple[World, Interface]:
    world = World(replace(SETTINGS, window=ENGLISH, team=TeamSettings(leads=leads, notice=notice)))
    interface = build(world)
    call_id = world.phone.ring("one")
    world.run()
    world.desk.calling.answer(call_id)
    world.run()
    return world, interface


def badges(interface: Interface) -> list[str]:
    labels: list[QLabel] = interface.window.stage.talking.findChildren(QLabel, "supervisor_badge")
    return [label.text() for label in labels if label.isVisible()]


def press(qtbot: QtBot, button: Button) -> None:
    qtbot.waitUntil(lambda: button.isVisible() and not button.inert)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("notice", [Notice.BADGE, Notice.BADGE_AND_TONE])
def test_the_card_says_who_is_on_the_call_and_how(qtbot: QtBot, build: Build, notice: Notice) -> None:
    world, interface = talking(build, notice)
    lead = world.team.arrive()
    world.run()
    qtbot.waitUntil(lambda: badges(interface) == ["Team Lead listens"])
    world.team.change(lead, WHISPER)
    world.run()
    qtbot.waitUntil(lambda: badges(interface) == ["Team Lead whispers to you"])
    world.team.change(lead, TAKE_OVER)
    world.run()
    qtbot.waitUntil(lambda: badges(interface) == ["Team Lead has taken over"])
    world.team.leave(lead)
    world.run()
    assert badges(interface) == []


def test_a_silent_lead_leaves_no_trace_on_the_card(build: Build) -> None:
    world, interface = talking(build, Notice.SILENT)
    world.team.arrive()
    world.run()
    assert badges(interface) == []
    assert not interface.window.question.isVisible()


@pytest.mark.parametrize("allowed", [True, False])
def test_a_lead_who_must_ask_waits_for_the_agents_word(qtbot: QtBot, build: Build, *, allowed: bool) -> None:
    world, interface = talking(build, Notice.ASK)
    lead = world.team.arrive(asks=True)
    world.run()
    question = interface.window.question
    assert question.isVisible()
    assert question.text.text() == "Team Lead wants to join this call: Listen"
    assert badges(interface) == []
    press(qtbot, question.allow if allowed else question.refuse)
    world.run()
    assert world.team.let_in == [(lead, allowed)]
    assert not question.isVisible()
    qtbot.waitUntil(lambda: badges(interface) == (["Team Lead listens"] if allowed else []))


def test_the_question_moves_nothing_on_the_stage(build: Build) -> None:
    world, interface = talking(build, Notice.ASK)
    window = interface.window
    places = [window.agent, window.stage, window.stage.talking.hang_up, window.tabs]
    before = [part.geometry() for part in places]
    world.team.arrive(asks=True)
    world.run()
    assert [part.geometry() for part in places] == before


def test_without_a_lead_to_ask_there_is_no_help_button(build: Build) -> None:
    _world, interface = talking(build, leads=())
    assert not interface.window.stage.talking.help.isVisible()


def test_help_is_asked_for_with_a_reason_of_the_list_and_taken_back(qtbot: QtBot, build: Build) -> None:
    world, interface = talking(build)
    press(qtbot, interface.window.stage.talking.help)
    drawer = interface.window.help
    reasons = [b for b in drawer.findChildren(Button, "help_reason_button") if b.isVisible()]
    press(qtbot, reasons[0])
    world.run()
    assert [(target, reason, over) for _id, target, reason, over in world.team.messages] == [
        ("7900", "Angry caller", False)
    ]
    status = drawer.findChild(QLabel, "help_status")
    assert isinstance(status, QLabel)
    assert status.text() == "1 team lead has it."
    assert interface.window.stage.talking.help.text() == "Help asked"
    press(qtbot, drawer.back)
    world.run()
    assert world.team.messages[-1][3] is True
    assert interface.window.stage.talking.help.text() == "Help"


def test_help_is_asked_for_in_ones_own_words_by_the_keyboard_alone(qtbot: QtBot, build: Build) -> None:
    world, interface = talking(build)
    interface.window.activateWindow()
    qtbot.waitUntil(lambda: not interface.window.stage.talking.help.inert)
    qtbot.keyClick(interface.window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    drawer = interface.window.help
    assert drawer.isVisible()
    qtbot.keyClicks(drawer.field, "contract of 1998")
    qtbot.keyClick(drawer.field, Qt.Key.Key_Return)
    world.run()
    assert world.team.messages[0][2] == "contract of 1998"


def test_help_that_reaches_nobody_says_so(qtbot: QtBot, build: Build) -> None:
    world, interface = talking(build)
    world.team.obedient = False
    press(qtbot, interface.window.stage.talking.help)
    interface.window.help.asked.emit("complaint")
    world.post(MessageAnswered(world.team.messages[0][0], 480))
    world.run()
    status = interface.window.help.findChild(QLabel, "help_status")
    assert isinstance(status, QLabel)
    assert status.text() == "No team lead could be reached."
