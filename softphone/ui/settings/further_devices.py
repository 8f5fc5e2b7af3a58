"""Settings, Sound: the devices behind the first choice."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from softphone.domain.audio import AudioRole
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.parts.tick import Tick
from softphone.ui.presenters.further_devices import FallbackView, RingerOption
from softphone.ui.theme.tokens import Space


class FallbackRow(QWidget):
    """What serves while the preferred device is not connected. Intent: `picked` (role, key)."""

    picked = Signal(str, str)

    def __init__(self, kit: Kit, role: AudioRole, label: str) -> None:
        super().__init__()
        self.device = Choice(kit, f"fallback_{role}", kit.t("If it is not connected: {what}", what=label))
        # a long name may be cut off
        self.device.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(kit.px(Space.MEDIUM))
        row.addWidget(TextLabel("caption", kit.t("If it is not connected")))
        row.addWidget(self.device, 1)
        self.device.activated.connect(lambda _i: self.picked.emit(role, self.device.currentData()))

    def show_view(self, view: FallbackView) -> None:
        with QSignalBlocker(self.device):
            self.device.clear()
            for place, option in enumerate(view.options):
                self.device.addItem(option.label, option.key)
                self.device.setItemData(place, option.label, Qt.ItemDataRole.ToolTipRole)
            self.device.setCurrentIndex(max(0, self.device.findData(view.chosen)))
        self.setVisible(view.offered)


class FurtherRingers(QWidget):
    """Devices that ring together with the ringer. Intent: `switched` (key, on)."""

    switched = Signal(str, bool)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self.ticks: dict[str, Tick] = {}
        self._shown: tuple[RingerOption, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(kit.px(Space.TIGHT))
        self._column.addWidget(TextLabel("caption", kit.t("Also ring on")))
        self.hide()

    def show_view(self, options: tuple[RingerOption, ...]) -> None:
        if options != self._shown:
            self._shown = options
            self._renew(options)
        self.setVisible(bool(options))

    def _renew(self, options: tuple[RingerOption, ...]) -> None:
        if [option.key for option in options] != list(self.ticks):
            for tick in self.ticks.values():
                self._column.removeWidget(tick)
                tick.deleteLater()
            self.ticks = {option.key: self._tick(option) for option in options}
        for option in options:
            tick = self.ticks[option.key]
            with QSignalBlocker(tick):
                tick.setText(option.label)
                tick.setChecked(option.rings)

    def _tick(self, option: RingerOption) -> Tick:
        tick = Tick(self._kit, f"also_ring_on_{option.key}", option.label)
        tick.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        tick.setToolTip(option.label)
        tick.setAccessibleName(self._kit.t("Also ring on {device}", device=option.label))
        tick.toggled.connect(lambda on: self.switched.emit(option.key, on))
        self._column.addWidget(tick)
        return tick
