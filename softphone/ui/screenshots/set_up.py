"""Scenes about being set up by the company."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from softphone.domain.audio import AudioDevice, AudioState
from softphone.domain.events import AudioChanged
from softphone.ui.main import Interface
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import AUDIO
from softphone.ui.settings.dialog import SettingsDialog
from softphone.ui.settings.setting_up import AddressDialog


def address(_world: ExampleDesk, interface: Interface) -> QWidget:
    """What a company has sent, typed in."""
    dialog = AddressDialog(interface.kit, interface.window)
    dialog.place.setText("phones")
    dialog.accept()
    dialog.adjustSize()
    dialog.show()
    return dialog


def fixed_sound(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """Sound settings of which the company has fixed some."""
    world.register()
    world.happen(AudioChanged(AudioState()))
    world.fix("audio.microphone", "audio.noise_suppression", "audio.speaker_gain_db")
    interface.open_settings("audio")
    return interface.settings_window


def further_ringers(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """The settings scrolled down to what serves while the headset is away, and what rings besides."""
    world.register()
    screen = AudioDevice("DELL P2422HE", "WASAPI", 0, 2)
    world.happen(AudioChanged(replace(AUDIO, devices=(*AUDIO.devices, screen))))
    audio = world.desk.choosing_audio
    audio.choose(replace(audio.choice, also_ring_on=(screen.key,)))
    world.happen(AudioChanged(replace(AUDIO, devices=(*AUDIO.devices, screen))))
    interface.open_settings("audio")
    window = interface.settings_window
    if isinstance(window, SettingsDialog):
        window.scroll_to(window.sound.ringers)
    return window


def fixed_account(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """An account that the company has brought."""
    world.register()
    account = world.desk.configuring.settings.accounts[0]
    world.fix(*(f"accounts.{account.id}.{name}" for name in ("server", "user", "transport")))
    world.be_set_up()
    interface.open_settings("account")
    return interface.settings_window
