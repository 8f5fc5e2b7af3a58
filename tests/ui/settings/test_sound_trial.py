"""The settings' sound page tries the devices out."""

from __future__ import annotations

import pytest

from softphone.domain.audio import SoundTest, SoundTestPhase, SoundTrial
from softphone.domain.events import SoundTestChanged
from softphone.ui.main import Interface
from softphone.ui.presenters.sound_trial import present_trial
from softphone.ui.presenters.wording import Wording
from softphone.ui.settings.dialog import SettingsDialog
from softphone.ui.theme.tokens import Tone
from tests.fakes.world import World


@pytest.fixture
def dialog(interface: Interface, world: World) -> SettingsDialog:
    interface.open_settings("audio")
    world.run()
    assert isinstance(interface.settings_window, SettingsDialog)
    return interface.settings_window


def asked_for(world: World) -> list[object]:
    return [command[1] for command in world.phone.commands if command[0] == "start_sound_test"]


def test_looking_at_the_sound_page_opens_the_microphone_for_the_meter_and_leaving_closes_it(
    dialog: SettingsDialog, world: World
) -> None:
    assert asked_for(world) == [SoundTest.LISTEN]
    dialog.close()
    world.run()
    assert world.phone.commands[-1] == ("stop_sound_test",)


def test_a_test_is_begun_by_its_button_and_ended_by_the_same(dialog: SettingsDialog, world: World) -> None:
    button = dialog.sound.trial.buttons[SoundTest.RECORD]
    button.click()
    world.run()
    assert world.desk.trying_sound.trial.test is SoundTest.RECORD
    assert button.isChecked()
    button.click()
    world.run()
    assert asked_for(world)[-2:] == [SoundTest.RECORD, SoundTest.LISTEN]  # the meter goes on


def test_what_was_heard_is_said_when_the_test_is_over(dialog: SettingsDialog, world: World) -> None:
    world.post(SoundTestChanged(SoundTrial(SoundTest.RECORD, SoundTestPhase.PLAYING, -70.0)))
    world.post(SoundTestChanged(SoundTrial()))
    world.run()
    assert dialog.sound.trial.words.text().startswith("The microphone heard nothing.")


@pytest.mark.parametrize("test", [SoundTest.RECORD, SoundTest.NOISE, SoundTest.ECHO])
def test_a_test_that_a_call_breaks_off_says_nothing_about_the_microphone(
    dialog: SettingsDialog, world: World, test: SoundTest
) -> None:
    world.post(SoundTestChanged(SoundTrial(test, SoundTestPhase.LISTENING, -96.0)))
    world.run()
    world.phone.ring("caller")
    world.post(SoundTestChanged(SoundTrial()))
    world.run()
    assert dialog.sound.trial.words.text() == "Not while you have a call."
    assert world.desk.trying_sound.heard is None  # nor afterwards


def test_nothing_can_be_tried_during_a_call(dialog: SettingsDialog, world: World) -> None:
    world.phone.ring("caller")
    world.run()
    assert not any(button.isEnabled() for button in dialog.sound.trial.buttons.values())


@pytest.mark.parametrize(
    ("peak_dbfs", "tone"),
    [(-96.0, Tone.DANGER), (-45.0, Tone.WARNING), (-14.0, Tone.GOOD), (0.0, Tone.WARNING)],
)
def test_the_verdict_follows_the_loudness(wording: Wording, peak_dbfs: float, tone: Tone) -> None:
    words, told = present_trial(wording, SoundTrial(), SoundTrial(SoundTest.ECHO, peak_dbfs=peak_dbfs))
    assert words
    assert told is tone
