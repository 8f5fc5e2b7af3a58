"""Whether a call is recorded, and the pause, as the agent meets them in the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from softphone.domain.ids import CallId
from softphone.domain.recording import RecordingPolicy, RecordingRules
from softphone.ui.calls import recording_line
from softphone.ui.calls.recording_line import RecordingLine
from tests.fakes.world import INSURER, SETTINGS, World
from tests.ui.conftest import ENGLISH, Build

RECORDED = RecordingRules(RecordingPolicy.RECORDED, pause_code="*61", resume_code="*62", say="We record.")


@pytest.fixture(autouse=True)
def no_double_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_line, "AFTER_CHANGE_MS", 0)


def world_with(rules: RecordingRules) -> World:
    return World(replace(SETTINGS, campaigns=(replace(INSURER, recording=rules),), window=ENGLISH))


def ring(world: World) -> CallId:
    call_id = world.phone.ring("one", headers=(("X-Queue", "claims"),))
    world.run()
    return call_id


def talk(world: World) -> CallId:
    call_id = ring(world)
    world.desk.calling.answer(call_id)
    world.run()
    return call_id


def shown(line: RecordingLine) -> tuple[str, str]:
    return line.text.text(), line.button.text() if line.button.isVisible() else ""


def test_the_ringing_card_says_that_it_is_recorded_and_what_to_announce(build: Build) -> None:
    world = world_with(RECORDED)
    line = build(world).window.stage.ringing.recording
    ring(world)
    assert shown(line) == ("This call is recorded", "")
    assert line.say.text() == "Say: We record."


def test_the_ringing_card_says_that_it_is_not_recorded(build: Build) -> None:
    world = world_with(RecordingRules(RecordingPolicy.NOT_RECORDED))
    line = build(world).window.stage.ringing.recording
    ring(world)
    assert shown(line) == ("This call is not recorded", "")


def test_where_nothing_is_stated_nothing_is_said(build: Build) -> None:
    world = world_with(RecordingRules())
    window = build(world).window
    talk(world)
    assert not window.stage.talking.recording.isVisible()


def test_a_click_pauses_the_time_of_the_pause_counts_and_another_resumes(build: Build) -> None:
    world = world_with(RECORDED)
    interface = build(world)
    line = interface.window.stage.talking.recording
    talk(world)
    assert shown(line) == ("This call is recorded", "Pause")
    assert line.button.accessibleName() == "Pause recording"
    line.button.click()
    world.clock.advance(42)
    interface.rendering.tick()
    assert shown(line) == ("Recording paused for 0:42: the telephone system was asked to pause", "Resume")
    line.button.click()
    world.run()
    assert shown(line) == ("Recorded again: the telephone system was asked to resume", "Pause")
    assert [command[1] for command in world.phone.sent("send_dtmf")] == ["*61", "*62"]


def test_the_key_pauses_from_wherever_the_agent_types(build: Build, qtbot: QtBot) -> None:
    world = world_with(RECORDED)
    window = build(world).window
    talk(world)
    field = window.dial.field
    qtbot.waitUntil(window.isActiveWindow)
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(field, Qt.Key.Key_R, modifiers)
    world.run()
    assert window.stage.talking.recording.button.text() == "Resume"


def test_the_second_half_of_a_double_click_does_not_undo_the_pause(
    build: Build, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_with(RECORDED)
    line = build(world).window.stage.talking.recording
    talk(world)
    monkeypatch.setattr(recording_line, "AFTER_CHANGE_MS", 60_000)
    for _ in range(2):
        qtbot.mouseClick(line.button, Qt.MouseButton.LeftButton)
        world.run()
    assert [command[1] for command in world.phone.sent("send_dtmf")] == ["*61"]
