"""The volume sliders: heard while they are dragged, written down when they are let go."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from softphone.domain.audio import AudioChoice, AudioRole, AudioState
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.sound import present_roles
from softphone.ui.presenters.wording import Wording
from softphone.ui.settings.sound_page import SoundPage
from softphone.ui.theme.look import Look


@pytest.fixture
def page(qapp: QApplication, wording: Wording) -> SoundPage:
    kit = Kit(Look(qapp), wording)
    return SoundPage(kit, present_roles(wording, AudioChoice(), AudioState()))


def test_dragging_is_heard_and_only_letting_go_is_kept(page: SoundPage) -> None:
    tried: list[float] = []
    kept: list[float] = []
    page.volume_tried.connect(lambda _role, db: tried.append(db))
    page.volume_set.connect(lambda _role, db: kept.append(db))
    slider = page.rows[AudioRole.SPEAKER].gain
    slider.setSliderDown(True)
    for db in (-1, -2, -3):
        slider.setValue(db)
    assert (tried, kept) == ([-1.0, -2.0, -3.0], [])
    slider.setSliderDown(False)
    assert kept == [-3.0]


def test_a_key_or_the_wheel_keeps_at_once(page: SoundPage) -> None:
    kept: list[tuple[str, float]] = []
    page.volume_set.connect(lambda role, db: kept.append((role, db)))
    page.rows[AudioRole.MICROPHONE].gain.setValue(-4)
    assert kept == [(AudioRole.MICROPHONE, -4.0)]
