"""Settings: language, colours, and how the window behaves when it rings."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.domain.settings import Theme, WindowSettings
from softphone.ui.parts.choice import Choice
from softphone.ui.parts.kit import Kit
from softphone.ui.parts.label import TextLabel
from softphone.ui.parts.tick import Tick
from softphone.ui.theme.tokens import Space
from softphone.ui.words import LANGUAGES


class WindowPage(QWidget):
    """Intent: `changed` with the new `WindowSettings`."""

    changed = Signal(object)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.theme = Choice(kit, "theme", kit.t("Colours"))
        self.language = Choice(kit, "language", kit.t("Language"))
        for theme, text in (
            (Theme.SYSTEM, kit.t("As the system has it")),
            (Theme.LIGHT, kit.t("Light")),
            (Theme.DARK, kit.t("Dark")),
        ):
            self.theme.addItem(text, theme)
        self.language.addItem(kit.t("As the system has it"), "")
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self.raise_on_call = Tick(kit, "raise_on_call", kit.t("Show the window when a call comes in"))
        self.open_record = Tick(
            kit, "open_record_on_answer", kit.t("Open the customer's record when I answer")
        )
        for box in (self.raise_on_call, self.open_record):
            box.toggled.connect(lambda _on: self._emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(kit.px(Space.SMALL))
        for field in (self.language, self.theme):
            heading = TextLabel("label", field.accessibleName())
            heading.setBuddy(field)
            column.addWidget(heading)
            column.addWidget(field)
            field.activated.connect(lambda _i: self._emit())
        column.addSpacing(kit.px(Space.MEDIUM))
        column.addWidget(self.raise_on_call)
        column.addWidget(self.open_record)
        column.addStretch()

    def show_settings(self, settings: WindowSettings) -> None:
        boxes = (self.theme, self.language, self.raise_on_call, self.open_record)
        blockers = [QSignalBlocker(box) for box in boxes]
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        self.language.setCurrentIndex(max(0, self.language.findData(settings.language)))
        self.raise_on_call.setChecked(settings.raise_on_call)
        self.open_record.setChecked(settings.open_record_on_answer)
        blockers.clear()

    def _emit(self) -> None:
        self.changed.emit(
            WindowSettings(
                Theme(self.theme.currentData()),
                str(self.language.currentData()),
                self.raise_on_call.isChecked(),
                self.open_record.isChecked(),
            )
        )
