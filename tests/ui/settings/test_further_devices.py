"""What stands behind the preferred devices, and what rings besides."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioState
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.further_devices import (
    present_fallback,
    present_further_ringers,
    with_fallback,
    with_further_ringer,
)
from softphone.ui.presenters.sound import present_roles
from softphone.ui.presenters.wording import Wording
from softphone.ui.settings.sound_page import SoundPage
from softphone.ui.theme.look import Look

JABRA = AudioDevice("Jabra", "Test", 1, 2)
LAPTOP = AudioDevice("Laptop", "Test", 1, 2, default_input=True, default_output=True)
SCREEN = AudioDevice("Screen", "Test", 0, 2)
STATE = AudioState(JABRA.key, JABRA.key, LAPTOP.key, devices=(JABRA, LAPTOP, SCREEN))
CHOICE = AudioChoice(JABRA.key, JABRA.key, LAPTOP.key)


@pytest.fixture
def page(qapp: QApplication, wording: Wording) -> SoundPage:
    page = SoundPage(Kit(Look(qapp), wording), present_roles(wording, CHOICE, STATE))
    show(page, wording, CHOICE)
    return page


def show(page: SoundPage, wording: Wording, choice: AudioChoice) -> None:
    fallbacks = {role: present_fallback(wording, role, choice, STATE) for role in AudioRole}
    page.show_further(fallbacks, present_further_ringers(wording, choice, STATE))


def test_the_preferred_device_is_not_offered_as_its_own_fallback(wording: Wording) -> None:
    view = present_fallback(wording, AudioRole.MICROPHONE, CHOICE, STATE)
    assert [option.key for option in view.options] == ["", LAPTOP.key]
    assert view.offered


def test_nothing_stands_behind_the_systems_default(wording: Wording) -> None:
    assert not present_fallback(wording, AudioRole.SPEAKER, AudioChoice(), STATE).offered


def test_a_fallback_that_is_away_stays_chosen_and_says_so(wording: Wording) -> None:
    choice = with_fallback(CHOICE, AudioRole.SPEAKER, "Test: Old headset")
    view = present_fallback(wording, AudioRole.SPEAKER, choice, STATE)
    assert view.chosen == "Test: Old headset"
    assert view.options[-1].label == "Old headset (not connected)"


def test_everything_that_plays_can_ring_besides_the_ringer(wording: Wording) -> None:
    choice = with_further_ringer(CHOICE, SCREEN.key, True, STATE.devices)
    options = present_further_ringers(wording, choice, STATE)
    assert [(option.label, option.rings) for option in options] == [("Jabra", False), ("Screen", True)]
    assert with_further_ringer(choice, SCREEN.key, False, STATE.devices) == CHOICE


def test_a_device_named_by_it_without_its_sound_system_can_be_switched_off(wording: Wording) -> None:
    choice = AudioChoice(also_ring_on=("Screen",))
    assert present_further_ringers(wording, choice, STATE)[-1].rings
    assert with_further_ringer(choice, SCREEN.key, False, STATE.devices).also_ring_on == ()


def test_two_devices_of_one_model_are_switched_each_for_itself(wording: Wording) -> None:
    twins = tuple(AudioDevice(f"Jabra: USB Audio (hw:{card},0)", "ALSA", 1, 2) for card in (1, 2))
    first, second = twins
    state = AudioState(LAPTOP.key, LAPTOP.key, LAPTOP.key, devices=(LAPTOP, *twins))
    both = with_further_ringer(AudioChoice(also_ring_on=(first.key,)), second.key, True, state.devices)
    assert [option.rings for option in present_further_ringers(wording, both, state)] == [True, True]
    assert with_further_ringer(both, first.key, False, state.devices).also_ring_on == (second.key,)


def test_a_further_ringer_at_another_port_is_switched_off_under_its_new_number() -> None:
    choice, now = (
        AudioChoice(also_ring_on=("ALSA: Jabra (hw:1,0)",)),
        AudioDevice("Jabra (hw:3,0)", "ALSA", 1, 2),
    )
    assert with_further_ringer(choice, now.key, False, (now,)).also_ring_on == ()


def test_a_further_ringer_that_is_away_is_still_listed(wording: Wording) -> None:
    choice = with_further_ringer(CHOICE, "Test: Beamer", True, STATE.devices)
    last = present_further_ringers(wording, choice, STATE)[-1]
    assert (last.label, last.rings) == ("Beamer (not connected)", True)


def test_a_tick_tells_which_device_shall_ring_too(page: SoundPage) -> None:
    told: list[tuple[str, bool]] = []
    page.ringers.switched.connect(lambda key, on: told.append((key, on)))
    page.ringers.ticks[SCREEN.key].click()
    assert told == [(SCREEN.key, True)]


def test_choosing_a_fallback_tells_its_role(page: SoundPage) -> None:
    told: list[tuple[str, str]] = []
    page.fallback_picked.connect(lambda role, key: told.append((role, key)))
    row = page.rows[AudioRole.MICROPHONE].fallback
    row.device.setCurrentIndex(1)
    row.device.activated.emit(1)
    assert told == [(AudioRole.MICROPHONE, LAPTOP.key)]


def test_a_list_that_is_shown_again_keeps_its_ticks_under_the_fingers(
    page: SoundPage, wording: Wording
) -> None:
    tick = page.ringers.ticks[SCREEN.key]
    show(page, wording, with_further_ringer(CHOICE, SCREEN.key, True, STATE.devices))
    assert page.ringers.ticks[SCREEN.key] is tick
    assert tick.isChecked()
