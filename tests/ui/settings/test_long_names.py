"""Sound devices whose names are longer than the window is wide."""

from __future__ import annotations

from softphone.domain.audio import AudioChoice, AudioDevice, AudioRole, AudioState
from softphone.domain.events import AudioChanged
from softphone.ui.main import Interface
from softphone.ui.settings.dialog import SettingsDialog
from tests.fakes.world import World

HEADSET = AudioDevice("אוזניות של המשרד (2- Jabra Evolve2 65)" * 3, "Windows WASAPI", 1, 2, True, True)
SPEAKERS = AudioDevice("Speakers (Realtek High Definition Audio)" * 3, "Windows WASAPI", 0, 2)


def test_nobody_scrolls_sideways_for_a_long_name(interface: Interface, world: World) -> None:
    state = AudioState(HEADSET.key, HEADSET.key, HEADSET.key, devices=(HEADSET, SPEAKERS))
    world.desk.choosing_audio.choose(AudioChoice(HEADSET.key, HEADSET.key, also_ring_on=(SPEAKERS.key,)))
    interface.open_settings("audio")
    world.run()
    world.post(AudioChanged(state))
    world.run()
    assert isinstance(interface.settings_window, SettingsDialog)
    page = interface.settings_window.sound
    assert page.rows[AudioRole.MICROPHONE].device.itemText(1) == HEADSET.name
    assert page.minimumSizeHint().width() <= page.visibleRegion().boundingRect().width()
