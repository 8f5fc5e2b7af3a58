"""Settings: which device serves what, how loud, and whether anything is heard."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from softphone.domain.audio import AudioChoice, AudioRole
from softphone.ui.parts.button import Button
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import IconLabel, TextLabel
from softphone.ui.parts.level_meter import LevelMeter
from softphone.ui.parts.tick import Tick
from softphone.ui.presenters.further_devices import FallbackView, RingerOption
from softphone.ui.presenters.sound import LOUDEST_DB, QUIETEST_DB, RoleView
from softphone.ui.settings.further_devices import FallbackRow, FurtherRingers
from softphone.ui.settings.locks import show_lock
from softphone.ui.settings.sound_trial_block import SoundTrialBlock
from softphone.ui.theme.tokens import Size, Space

_STRONG = "strong_noise_suppression"
_PROCESSING = ("echo_cancelling", "noise_suppression", _STRONG, "automatic_gain", "side_tone")


class RoleRow(QWidget):
    """One role: device, volume, and a meter where there is something to measure."""

    picked = Signal(str, str)
    volume = Signal(str, float)
    volume_tried = Signal(str, float)

    def __init__(self, kit: Kit, role: AudioRole, label: str) -> None:
        super().__init__()
        self._kit = kit
        self.role = role
        self.device = Choice(kit, f"device_{role}", label)
        # a long name is cut off: nobody scrolls sideways for the meter
        self.device.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.gain = QSlider(Qt.Orientation.Horizontal)
        self.gain.setObjectName(f"gain_{role}")
        self.gain.setRange(QUIETEST_DB, LOUDEST_DB)
        self.gain.setPageStep(5)
        self.gain.setAccessibleName(kit.t("Volume: {what}", what=label))
        self.meter = LevelMeter(kit, kit.t("Level: {what}", what=label))
        self._in_use = TextLabel("caption")
        self.fallback = FallbackRow(kit, role, label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.TIGHT))
        heading = TextLabel("label", label)
        heading.setBuddy(self.device)
        loudness = QHBoxLayout()
        loudness.setSpacing(kit.px(Space.MEDIUM))
        loudness.addWidget(_caption(kit.t("Volume")))
        loudness.addWidget(self.gain, 1)
        self.gain_lock = IconLabel(kit.px(Size.ICON_SMALL))
        self.gain_lock.show_icon(kit.icon("lock", "text_muted"))
        self.gain_lock.hide()
        loudness.addWidget(self.gain_lock)
        if role is not AudioRole.RINGER:
            loudness.addWidget(_caption(kit.t("Level")))
            loudness.addWidget(self.meter, 1)
        column.addWidget(heading)
        column.addWidget(self.device)
        column.addWidget(self._in_use)
        column.addWidget(self.fallback)
        column.addLayout(loudness)
        self.device.activated.connect(lambda _i: self.picked.emit(self.role, self.device.currentData()))
        self.gain.valueChanged.connect(self._moved)
        self.gain.sliderReleased.connect(lambda: self.volume.emit(self.role, float(self.gain.value())))

    def _moved(self, db: int) -> None:
        dragged = self.gain.isSliderDown()
        (self.volume_tried if dragged else self.volume).emit(self.role, float(db))

    def lock_gain(self, why: str) -> None:
        """Somebody else has fixed the volume; `why` says who, and is empty when nobody has."""
        show_lock(self._kit, self.gain, why)
        self.gain_lock.setVisible(bool(why))
        self.gain_lock.setToolTip(why)

    def show_view(self, view: RoleView) -> None:
        with QSignalBlocker(self.device), QSignalBlocker(self.gain):
            self.device.clear()
            for place, option in enumerate(view.options):
                self.device.addItem(option.label, option.key)
                self.device.setItemData(place, option.label, Qt.ItemDataRole.ToolTipRole)
            self.device.setCurrentIndex(max(0, self.device.findData(view.chosen)))
            if not self.gain.isSliderDown():
                self.gain.setValue(round(view.gain_db))
        self._in_use.show_text(view.in_use)


def _caption(text: str) -> TextLabel:
    label = TextLabel("caption", text)
    label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return label


class SoundPage(QWidget):
    """Intents: `device_picked` (role, key), `volume_tried` while a slider is dragged and `volume_set` once it
    stays (role, dB), `processing_set` (field, on), `fallback_picked` (role, key), `refreshed`; `ringers` has
    its own."""

    device_picked = Signal(str, str)
    volume_set = Signal(str, float)
    volume_tried = Signal(str, float)
    processing_set = Signal(str, bool)
    fallback_picked = Signal(str, str)
    refreshed = Signal()

    def __init__(self, kit: Kit, roles: tuple[RoleView, ...]) -> None:
        super().__init__()
        self._kit = kit
        self.rows = {view.role: RoleRow(kit, view.role, view.label) for view in roles}
        self.processing = {
            "echo_cancelling": Tick(kit, "echo_cancelling", kit.t("Cancel the echo of the speaker")),
            "noise_suppression": Tick(kit, "noise_suppression", kit.t("Suppress noise around me")),
            _STRONG: Tick(
                kit,
                _STRONG,
                kit.t("Suppress typing and barking too"),
            ),
            "automatic_gain": Tick(kit, "automatic_gain", kit.t("Keep my voice at one loudness")),
            "side_tone": Tick(kit, "side_tone", kit.t("Let me hear my own voice quietly")),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.LARGE))
        for row in self.rows.values():
            row.picked.connect(self.device_picked)
            row.volume.connect(self.volume_set)
            row.volume_tried.connect(self.volume_tried)
            row.fallback.picked.connect(self.fallback_picked)
            column.addWidget(row)
        self.ringers = FurtherRingers(kit)
        column.addWidget(self.ringers)
        for field, box in self.processing.items():
            box.toggled.connect(lambda on, name=field: self.processing_set.emit(name, on))
            column.addWidget(box)
        self.trial = SoundTrialBlock(kit)
        column.addWidget(self.trial)
        again = Button(kit, kit.t("Look for devices again"), self.refreshed.emit, icon="retry", kind="quiet")
        column.addWidget(again, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch()

    def show_view(self, roles: tuple[RoleView, ...], choice: AudioChoice) -> None:
        for view in roles:
            self.rows[view.role].show_view(view)
        for field in _PROCESSING:
            box = self.processing[field]
            with QSignalBlocker(box):
                box.setChecked(bool(getattr(choice, field)))
        self.processing[_STRONG].setVisible(choice.noise_suppression)

    def show_further(
        self, fallbacks: dict[AudioRole, FallbackView], ringers: tuple[RingerOption, ...]
    ) -> None:
        """What stands behind the preferred device of each role, and what rings besides."""
        for role, fallback in fallbacks.items():
            self.rows[role].fallback.show_view(fallback)
        self.ringers.show_view(ringers)

    def show_levels(self, microphone_dbfs: float, speaker_dbfs: float) -> None:
        self.rows[AudioRole.MICROPHONE].meter.show_level(microphone_dbfs)
        self.rows[AudioRole.SPEAKER].meter.show_level(speaker_dbfs)
